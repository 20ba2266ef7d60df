#include "jetpinn/comm/nccl_sums.hpp"

#include <utility>

namespace jetpinn {

void NcclSums::start(std::vector<DevicePart> parts, cuda::Event ready, cuda::Event summed) {
  waiting_.push_back({std::move(parts), ready, summed});
  launch();
}

// A communicator takes one call at a time, and an event that is recorded before NCCL has put its work on the stream would
// not stand for that work.
void NcclSums::launch() {
  const NcclLibrary& library = routes_.library();
  const std::vector<NcclRoutes::Leg>& legs = routes_.legs();
  while (!waiting_.empty()) {
    if (called_ && !routes_.ready(called_)) return;
    called_ = nullptr;
    Sum& sum = waiting_.front();
    if (sum.legs == 0) routes_.check_cuda(library.stream_wait_event(routes_.sums(), sum.ready, 0));
    if (sum.legs < legs.size()) {
      begin(legs[sum.legs++], sum.parts);
      continue;
    }
    routes_.check_cuda(library.event_record(sum.summed, routes_.sums()));
    waiting_.pop_front();
    ++launched_;
  }
}

void NcclSums::begin(const NcclRoutes::Leg& leg, const std::vector<DevicePart>& parts) {
  const NcclLibrary& library = routes_.library();
  routes_.check(library.group_start(), leg.comm);
  nccl::Result first = nccl::success;  // failure; a group that was begun has to be ended
  for (const DevicePart& part : parts) {
    const auto count = static_cast<std::size_t>(part.count);
    const nccl::Result result =
        leg.way == NcclRoutes::Leg::all_reduce
            ? library.all_reduce(part.data, part.data, count, part.type, nccl::sum, leg.comm, routes_.sums())
        : leg.way == NcclRoutes::Leg::reduce
            ? library.reduce(part.data, part.data, count, part.type, nccl::sum, 0, leg.comm, routes_.sums())
            : library.broadcast(part.data, part.data, count, part.type, 0, leg.comm, routes_.sums());
    if (first == nccl::success && result != nccl::in_progress) first = result;
  }
  const nccl::Result ended = library.group_end();
  routes_.check(first, leg.comm);
  routes_.check(ended, leg.comm);
  called_ = leg.comm;
}

}  // namespace jetpinn
