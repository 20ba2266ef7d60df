#include "jetpinn/comm/nccl_place.hpp"

#include "jetpinn/fault/rank_record.hpp"

#include <cstdlib>

namespace jetpinn {
namespace {

constexpr const char* place_phase = "start of NCCL";

std::vector<int> first_ranks(const std::vector<std::string>& machines) {
  std::vector<int> first;
  for (const std::string& machine : machines) {
    int rank = 0;
    while (machines[static_cast<std::size_t>(rank)] != machine) ++rank;
    first.push_back(rank);
  }
  return first;
}

int number_on_machine(const std::vector<int>& machines, int rank) {
  int number = 0;
  for (int other = 0; other < rank; ++other)
    number += machines[static_cast<std::size_t>(other)] == machines[static_cast<std::size_t>(rank)];
  return number;
}

// Chooses this rank's GPU and returns its address on the bus. That of the run is no matter of choice: a thread has one
// context, whichever copy of CUDA's runtime it is set by, and another would take the run's own streams away from it.
std::string use_gpu(NcclPlace& place, int number, int card) {
  const NcclLibrary& library = place.library;
  int gpus = 0;
  const cuda::Status counted = library.device_count(&gpus);
  if (counted != cuda::success || gpus < 1)
    throw Error(Status::usage, std::string("NCCL sums on GPUs, and this rank sees none (") +
                                   (counted != cuda::success ? library.cuda_error_string(counted) : "CUDA_VISIBLE_DEVICES") +
                                   "); sum by MPI: run.gradient_library = \"mpi\"");
  place.device = card >= 0 ? card : number % gpus;
  char bus_id[32] = "";
  cuda::Status status = library.set_device(place.device);
  if (status == cuda::success) status = library.pci_bus_id(bus_id, sizeof bus_id, place.device);
  if (status != cuda::success)
    throw Error(Status::usage,
                "GPU " + std::to_string(place.device) + " cannot be used: " + library.cuda_error_string(status));
  return bus_id;
}

bool library_shares_gpus(int version) {
  const char* asked = std::getenv("NCCL_MULTI_RANK_GPU_ENABLE");
  return version >= first_nccl_of_shared_gpus && asked && std::string(asked) != "0";
}

// The first two ranks with the same GPU.
std::string find_shared_gpu(const NcclPlace& place, const std::vector<std::string>& gpus) {
  for (std::size_t r = 0; r < gpus.size(); ++r)
    for (std::size_t other = 0; other < r; ++other)
      if (gpus[other] == gpus[r] && place.machines[other] == place.machines[r])
        return "ranks " + std::to_string(other) + " and " + std::to_string(r) + " share GPU " + gpus[r] + ", and NCCL " +
               nccl_version_text(place.library.version) + " takes one rank per GPU" +
               (place.library.version >= first_nccl_of_shared_gpus
                    ? " unless NCCL_MULTI_RANK_GPU_ENABLE=1"
                    : " (several from " + nccl_version_text(first_nccl_of_shared_gpus) + " on)");
  return "";
}

// Versions of two kinds do not understand each other; which rank has which is known on all of them.
std::string find_version_difference(const std::vector<double>& versions) {
  for (std::size_t r = 1; r < versions.size(); ++r)
    if (versions[r] != versions[0])
      return "rank 0 loads NCCL " + nccl_version_text(static_cast<int>(versions[0])) + ", rank " + std::to_string(r) +
             " loads NCCL " + nccl_version_text(static_cast<int>(versions[r])) +
             ": all ranks need the same one; set LD_LIBRARY_PATH alike on all machines";
  return "";
}

}  // namespace

NcclPlace find_nccl_place(Communicator& communicator, const NcclNames& names, int card) {
  NcclPlace place;
  place.machines = first_ranks(communicator.gather(place_phase, std::to_string(machine_id())));
  std::string gpu;
  try {
    place.library = load_nccl(names);
    gpu = use_gpu(place, number_on_machine(place.machines, communicator.rank()), card);
  } catch (const Error& error) {
    place.own_failure = error.what();
  }
  const std::vector<std::string> failures = communicator.gather(place_phase, place.own_failure);
  for (std::size_t r = 0; r < failures.size() && place.failure.empty(); ++r)
    if (!failures[r].empty()) place.failure = "rank " + std::to_string(r) + ": " + failures[r];
  if (!place.failure.empty()) return place;

  place.failure = find_version_difference(communicator.gather(place_phase, place.library.version));
  if (!place.failure.empty()) {
    if (communicator.root()) place.own_failure = place.failure;  // one rank speaks for all
    return place;
  }
  const std::vector<std::string> gpus = communicator.gather(place_phase, gpu);
  if (!library_shares_gpus(place.library.version)) place.shared_gpu = find_shared_gpu(place, gpus);
  return place;
}

}  // namespace jetpinn
