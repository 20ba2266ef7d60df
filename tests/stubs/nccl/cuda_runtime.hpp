// What the stubs of CUDA's runtime and of NCCL share: how they are told to behave, and the streams and memory of a device.
#pragma once

#include "jetpinn/comm/cuda_runtime.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

namespace jetpinn::cuda {
struct StreamHandle {
  std::deque<std::function<bool()>> work;  // true: done
  std::int64_t given = 0, done = 0;
};
struct EventHandle {
  StreamHandle* stream = nullptr;
  std::int64_t at = 0;
  bool complete() const { return !stream || stream->done >= at; }
};
}  // namespace jetpinn::cuda

namespace jetpinn::stub {

// Held by every call of either library.
std::mutex& calls();

const char* setting(const char* name, const char* otherwise);  // of the environment
// Whether JETPINN_STUB_TROUBLE asks for "kind", or for "kind number" where number > 0.
bool trouble(const char* kind, int number = 0);

// Puts work on a stream.
void give(cuda::Stream stream, std::function<bool()> work);

// The pages of a device while work of a stream runs.
class OpenPages {
 public:
  explicit OpenPages(void* inside);
  ~OpenPages();

 private:
  char* begin_;
  std::size_t bytes_;
};

}  // namespace jetpinn::stub
