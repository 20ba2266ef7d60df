#include "jetpinn/comm/gradient_sync.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/comm/hierarchical_sync.hpp"
#include "jetpinn/comm/library_choice.hpp"
#include "jetpinn/comm/mpi_sync.hpp"
#include "jetpinn/comm/requests.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

constexpr const char* phase = "gradient all-reduce";

// Open MPI's all-reduce algorithms compute every element's sum once and pass it on, or form it on both sides of an exchange
// as a + b and b + a: either way all ranks get the same bits. tests/mpi/comm/gradient_sync.cpp holds it to that.
class PlainSync : public GradientSync {
 public:
  PlainSync(Communicator& communicator, std::int64_t piece) : communicator_(communicator), piece_(piece) {}

  void start_together(Stream, std::span<const SumPart> parts) override {
    if (communicator_.size() == 1) return;
    ScopedRegion region(Region::allreduce);
    CollectiveScope scope(phase);
    for (const SumPart& part : parts) start_part(part);
  }

  void progress() override {
    if (requests_.empty()) return;
    ScopedRegion region(Region::allreduce);
    int complete = 0;
    check_mpi(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &complete, MPI_STATUSES_IGNORE), phase);
    if (complete) requests_.clear(), bytes_ = 0;
  }

  void wait(Stream, double deadline_s) override {
    if (requests_.empty()) return;
    ScopedRegion region(Region::allreduce);
    CollectiveScope scope(phase);
    wait_all(requests_, phase, deadline_s, patience_for(bytes_));
    bytes_ = 0;
  }

  // Non-blocking collectives can be neither cancelled nor freed: forgetting them is all that MPI leaves.
  void abort() noexcept override { requests_.clear(), bytes_ = 0; }

 private:
  void start_part(const SumPart& part) {
    const std::int64_t item_bytes = part.count > 0 ? part.bytes() / part.count : 0;
    bytes_ += part.bytes();
    const MPI_Comm world = *static_cast<MPI_Comm*>(communicator_.native());
    for (std::int64_t offset = 0; offset < part.count; offset += piece_) {
      requests_.push_back(MPI_REQUEST_NULL);
      const int length = static_cast<int>(std::min(piece_, part.count - offset));
      void* begin = static_cast<char*>(part.data) + offset * item_bytes;
      check_mpi(MPI_Iallreduce(MPI_IN_PLACE, begin, length, mpi_type(part.type), MPI_SUM, world, &requests_.back()), phase);
    }
  }

  Communicator& communicator_;
  std::int64_t piece_;
  std::int64_t bytes_ = 0;   // on their way
  std::vector<MPI_Request> requests_;
};

}  // namespace

const char* to_string(GradientSyncKind kind) {
  switch (kind) {
    case GradientSyncKind::plain: return "plain";
    case GradientSyncKind::hierarchical: return "hierarchical";
    case GradientSyncKind::early: return "early";
  }
  return "";
}

const char* to_string(GradientLibrary library) {
  switch (library) {
    case GradientLibrary::mpi:
      return "mpi";
    case GradientLibrary::nccl:
      return "nccl";
    case GradientLibrary::automatic:
      return "auto";
  }
  return "";
}

std::int64_t early_piece(const GradientSyncOptions& options, std::int64_t entries) {
  constexpr std::int64_t shortest = 4096, pieces = 8;
  return options.early_piece > 0 ? options.early_piece : std::max(shortest, (entries + pieces - 1) / pieces);
}

std::unique_ptr<GradientSync> make_mpi_sync(Communicator& communicator, const GradientSyncOptions& options) {
  if (options.kind == GradientSyncKind::hierarchical) return make_hierarchical_sync(communicator, options);
  return std::make_unique<PlainSync>(communicator, options.piece);
}

std::unique_ptr<GradientSync> make_gradient_sync(Communicator& communicator, const GradientSyncOptions& options) {
  JETPINN_CHECK(options.piece > 0 && options.piece <= std::numeric_limits<int>::max(),
                "piece " + std::to_string(options.piece));
  if (options.library == GradientLibrary::mpi) return make_mpi_sync(communicator, options);
  return make_chosen_sync(communicator, options);
}

}  // namespace jetpinn
