// Sums over ranks of numbers that lie on GPUs, one after the other on NCCL's stream. What the host's buffers are copied into
// (comm/nccl_sync.hpp) is summed here.
#pragma once

#include "jetpinn/comm/nccl_routes.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace jetpinn {

// Numbers in the memory of this rank's GPU.
struct DevicePart {
  void* data = nullptr;
  std::int64_t count = 0;
  nccl::NumberType type = nccl::float64;
};

class NcclSums {
 public:
  explicit NcclSums(NcclRoutes& routes) : routes_(routes) {}

  // Parts [count], replicated result, in place: summed together, as one group of NCCL, after the event `ready`; then
  // `summed` is recorded. Every rank starts the same ones in the same order. Waits for nothing: launch() goes on with it.
  void start(std::vector<DevicePart> parts, cuda::Event ready, cuda::Event summed);
  // Gives NCCL what it can take now. Throws Error (communication) where it failed.
  void launch();
  // Sums so far that are on the stream: their `summed` is recorded. Before that the event tells nothing.
  std::int64_t launched() const { return launched_; }
  void forget() noexcept { waiting_.clear(), called_ = nullptr; }

 private:
  struct Sum {
    std::vector<DevicePart> parts;
    cuda::Event ready, summed;
    std::size_t legs = 0;  // of the routes, that were begun
  };
  void begin(const NcclRoutes::Leg& leg, const std::vector<DevicePart>& parts);

  NcclRoutes& routes_;
  std::deque<Sum> waiting_;
  nccl::Comm called_ = nullptr;  // what was called on it may not be on the stream yet
  std::int64_t launched_ = 0;
};

}  // namespace jetpinn
