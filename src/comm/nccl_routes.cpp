#include "jetpinn/comm/nccl_routes.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/comm/requests.hpp"
#include "jetpinn/fault/watchdog.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace jetpinn {
namespace {

constexpr const char *start_phase = "start of NCCL", *end_phase = "end of NCCL";
// Of the end of communicators: less than the watchdog's patience with a process that leaves.
constexpr double close_s = 1, abort_s = 2;

nccl::Config non_blocking() {
  nccl::Config config;
  config.blocking = 0;
  return config;
}

// Calls that wait for other ranks whatever is done about it: each in a thread of its own, so that no order of them matters.
// Threads that take longer than limit_s are left behind. True: all calls returned.
bool run_beside(const std::vector<std::function<void()>>& calls, double limit_s) {
  struct Left {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t calls;
  };
  const auto left = std::make_shared<Left>();
  left->calls = calls.size();
  for (const std::function<void()>& call : calls)
    std::thread([left, call] {
      call();
      std::lock_guard lock(left->mutex);
      --left->calls;
      left->changed.notify_all();
    }).detach();
  std::unique_lock lock(left->mutex);
  return left->changed.wait_for(lock, std::chrono::duration<double>(limit_s), [&] { return left->calls == 0; });
}

}  // namespace

std::shared_ptr<NcclRoutes> NcclRoutes::make(Communicator& communicator, const NcclPlace& place, bool by_nodes,
                                             int node_ranks) {
  CollectiveScope scope(start_phase);
  const std::shared_ptr<NcclRoutes> routes(new NcclRoutes(place.library, communicator.rank()));
  routes->check_cuda(place.library.set_device(place.device));
  for (cuda::Stream& stream : routes->streams_)
    routes->check_cuda(place.library.stream_create(&stream, cuda::stream_non_blocking));
  routes->connect(communicator);
  if (!by_nodes) {
    routes->legs_ = {{Leg::all_reduce, routes->comms_.front()}};
    return routes;
  }
  std::vector<int> first_of_node = place.machines;
  for (int rank = 0; rank < communicator.size() && node_ranks > 0; ++rank)
    first_of_node[static_cast<std::size_t>(rank)] = rank / node_ranks * node_ranks;
  routes->connect_nodes(communicator, first_of_node);
  return routes;
}

void NcclRoutes::connect(Communicator& communicator) {
  nccl::UniqueId id{};
  communicator.agree(start_phase, [&] {
    if (communicator.root()) check(library_.get_unique_id(&id), nullptr);
  });
  communicator.broadcast(start_phase, &id, sizeof id);
  nccl::Config config = non_blocking();
  nccl::Comm world = nullptr;
  const nccl::Result begun = library_.comm_init(&world, communicator.size(), id, rank_, &config);
  if (world) comms_.push_back(world);
  check(begun, world);
  wait_until([&] { return ready(world); }, start_phase, communicator.deadline());
}

void NcclRoutes::connect_nodes(Communicator& communicator, const std::vector<int>& first_of_node) {
  const int first = first_of_node[static_cast<std::size_t>(rank_)];
  const auto node_size = std::count(first_of_node.begin(), first_of_node.end(), first);
  const bool several_nodes = std::count(first_of_node.begin(), first_of_node.end(), first_of_node.front()) <
                             static_cast<std::ptrdiff_t>(first_of_node.size());
  const nccl::Comm node = split(communicator, first);
  const nccl::Comm network = split(communicator, first == rank_ ? 0 : nccl::no_color);
  if (node_size > 1) legs_.push_back({Leg::reduce, node});
  if (network && several_nodes) legs_.push_back({Leg::all_reduce, network});
  if (node_size > 1) legs_.push_back({Leg::broadcast, node});
}

// The part of all ranks that have the same color, in their order. A thread of NCCL fills in its handle while both settle,
// and may do so after a wait has been given up: then the handle's place stays until the process ends.
nccl::Comm NcclRoutes::split(Communicator& communicator, int color) {
  const nccl::Comm world = comms_.front();
  nccl::Config config = non_blocking();
  auto* const place = new nccl::Comm(nullptr);
  check(library_.comm_split(world, color, rank_, place, &config), world);
  wait_until([&] { return ready(world) && (*place || color == nccl::no_color); }, start_phase, communicator.deadline());
  const nccl::Comm part = *place;
  delete place;
  if (color == nccl::no_color) return nullptr;
  comms_.push_back(part);
  wait_until([&] { return ready(part); }, start_phase, communicator.deadline());
  return part;
}

void NcclRoutes::check(nccl::Result result, nccl::Comm comm) const {
  if (result == nccl::success || result == nccl::in_progress) return;
  const CollectivePlace place = collective_place();
  const char* more = library_.last_error(comm);
  throw_failure("rank " + std::to_string(rank_) + ": NCCL failed in '" + (place.phase ? place.phase : "") +
                "': " + library_.error_string(result) + (more && *more ? std::string(" (") + more + ")" : "") +
                "; another rank may have died, see its log; NCCL_DEBUG=INFO tells more");
}

void NcclRoutes::check_cuda(cuda::Status status) const {
  if (status == cuda::success) return;
  const CollectivePlace place = collective_place();
  throw_failure("rank " + std::to_string(rank_) + ": its GPU failed in '" + (place.phase ? place.phase : "") +
                "': " + library_.cuda_error_string(status));
}

bool NcclRoutes::ready(nccl::Comm comm) const {
  nccl::Result state = nccl::success;
  check(library_.async_error(comm, &state), comm);
  check(state, comm);
  return state == nccl::success;
}

void NcclRoutes::check_errors() const {
  for (const nccl::Comm comm : comms_) ready(comm);
}

NcclRoutes::~NcclRoutes() {
  CollectiveScope scope(end_phase);
  if (!aborted_ && (loss_known() || !close())) abort();
  if (aborted_) return;  // streams may wait for ever: they stay
  for (const cuda::Stream stream : streams_)
    if (stream) library_.stream_destroy(stream);
}

// Parts before the whole. False: some communicator did not come to its end in time, and is to be aborted.
bool NcclRoutes::close() noexcept {
  const double begin = wall_seconds();
  try {
    for (auto comm = comms_.rbegin(); comm != comms_.rend(); ++comm) {
      const nccl::Result begun = library_.comm_finalize(*comm);
      if (begun != nccl::success && begun != nccl::in_progress) return false;
      nccl::Result state = nccl::in_progress;
      for (;;) {
        if (library_.async_error(*comm, &state) != nccl::success) return false;
        if (state == nccl::success) break;
        if (state != nccl::in_progress || loss_known() || wall_seconds() - begin > close_s) return false;
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
    }
    std::vector<std::function<void()>> calls;
    for (const nccl::Comm comm : comms_) calls.push_back([comm, destroy = library_.comm_destroy] { destroy(comm); });
    aborted_ = !run_beside(calls, abort_s);  // what was begun cannot be aborted any more
    comms_.clear();
    return true;
  } catch (...) {  // no thread, no memory
    return false;
  }
}

void NcclRoutes::abort() noexcept {
  if (std::exchange(aborted_, true)) return;
  try {
    std::vector<std::function<void()>> calls;
    for (const nccl::Comm comm : comms_) calls.push_back([comm, end = library_.comm_abort] { end(comm); });
    run_beside(calls, abort_s);
  } catch (...) {  // no thread, no memory: the end of the process ends them
  }
  comms_.clear();
  legs_.clear();
}

}  // namespace jetpinn
