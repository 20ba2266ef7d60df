#include "jetpinn/comm/library_choice.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/mpi_sync.hpp"
#include "jetpinn/comm/nccl_place.hpp"
#include "jetpinn/comm/nccl_sync.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr const char* choice_phase = "choice of the gradient's library";

std::unique_ptr<GradientSync> mpi_because(Communicator& communicator, const GradientSyncOptions& options,
                                          const std::string& reason) {
  auto sync = make_mpi_sync(communicator, options);
  sync->set_summed_by(GradientLibrary::mpi, "MPI: " + reason);
  return sync;
}

// Seconds of the slowest rank, median over some sums; the same on every rank. Takes the sum that training will take.
double seconds_of_a_sum(Communicator& communicator, GradientSync& sync, std::int64_t entries) {
  constexpr int unmeasured = 2, measured = 7;  // the first ones allocate and connect
  std::vector<double> buffer(static_cast<std::size_t>(entries)), seconds;
  for (int i = 0; i < unmeasured + measured; ++i) {
    communicator.barrier(choice_phase);
    const double begin = wall_seconds();
    sync.start(Stream{}, buffer.data(), entries);
    sync.wait(Stream{}, communicator.deadline());
    if (i >= unmeasured) seconds.push_back(wall_seconds() - begin);
  }
  communicator.max(choice_phase, seconds.data(), measured);
  std::nth_element(seconds.begin(), seconds.begin() + measured / 2, seconds.end());
  return seconds[measured / 2];
}

std::string measured_text(const std::string& first, double first_s, const std::string& second, double second_s) {
  char text[128];
  std::snprintf(text, sizeof text, "%s: measured %.3g ms a sum, %s %.3g ms", first.c_str(), 1e3 * first_s, second.c_str(),
                1e3 * second_s);
  return text;
}

}  // namespace

std::unique_ptr<GradientSync> make_chosen_sync(Communicator& communicator, const GradientSyncOptions& options) {
  const bool free = options.library == GradientLibrary::automatic;
  if (free && communicator.size() == 1) return mpi_because(communicator, options, "one rank has nothing to sum");
  const NcclPlace place = find_nccl_place(communicator, options.nccl, options.card);
  if (!place.failure.empty()) {
    if (free) return mpi_because(communicator, options, place.failure);
    communicator.agree(choice_phase, [&] {
      if (!place.own_failure.empty()) throw Error(Status::usage, place.own_failure);
    });
  }
  if (!place.shared_gpu.empty()) return mpi_because(communicator, options, place.shared_gpu);
  auto nccl = make_nccl_sync(communicator, options, place);
  if (!free) return nccl;

  auto mpi = make_mpi_sync(communicator, options);
  const double nccl_s = seconds_of_a_sum(communicator, *nccl, options.measured_entries);
  const double mpi_s = seconds_of_a_sum(communicator, *mpi, options.measured_entries);
  const std::string name = nccl->summed_by();
  nccl->set_summed_by(GradientLibrary::nccl, measured_text(name, nccl_s, "MPI", mpi_s));
  mpi->set_summed_by(GradientLibrary::mpi, measured_text("MPI", mpi_s, name, nccl_s));
  return nccl_s < mpi_s ? std::move(nccl) : std::move(mpi);
}

}  // namespace jetpinn
