#include "jetpinn/train/card_memory.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/engine/engine_memory.hpp"
#include "jetpinn/runtime/cuda_product.hpp"
#include "jetpinn/runtime/pages.hpp"
#include "jetpinn/train/memory_plan.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/precision_need.hpp"

#include <algorithm>
#include <cstdint>

namespace jetpinn {

CardPlan plan_card_memory(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output, int rank) {
  // Where the precision changes, or a constant, the next engine is made before the last one goes.
  const int engines = assembly.problem->variants.size() > 1 ? 2 : 1;
  const bool linearizes = !squared_means(assembly).empty() || training.balance.linearizes();
  const std::int64_t flat = assembly.network.parameters * static_cast<std::int64_t>(sizeof(double));
  // Parameters and gradient of who asks an engine from the host; at level `ranks` a gradient's integers.
  const std::int64_t for_callers =
      (2 + (training.reproducibility == Reproducibility::ranks ? ExactSum::limbs + 1 : 0)) * flat;
  CardPlan plan;
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    if (!computes_in(training, precision)) continue;
    plan.engine += engines * (for_callers + plan_device_memory(precision, assembly.network, assembly.terms,
                                                               assembly.recomputed, linearizes));
  }
  plan.engine +=
      for_callers + plan_device_memory(Precision::fp64, assembly.network, assembly.evaluated(), assembly.recomputed, false);
  plan.workspace = CudaLibrary::workspace_bytes;  // of the device, which all engines share
  // The same vectors as on a host: parameters, gradient, the optimiser's, the best ones and those to go back to. Each is a
  // slab of its own.
  const MemoryPlan host = plan_memory(assembly, training, output, rank);
  const std::int64_t vectors = 6 + (host.optimizer + flat - 1) / std::max<std::int64_t>(flat, 1);
  plan.vectors = vectors * flat;
  // An engine's buffers lie in slabs that each end with less than a huge page of nothing.
  plan.spare = vectors * huge_page + plan.engine / 8 + plan.workspace;
  return plan;
}

void require_card_memory(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output, int rank,
                         int sharing) {
  const std::string shortage =
      card_shortage(plan_card_memory(assembly, training, output, rank), free_card_bytes(), sharing, card_in_use());
  if (!shortage.empty()) throw Error(Status::usage, shortage);
}

}  // namespace jetpinn
