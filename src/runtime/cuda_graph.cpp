#include "jetpinn/runtime/cuda_graph.hpp"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <string>

namespace jetpinn {
namespace {

void require(cudaError_t code, const char* what) {
  if (code == cudaSuccess) return;
  cudaGetLastError();  // it is told here, and must not fail the next call too
  throw NotRecordable(std::string(what) + ": " + cudaGetErrorString(code) + " (" + cudaGetErrorName(code) + ")");
}

}  // namespace

CudaGraph::CudaGraph(CudaQueue& queue, std::int64_t staged)
    : queue_(queue), before_(queue.copied), size_(std::max(staged, DeviceQueue::staged_alignment)) {
  check_cuda(cudaMallocHost(reinterpret_cast<void**>(&pinned_), static_cast<std::size_t>(size_)),
             "pinned memory of a graph");
  // What other threads do on CUDA meanwhile, as profilers, is no part of it and is not forbidden.
  const cudaError_t begun = cudaStreamBeginCapture(queue_.native(), cudaStreamCaptureModeThreadLocal);
  open_ = begun == cudaSuccess;
  if (open_) return;
  cudaFreeHost(pinned_);
  check_cuda(begun, "the recording of a graph");
}

CudaGraph::~CudaGraph() {
  close();
  if (made_) {
    cudaStreamSynchronize(queue_.native());  // replays read the pinned memory
    cudaGraphExecDestroy(made_);
  }
  cudaFreeHost(pinned_);
}

// A recording that came to nothing.
void CudaGraph::close() noexcept {
  if (!open_) return;
  open_ = false;
  queue_.copied = before_;
  cudaGraph_t recorded = nullptr;
  cudaStreamEndCapture(queue_.native(), &recorded);
  if (recorded) cudaGraphDestroy(recorded);
  cudaGetLastError();  // of a recording that CUDA had given up
}

std::byte* CudaGraph::room(std::int64_t bytes) {
  if (used_ + bytes > size_) throw NotRecordable("more is copied from the host than was said");
  std::byte* const place = pinned_ + used_;
  constexpr std::int64_t alignment = DeviceQueue::staged_alignment;
  used_ += (bytes + alignment - 1) / alignment * alignment;
  return place;
}

void CudaGraph::end() {
  copied_ = {queue_.copied.to_device - before_.to_device, queue_.copied.to_host - before_.to_host};
  queue_.copied = before_;
  open_ = false;
  cudaGraph_t recorded = nullptr;
  require(cudaStreamEndCapture(queue_.native(), &recorded), "the recording");
  const cudaError_t made = cudaGraphInstantiate(&made_, recorded, 0);
  cudaGraphDestroy(recorded);
  require(made, "the graph");
}

void CudaGraph::replay() {
  queue_.wait_for(last_);  // the card has read what was written for the replay before
  for (const auto& part : parts_) part();
  check_cuda(cudaGraphLaunch(made_, queue_.native()), "a graph");
  queue_.copied.to_device += copied_.to_device;
  queue_.copied.to_host += copied_.to_host;
  queue_.count();
  last_ = queue_.given();
}

}  // namespace jetpinn
