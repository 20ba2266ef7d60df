// Queues of devices as kernels and copies see them.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/stream.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>

struct CUstream_st;  // what CUDA's cudaStream_t points at

namespace jetpinn {

// Between the host's memory and that of a device.
struct CopiedBytes {
  std::int64_t to_device = 0, to_host = 0;
};

// Work that was recorded instead of done, to be given to its queue as a whole, as often as is wanted. Kernels take the
// arguments that they were recorded with. Copies from the host take what is there when the graph is replayed; values that
// went along with their call are those of the recording, but for those of copy_made (kernels/launch.hpp). The graph's memory
// and what it reads on the host stay as long as it does.
class DeviceGraph {
 public:
  virtual ~DeviceGraph() = default;
  virtual void replay() = 0;
};

// Why a recording came to nothing: the host waited for the device in it, took memory of the device, or copied more there
// than was said.
class NotRecordable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What orders the work of a device, whichever it is.
class DeviceQueue : public StreamQueue {
 public:
  CopiedBytes copied;  // so far
  // Where it is set: told of each kernel that is given, whose work items are `extent`.
  std::function<void(const char* label, std::int64_t extent)> on_launch;

  static constexpr std::int64_t staged_alignment = 64;  // of each copy that a recording holds

  // From now on work is recorded, until one of the next two; `staged`: bytes that are copied from the host in it, each copy
  // rounded up to that, at most. Who waits meanwhile, or takes memory of the device, is thrown NotRecordable.
  virtual void begin_recording(std::int64_t staged) = 0;
  virtual std::unique_ptr<DeviceGraph> end_recording() = 0;  // throws NotRecordable; the recording has ended then, too
  virtual void drop_recording() noexcept = 0;                // where there is one
  // What the host does before the work that it gives next: at once, or, while a graph is recorded, before each replay.
  virtual void prepare(std::function<void()> part) = 0;
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
  // What make(values) writes: at once, or, while a graph is recorded, before each replay.
  virtual void copy_made_to_device(std::function<void(void*)> make, void* to, std::int64_t bytes) = 0;
  virtual void copy_to_host(const void* from, void* to, std::int64_t bytes) = 0;
};

inline CudaQueue& cuda_queue_of(Stream stream) { return static_cast<CudaQueue&>(queue_of(stream)); }

// code: what a call of the CUDA runtime returned, a cudaError_t. Where it is no success throws Error (communication): a card
// that fails is lost as a rank is, and the run goes on from its last checkpoint. Builds with JETPINN_CUDA.
void check_cuda(int code, const char* what);

}  // namespace jetpinn
