// CUDA's runtime without a GPU: streams, events, and memory that the host cannot touch. See nccl.cpp for what is strict in
// it.
#include "cuda_runtime.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace cuda = jetpinn::cuda;
namespace stub = jetpinn::stub;

namespace {

constexpr cuda::Status invalid_value = 1, no_memory = 2, no_device = 100;

// Never destroyed: a test program's own objects may end later.
struct Everything {
  std::mutex mutex;
  std::vector<cuda::Stream> streams;
  std::map<char*, std::size_t> device, pinned;
  std::int64_t copied = 0;
};
Everything& all() {
  static Everything* const everything = new Everything;
  return *everything;
}

// Always the latest that can go on, which takes what the others bring: who does not order streams by events notices.
void run_streams() {
  for (bool moved = true; moved;) {
    moved = false;
    for (auto place = all().streams.rbegin(); place != all().streams.rend() && !moved; ++place)
      for (const cuda::Stream stream = *place; !stream->work.empty() && stream->work.front()(); moved = true) {
        stream->work.pop_front();
        ++stream->done;
      }
  }
}

bool is_pinned(const void* from, std::size_t bytes) {
  for (const auto& [begin, length] : all().pinned)
    if (from >= begin && static_cast<const char*>(from) + bytes <= begin + length) return true;
  return false;
}

}  // namespace

namespace jetpinn::stub {

std::mutex& calls() { return all().mutex; }

const char* setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}
bool trouble(const char* kind, int number) {
  return setting("JETPINN_STUB_TROUBLE", "") == kind + (number > 0 ? " " + std::to_string(number) : std::string());
}

void give(cuda::Stream stream, std::function<bool()> work) {
  stream->work.push_back(std::move(work));
  ++stream->given;
}

OpenPages::OpenPages(void* inside) {
  auto block = all().device.upper_bound(static_cast<char*>(inside));
  if (block == all().device.begin()) std::abort();  // no memory of the device
  --block;
  begin_ = block->first, bytes_ = block->second;
  if (static_cast<char*>(inside) >= begin_ + bytes_) std::abort();
  mprotect(begin_, bytes_, PROT_READ | PROT_WRITE);
}
OpenPages::~OpenPages() { mprotect(begin_, bytes_, PROT_NONE); }

}  // namespace jetpinn::stub

extern "C" {

// For tests: bytes of the device and of pinned memory, and those that were copied between them so far.
std::int64_t jetpinn_stub_bytes() {
  std::size_t bytes = 0;
  for (const auto* blocks : {&all().device, &all().pinned})
    for (const auto& [begin, length] : *blocks) bytes += length;
  return static_cast<std::int64_t>(bytes);
}
std::int64_t jetpinn_stub_copied() { return all().copied; }

const char* cudaGetErrorString(cuda::Status status) {
  return status == no_device ? "no CUDA-capable device is detected" : status == no_memory ? "out of memory" : "stub error";
}
cuda::Status cudaGetDeviceCount(int* count) {
  *count = std::atoi(stub::setting("JETPINN_STUB_GPUS", "8"));
  return *count > 0 ? cuda::success : no_device;
}
cuda::Status cudaSetDevice(int) { return cuda::success; }
cuda::Status cudaDeviceGetPCIBusId(char* text, int length, int device) {
  std::snprintf(text, static_cast<std::size_t>(length), "0000:%02x:00.0", std::getenv("JETPINN_STUB_ONE_GPU") ? 0 : device);
  return cuda::success;
}
cuda::Status cudaMalloc(void** device, std::size_t bytes) {
  const std::lock_guard lock(stub::calls());
  if (stub::trouble("memory")) return no_memory;
  *device = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (*device == MAP_FAILED) return no_memory;
  all().device[static_cast<char*>(*device)] = bytes;
  return cuda::success;
}
cuda::Status cudaFree(void* device) {
  const std::lock_guard lock(stub::calls());
  munmap(device, all().device.at(static_cast<char*>(device)));
  all().device.erase(static_cast<char*>(device));
  return cuda::success;
}
cuda::Status cudaMallocHost(void** host, std::size_t bytes) {
  const std::lock_guard lock(stub::calls());
  *host = std::malloc(bytes);
  all().pinned[static_cast<char*>(*host)] = bytes;
  return cuda::success;
}
cuda::Status cudaFreeHost(void* host) {
  const std::lock_guard lock(stub::calls());
  all().pinned.erase(static_cast<char*>(host));
  std::free(host);
  return cuda::success;
}
cuda::Status cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cuda::CopyKind kind, cuda::Stream stream) {
  const std::lock_guard lock(stub::calls());
  const bool up = kind == cuda::host_to_device;
  if (!is_pinned(up ? from : to, bytes)) return invalid_value;
  all().copied += static_cast<std::int64_t>(bytes);
  stub::give(stream, [=] {
    stub::OpenPages open(up ? to : const_cast<void*>(from));
    std::memcpy(to, from, bytes);
    return true;
  });
  return cuda::success;
}
cuda::Status cudaStreamCreateWithFlags(cuda::Stream* stream, unsigned) {
  const std::lock_guard lock(stub::calls());
  all().streams.push_back(*stream = new cuda::StreamHandle);
  return cuda::success;
}
cuda::Status cudaStreamDestroy(cuda::Stream stream) {
  const std::lock_guard lock(stub::calls());
  std::erase(all().streams, stream);  // events may still name it: its handle stays
  return cuda::success;
}
cuda::Status cudaStreamWaitEvent(cuda::Stream stream, cuda::Event event, unsigned) {
  const std::lock_guard lock(stub::calls());
  stub::give(stream, [moment = *event] { return moment.complete(); });
  return cuda::success;
}
cuda::Status cudaEventCreateWithFlags(cuda::Event* event, unsigned) {
  *event = new cuda::EventHandle;
  return cuda::success;
}
cuda::Status cudaEventDestroy(cuda::Event event) {
  delete event;
  return cuda::success;
}
cuda::Status cudaEventRecord(cuda::Event event, cuda::Stream stream) {
  const std::lock_guard lock(stub::calls());
  *event = {stream, stream->given};
  return cuda::success;
}
cuda::Status cudaEventQuery(cuda::Event event) {
  const std::lock_guard lock(stub::calls());
  run_streams();
  return event->complete() ? cuda::success : cuda::not_ready;
}

}  // extern "C"
