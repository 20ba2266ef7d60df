#include "jetpinn/comm/hierarchical_sync.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/comm/mpi_sync.hpp"
#include "jetpinn/comm/requests.hpp"

#include <algorithm>
#include <deque>
#include <memory>

namespace jetpinn {

// A way there and a way back of its own: a member may be ready for the way back of one sum when its
// first rank still begins another.
struct NodeRoutes {
  // network: of the first ranks; null on the others
  MPI_Comm there = MPI_COMM_NULL, network = MPI_COMM_NULL, back = MPI_COMM_NULL;
  int node_rank = 0, node_size = 1, nodes = 1;
};

namespace {

constexpr const char* all_reduce_phase = "gradient all-reduce";

void split(MPI_Comm from, int color, int key, MPI_Comm& to) {
  check_mpi(MPI_Comm_split(from, color, key, &to), all_reduce_phase);
  if (to != MPI_COMM_NULL) MPI_Comm_set_errhandler(to, MPI_ERRORS_RETURN);
}

NodeRoutes make_routes(Communicator& communicator, int node_ranks) {
  CollectiveScope scope(all_reduce_phase);
  const MPI_Comm world = *static_cast<MPI_Comm*>(communicator.native());
  const int rank = communicator.rank();
  NodeRoutes routes;
  if (node_ranks > 0) {
    split(world, rank / node_ranks, rank, routes.there);
  } else {
    check_mpi(MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &routes.there), all_reduce_phase);
    MPI_Comm_set_errhandler(routes.there, MPI_ERRORS_RETURN);
  }
  MPI_Comm_rank(routes.there, &routes.node_rank);
  MPI_Comm_size(routes.there, &routes.node_size);
  split(routes.there, 0, routes.node_rank, routes.back);
  split(world, routes.node_rank == 0 ? 0 : MPI_UNDEFINED, rank, routes.network);
  if (routes.network != MPI_COMM_NULL) MPI_Comm_size(routes.network, &routes.nodes);
  return routes;
}

const NodeRoutes& routes_of(Communicator& communicator, int node_ranks) {
  std::shared_ptr<const NodeRoutes>& routes = communicator.node_routes()[node_ranks];
  if (!routes) routes = std::make_shared<const NodeRoutes>(make_routes(communicator, node_ranks));
  return *routes;
}

// One piece of a buffer on its way.
struct Transfer {
  enum Stage { waiting, there, network, back, done };
  void* data = nullptr;
  int count = 0;
  MPI_Datatype type = MPI_DATATYPE_NULL;
  Stage stage = waiting;
  MPI_Request request = MPI_REQUEST_NULL;
};

class HierarchicalSync : public GradientSync {
 public:
  HierarchicalSync(Communicator& communicator, const GradientSyncOptions& options)
      : routes_(routes_of(communicator, options.node_ranks)), piece_(options.piece) {}

  void start_together(Stream, std::span<const SumPart> parts) override {
    ScopedRegion region(Region::allreduce);
    CollectiveScope scope(all_reduce_phase);
    for (const SumPart& part : parts) {
      const std::int64_t item_bytes = part.count > 0 ? part.bytes() / part.count : 0;
      for (std::int64_t offset = 0; offset < part.count; offset += piece_)
        transfers_.push_back({static_cast<char*>(part.data) + offset * item_bytes,
                              static_cast<int>(std::min(piece_, part.count - offset)), mpi_type(part.type)});
    }
    advance();
  }

  void progress() override {
    if (transfers_.empty()) return;
    ScopedRegion region(Region::allreduce);
    advance();
  }

  void wait(Stream, double deadline_s) override {
    if (transfers_.empty()) return;
    ScopedRegion region(Region::allreduce);
    CollectiveScope scope(all_reduce_phase);
    std::int64_t bytes = 0;
    for (const Transfer& transfer : transfers_) bytes += 8 * std::int64_t{transfer.count};
    wait_until([this] { return advance(); }, all_reduce_phase, deadline_s, patience_for(3 * bytes));  // three stages
  }

  void abort() noexcept override { transfers_.clear(); }

 private:
  // Takes every transfer as far as it comes. Each stage is begun in the order of transfers, which is the same on every rank.
  bool advance() {
    Transfer::Stage before = Transfer::done;
    for (Transfer& transfer : transfers_) {
      while (transfer.stage < before && complete(transfer))
        begin(transfer, static_cast<Transfer::Stage>(transfer.stage + 1));
      before = transfer.stage;
    }
    while (!transfers_.empty() && transfers_.front().stage == Transfer::done) transfers_.pop_front();
    return transfers_.empty();
  }

  static bool complete(Transfer& transfer) {
    int flag = 0;
    check_mpi(MPI_Test(&transfer.request, &flag, MPI_STATUS_IGNORE), all_reduce_phase);  // true of the null request
    return flag != 0;
  }

  // A stage that this rank has no part in stays without a request: it is complete at once.
  void begin(Transfer& t, Transfer::Stage stage) {
    t.stage = stage;
    if (stage == Transfer::there && routes_.node_size > 1) {
      const void* mine = routes_.node_rank == 0 ? MPI_IN_PLACE : t.data;
      check_mpi(MPI_Ireduce(mine, t.data, t.count, t.type, MPI_SUM, 0, routes_.there, &t.request), all_reduce_phase);
    } else if (stage == Transfer::network && routes_.nodes > 1) {
      check_mpi(MPI_Iallreduce(MPI_IN_PLACE, t.data, t.count, t.type, MPI_SUM, routes_.network, &t.request),
                all_reduce_phase);
    } else if (stage == Transfer::back && routes_.node_size > 1) {
      check_mpi(MPI_Ibcast(t.data, t.count, t.type, 0, routes_.back, &t.request), all_reduce_phase);
    }
  }

  const NodeRoutes& routes_;
  std::int64_t piece_;
  std::deque<Transfer> transfers_;
};

}  // namespace

std::unique_ptr<GradientSync> make_hierarchical_sync(Communicator& communicator, const GradientSyncOptions& options) {
  JETPINN_CHECK(options.node_ranks >= 0, "node_ranks " + std::to_string(options.node_ranks));
  return std::make_unique<HierarchicalSync>(communicator, options);
}

}  // namespace jetpinn
