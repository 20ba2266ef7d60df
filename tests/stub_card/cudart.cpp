// The functions of the CUDA runtime that jetpinn calls, on a processor: what tests of a card run on where there is none.
//
// The card's memory is not zero when it is given out; that the host leaves it alone is the emulated device's to prove.
// Where a stream captures, its work is recorded; waiting for it, and memory of card or host, spoil the capture as on a card.
// STUB_GRAPHS=0: a library that captures nothing. STUB_CARDS, STUB_CAPABILITY, STUB_MIB (memory) and STUB_DRIVER say what is
// found.
#include "stub_card/stream.hpp"

#include <cuda_runtime_api.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

namespace {

int setting(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value ? std::atoi(value) : otherwise;
}
std::size_t all_bytes() { return static_cast<std::size_t>(setting("STUB_MIB", 8192)) << 20; }

[[noreturn]] void wrong(const char* what) {
  std::fprintf(stderr, "stub of a card: %s\n", what);
  std::abort();
}

class Memory {
 public:
  char* take(std::size_t bytes) {
    if (taken_ + bytes > all_bytes()) return nullptr;
    char* place = static_cast<char*>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
    std::memset(place, 0xff, bytes);
    taken_ += bytes;
    sizes_[place] = bytes;
    return place;
  }
  void give_back(void* place) {
    const auto found = sizes_.find(static_cast<char*>(place));
    if (found == sizes_.end()) wrong("cudaFree of what was not allocated");
    taken_ -= found->second;
    sizes_.erase(found);
    std::free(place);
  }
  bool holds(const void* place, std::size_t bytes) const {
    auto after = sizes_.upper_bound(const_cast<char*>(static_cast<const char*>(place)));
    if (after == sizes_.begin()) return false;
    --after;
    return static_cast<const char*>(place) + bytes <= after->first + after->second;
  }
  std::size_t taken() const { return taken_; }

 private:
  std::size_t taken_ = 0;
  std::map<char*, std::size_t> sizes_;
};

Memory& memory() {
  static Memory all;
  return all;
}
int card = 0;
cudaStream_t capturing = nullptr;  // one at a time

// What CUDA forbids the thread that captures; true: it does capture.
bool spoils_capture() {
  if (capturing) capturing->spoiled = true;
  return capturing != nullptr;
}

}  // namespace

struct CUgraph_st {
  StubWork work;
};
struct CUgraphExec_st {
  StubWork work;
};

extern "C" {

cudaError_t cudaGetLastError() { return cudaSuccess; }
const char* cudaGetErrorString(cudaError_t error) { return error == cudaSuccess ? "no error" : "an error of the stub"; }
const char* cudaGetErrorName(cudaError_t error) { return error == cudaSuccess ? "cudaSuccess" : "cudaErrorOfTheStub"; }
cudaError_t cudaDriverGetVersion(int* version) { return *version = setting("STUB_DRIVER", CUDART_VERSION), cudaSuccess; }
cudaError_t cudaGetDeviceCount(int* count) {
  *count = setting("STUB_CARDS", 1);
  return *count > 0 ? cudaSuccess : cudaErrorNoDevice;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* facts, int number) {
  std::memset(facts, 0, sizeof(*facts));
  std::snprintf(facts->name, sizeof(facts->name), "stub");
  const int capability = setting("STUB_CAPABILITY", 90);
  facts->major = capability / 10;
  facts->minor = capability % 10;
  facts->totalGlobalMem = all_bytes();
  facts->uuid.bytes[0] = static_cast<char>(number + 1);
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int number) { return card = number, cudaSuccess; }
cudaError_t cudaGetDevice(int* number) { return *number = card, cudaSuccess; }
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* all) {
  *all = all_bytes();
  *free = *all - memory().taken();
  return cudaSuccess;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) { return *stream = new CUstream_st, cudaSuccess; }
cudaError_t cudaStreamDestroy(cudaStream_t stream) { return delete stream, cudaSuccess; }
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (!stream) wrong("the default stream");
  return spoils_capture() ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  if (mode != cudaStreamCaptureModeThreadLocal || capturing) wrong("a capture of another mode, or in a capture");
  if (setting("STUB_GRAPHS", 1) == 0) return cudaErrorNotSupported;
  stream->recording = new StubWork;
  stream->spoiled = false;
  return capturing = stream, cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  if (capturing != stream) wrong("the end of a capture that was not begun");
  *graph = stream->spoiled ? nullptr : new CUgraph_st{std::move(*stream->recording)};
  delete stream->recording;
  stream->recording = nullptr;
  capturing = nullptr;
  return *graph ? cudaSuccess : cudaErrorStreamCaptureInvalidated;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* made, cudaGraph_t graph, unsigned long long) {
  return *made = new CUgraphExec_st{graph->work}, cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) { return delete graph, cudaSuccess; }
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t made) { return delete made, cudaSuccess; }
cudaError_t cudaGraphLaunch(cudaGraphExec_t made, cudaStream_t) {
  for (const auto& work : made->work) work();
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** place, std::size_t bytes) {
  if (spoils_capture()) return cudaErrorStreamCaptureUnsupported;
  return *place = std::malloc(bytes), cudaSuccess;
}
cudaError_t cudaFreeHost(void* place) { return std::free(place), cudaSuccess; }
cudaError_t cudaMalloc(void** place, std::size_t bytes) {
  if (spoils_capture()) return cudaErrorStreamCaptureUnsupported;
  *place = memory().take(bytes);
  return *place ? cudaSuccess : cudaErrorMemoryAllocation;
}
cudaError_t cudaFree(void* place) {
  if (place) memory().give_back(place);
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* place, int value, std::size_t bytes, cudaStream_t stream) {
  if (!memory().holds(place, bytes)) wrong("memory is set that is not the card's");
  stub_give(stream, [=] { std::memset(place, value, bytes); });
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  const bool there = kind == cudaMemcpyHostToDevice;
  if (!memory().holds(there ? to : from, bytes) || memory().holds(there ? from : to, 1))
    wrong("a copy between other memories");
  stub_give(stream, [=] { std::memcpy(to, from, bytes); });
  return cudaSuccess;
}

}  // extern "C"
