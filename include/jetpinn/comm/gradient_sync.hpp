// Sums of buffers over ranks: start after the compute stream, wait with a deadline, abort when a rank
// is lost (docs/communication.md).
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <array>
#include <cstdint>
#include <memory>

namespace jetpinn {

enum class GradientSyncKind {
  plain,          // one all-reduce of everything
  hierarchical,   // the ranks of a node to their first one, the first ones over the network, and back
  early,          // as plain, in pieces that start while earlier layers are still being differentiated
};
inline constexpr std::array gradient_sync_kinds = {GradientSyncKind::plain, GradientSyncKind::hierarchical,
                                                   GradientSyncKind::early};
const char* to_string(GradientSyncKind kind);

struct GradientSyncOptions {
  GradientSyncKind kind = GradientSyncKind::plain;
  std::int64_t piece = std::int64_t{1} << 27;   // entries; MPI counts in int: a longer buffer goes in pieces
  int node_ranks = 0;                           // hierarchical: so many ranks in their order count as a
                                                // node; 0: those that share memory
  std::int64_t early_piece = 0;                 // early: entries that start at a time; 0: an eighth
                                                // of the gradient, 4096 at least
};

// Entries of a piece that starts early: a few pieces, each long enough that its latency is no matter.
std::int64_t early_piece(const GradientSyncOptions& options, std::int64_t entries);

class GradientSync {
 public:
  virtual ~GradientSync() = default;
  // buffer [count], replicated result: the sum over ranks, the same bits everywhere. Several sums may be on their way; every
  // rank starts the same ones in the same order. A buffer must stay alive, and be left alone, until wait returns.
  virtual void start(Stream stream, double* buffer, std::int64_t count) = 0;
  virtual void start(Stream stream, std::int64_t* buffer, std::int64_t count) = 0;
  // Lets the sums that are on their way move on, for MPI moves only while it is called. Never waits.
  virtual void progress() = 0;
  // Throws Error (communication) when the sums are not complete after deadline_s seconds.
  virtual void wait(Stream stream, double deadline_s) = 0;
  // Gives up sums that will not complete: nothing waits for them any more, and no other may be started, for the ranks
  // stand at different ones. Their buffers may still be written to until the process ends.
  virtual void abort() noexcept = 0;
};

// Host buffers, MPI's non-blocking collectives. Collective where the kind is hierarchical. Early differs from plain in who
// calls it when (train/objective.hpp), not in here.
std::unique_ptr<GradientSync> make_gradient_sync(Communicator& communicator, const GradientSyncOptions& options = {});

}  // namespace jetpinn
