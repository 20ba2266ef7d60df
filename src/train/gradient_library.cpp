#include "jetpinn/train/gradient_library.hpp"

#include "jetpinn/runtime/cuda_facts.hpp"

namespace jetpinn {

bool keeps_gradient_library(const RunOptions& run, Reproducibility level) {
  return run.gradient_library == GradientLibrary::automatic && level != Reproducibility::ranks;
}

GradientSyncOptions gradient_sync_options(const RunOptions& run, std::int64_t parameters, const std::string& chosen,
                                          const std::string& device) {
  GradientSyncOptions sync;
  sync.kind = run.gradient_sync;
  sync.library = run.gradient_library;
  sync.measured_entries = parameters;
  if (device == "cuda") sync.card = card_number();
  if (!chosen.empty())
    sync.library = chosen == to_string(GradientLibrary::nccl) ? GradientLibrary::nccl : GradientLibrary::mpi;
  return sync;
}

}  // namespace jetpinn
