// Sums of buffers over ranks: start after the compute stream, wait with a deadline, abort when a rank
// is lost (docs/communication.md).
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/comm/nccl_names.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace jetpinn {

enum class GradientSyncKind {
  plain,          // one all-reduce of everything
  hierarchical,   // the ranks of a node to their first one, the first ones over the network, and back
  early,          // as plain, in pieces that start while earlier layers are still being differentiated
};
inline constexpr std::array gradient_sync_kinds = {GradientSyncKind::plain, GradientSyncKind::hierarchical,
                                                   GradientSyncKind::early};
const char* to_string(GradientSyncKind kind);

// Who moves and adds the numbers.
enum class GradientLibrary {
  mpi,        // in the memory of the host
  nccl,       // between GPUs; by MPI where ranks share one
  automatic,  // NCCL where it can be used and sums `measured_entries` faster, else MPI
};
inline constexpr std::array gradient_libraries = {GradientLibrary::mpi, GradientLibrary::nccl, GradientLibrary::automatic};
const char* to_string(GradientLibrary library);

struct GradientSyncOptions {
  GradientSyncKind kind = GradientSyncKind::plain;
  std::int64_t piece = std::int64_t{1} << 27;   // entries; MPI counts in int: a longer buffer goes in pieces
  int node_ranks = 0;                           // hierarchical: so many ranks in their order count as a
                                                // node; 0: those that share memory
  std::int64_t early_piece = 0;                 // early: entries that start at a time; 0: an eighth
                                                // of the gradient, 4096 at least
  GradientLibrary library = GradientLibrary::mpi;
  std::int64_t measured_entries = 4096;  // automatic: fp64 numbers of the sum that is measured
  NcclNames nccl = NcclNames();
  int card = -1;  // where this rank's run computes, as CUDA counts, and NCCL sums; -1: on no card
};

// Entries of a piece that starts early: a few pieces, each long enough that its latency is no matter.
std::int64_t early_piece(const GradientSyncOptions& options, std::int64_t entries);

// Numbers of one type that lie side by side in the host's memory, or on a card where the sync takes such.
struct SumPart {
  enum class Type { fp64, fp32, int64 };

  SumPart() = default;
  SumPart(double* numbers, std::int64_t length) : data(numbers), count(length), type(Type::fp64) {}
  SumPart(float* numbers, std::int64_t length) : data(numbers), count(length), type(Type::fp32) {}
  SumPart(std::int64_t* numbers, std::int64_t length) : data(numbers), count(length), type(Type::int64) {}

  // address: in the memory of the card that the sum's stream is of.
  static SumPart of_card(double* address, std::int64_t length) {
    SumPart part(address, length);
    part.on_card = true;
    return part;
  }

  std::int64_t bytes() const { return count * (type == Type::fp32 ? 4 : 8); }

  void* data = nullptr;
  std::int64_t count = 0;
  Type type = Type::fp64;
  bool on_card = false;
};

class GradientSync {
 public:
  virtual ~GradientSync() = default;
  // Each part [count], replicated result: the sum over ranks, the same bits everywhere. Parts that are started together are
  // one message where the library can do that (a group of NCCL). Several sums may be on their way; every rank starts the
  // same ones in the same order. Buffers must stay alive, and be left alone, until wait returns.
  // A sum begins after what was given to `stream`, on which parts of a card were computed.
  virtual void start_together(Stream stream, std::span<const SumPart> parts) = 0;
  template <class T>
  void start(Stream stream, T* buffer, std::int64_t count) {
    const SumPart part(buffer, count);
    start_together(stream, {&part, 1});
  }
  // Whether parts may lie on the card of this stream.
  virtual bool takes_card(Stream) const { return false; }
  // Lets the sums that are on their way move on, for MPI moves only while it is called. Never waits.
  virtual void progress() = 0;
  // Throws Error (communication) when the sums are not complete after deadline_s seconds.
  virtual void wait(Stream stream, double deadline_s) = 0;
  // Gives up sums that will not complete: nothing waits for them any more, and no other may be started, for the ranks
  // stand at different ones. Their buffers may still be written to until the process ends.
  virtual void abort() noexcept = 0;

  GradientLibrary library() const { return library_; }  // mpi or nccl
  // The same for people: "MPI", "NCCL 2.28.9", with the reason where there was a choice.
  const std::string& summed_by() const { return summed_by_; }
  void set_summed_by(GradientLibrary library, std::string text) { library_ = library, summed_by_ = std::move(text); }

 private:
  GradientLibrary library_ = GradientLibrary::mpi;
  std::string summed_by_ = "MPI";
};

// Host buffers. Collective where the kind is hierarchical or the library is not MPI. Early differs from plain in who calls
// it when (train/objective.hpp), not in here. Library nccl: throws Error (usage) where it cannot be used, on the ranks where
// that is so, and FailedElsewhere on the others.
std::unique_ptr<GradientSync> make_gradient_sync(Communicator& communicator, const GradientSyncOptions& options = {});

}  // namespace jetpinn
