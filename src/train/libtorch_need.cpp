#include "jetpinn/train/libtorch_need.hpp"

#include "jetpinn/layer/layer_kinds.hpp"
#include "jetpinn/runtime/libtorch.hpp"
#include "jetpinn/train/first_fit.hpp"

#include <algorithm>

namespace jetpinn {

std::string libtorch_purpose(const Assembly& assembly, const TrainingOptions& training, int rank) {
  if (training.engine == EngineKind::reference) return libtorch_purposes::reference;
  if (rank > 0) return "";
  for (const StageOptions& stage : training.stages)
    if (stage.steps > 0 && stage.optimizer.decomposes())
      return stage.optimizer.linearizes() ? libtorch_purposes::solve : libtorch_purposes::basis;
  return plan_first_fit_memory(assembly, training, rank) > 0 ? libtorch_purposes::solve : "";
}

bool may_load_libtorch(const Assembly& assembly, const TrainingOptions& training, int rank) {
  const std::vector<ProductShape> shapes = product_shapes<HostFp64>(assembly.network);
  const bool measured =
      training.reproducibility != Reproducibility::ranks && std::any_of(shapes.begin(), shapes.end(), is_wide);
  return measured || !libtorch_purpose(assembly, training, rank).empty();
}

void require_libtorch(const Assembly& assembly, const TrainingOptions& training, int rank) {
  if (const std::string purpose = libtorch_purpose(assembly, training, rank); !purpose.empty()) load_libtorch(purpose);
}

}  // namespace jetpinn
