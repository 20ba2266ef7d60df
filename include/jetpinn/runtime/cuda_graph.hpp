// A recording of a CUDA stream, and the graph that becomes of it. Builds with JETPINN_CUDA.
//
// What copies from the host lies in pinned memory of the graph: values of the recording stay there, and what the host
// changes is written there anew before each replay.
#pragma once

#include "jetpinn/kernels/device_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

struct CUgraphExec_st;  // what CUDA's cudaGraphExec_t points at

namespace jetpinn {

class CudaGraph : public DeviceGraph {
 public:
  // Begins to record; staged: bytes of pinned memory, which cannot be taken later. Throws Error where CUDA refuses.
  CudaGraph(CudaQueue& queue, std::int64_t staged);
  // Ends the recording, if that was not done, and waits for replays.
  ~CudaGraph() override;
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;

  // Room in the pinned memory. Throws NotRecordable where none is left.
  std::byte* room(std::int64_t bytes);
  void prepare(std::function<void()> part) { parts_.push_back(std::move(part)); }
  // Throws NotRecordable, with CUDA's reason.
  void end();
  void replay() override;

 private:
  void close() noexcept;

  CudaQueue& queue_;
  const CopiedBytes before_;  // when the recording began
  CopiedBytes copied_;        // by a replay
  const std::int64_t size_;   // of the pinned memory
  std::byte* pinned_ = nullptr;
  std::int64_t used_ = 0;
  bool open_ = false;  // it is recorded
  std::vector<std::function<void()>> parts_;
  CUgraphExec_st* made_ = nullptr;
  std::int64_t last_ = 0;  // pieces of the queue when it was replayed last
};

}  // namespace jetpinn
