// Queues of devices as kernels and copies see them.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/stream.hpp"

#include <cstdint>

struct CUstream_st;  // what CUDA's cudaStream_t points at

namespace jetpinn {

// Between the host's memory and that of a device.
struct CopiedBytes {
  std::int64_t to_device = 0, to_host = 0;
};

// What orders the work of a device, whichever it is.
class DeviceQueue : public StreamQueue {
 public:
  CopiedBytes copied;  // so far
};

inline DeviceQueue& queue_of(Stream stream) {
  JETPINN_CHECK(stream.queue != nullptr, "work of a device on the host's stream");
  return static_cast<DeviceQueue&>(*stream.queue);
}

// A CUDA stream. runtime/cuda_device.hpp makes it; addresses of the device are plain here.
class CudaQueue : public DeviceQueue {
 public:
  virtual CUstream_st* native() = 0;
  virtual void count() = 0;  // one more piece of work was given to native()
  // `from` stays, and is left alone, until the stream has passed here.
  virtual void copy_to_device(const void* from, void* to, std::int64_t bytes) = 0;
  // `from` may be gone when it returns.
  virtual void copy_values_to_device(const void* from, void* to, std::int64_t bytes) = 0;
  virtual void copy_to_host(const void* from, void* to, std::int64_t bytes) = 0;
};

inline CudaQueue& cuda_queue_of(Stream stream) { return static_cast<CudaQueue&>(queue_of(stream)); }

// code: what a call of the CUDA runtime returned, a cudaError_t. Where it is no success throws Error (communication): a card
// that fails is lost as a rank is, and the run goes on from its last checkpoint. Builds with JETPINN_CUDA.
void check_cuda(int code, const char* what);

}  // namespace jetpinn
