#include "jetpinn/comm/gradient_sync.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/comm/requests.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

constexpr const char* phase = "gradient all-reduce";

// Open MPI's all-reduce algorithms compute every element's sum once and pass it on, or form it on both sides of an exchange as a + b and
// b + a: either way all ranks get the same bits. tests/mpi/comm/gradient_sync.cpp holds it to that.
class MpiGradientSync : public GradientSync {
 public:
  MpiGradientSync(Communicator& communicator, std::int64_t piece) : communicator_(communicator), piece_(piece) {
    JETPINN_CHECK(piece > 0 && piece <= std::numeric_limits<int>::max(), "piece " + std::to_string(piece));
  }

  void start(Stream, double* buffer, std::int64_t count) override { start_typed(buffer, count, MPI_DOUBLE); }
  void start(Stream, std::int64_t* buffer, std::int64_t count) override { start_typed(buffer, count, MPI_INT64_T); }

  void wait(Stream, double deadline_s) override {
    if (requests_.empty()) return;
    ScopedRegion region(Region::allreduce);
    CollectiveScope scope(phase);
    wait_all(requests_, phase, deadline_s);
  }

  // Non-blocking collectives can be neither cancelled nor freed: forgetting them is all that MPI leaves.
  void abort() noexcept override { requests_.clear(); }

 private:
  template <class T>
  void start_typed(T* buffer, std::int64_t count, MPI_Datatype type) {
    JETPINN_CHECK(requests_.empty(), "the sum before has not been waited for");
    if (communicator_.size() == 1) return;
    ScopedRegion region(Region::allreduce);
    CollectiveScope scope(phase);
    const MPI_Comm world = *static_cast<MPI_Comm*>(communicator_.native());
    for (std::int64_t offset = 0; offset < count; offset += piece_) {
      requests_.push_back(MPI_REQUEST_NULL);
      const int length = static_cast<int>(std::min(piece_, count - offset));
      check_mpi(MPI_Iallreduce(MPI_IN_PLACE, buffer + offset, length, type, MPI_SUM, world, &requests_.back()), phase);
    }
  }

  Communicator& communicator_;
  std::int64_t piece_;
  std::vector<MPI_Request> requests_;
};

}  // namespace

std::unique_ptr<GradientSync> make_mpi_gradient_sync(Communicator& communicator, std::int64_t piece) {
  return std::make_unique<MpiGradientSync>(communicator, piece);
}

}  // namespace jetpinn
