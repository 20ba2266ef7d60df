#include "jetpinn/train/precision_need.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/runtime/bf16_kernels.hpp"

namespace jetpinn {

bool computes_in(const TrainingOptions& training, Precision precision) {
  bool any = false, found = false;
  for (const StageOptions& stage : training.stages) {
    if (stage.steps == 0) continue;
    any = true;
    found = found || training.precision_of(stage) == precision;
  }
  return any ? found : training.precision == precision;
}

void require_precision(const TrainingOptions& training) {
  if (!computes_in(training, Precision::bf16)) return;
  const std::string wanted = "precision = \"bf16\": ";
  if (training.engine == EngineKind::reference)
    throw Error(Status::usage, wanted +
                                   "the reference engine computes in fp64 or fp32; take one of these, or training.engine "
                                   "= \"jets\"");
  const std::string reason = why_no_bf16();  // plain loops are there, and slower than fp32
  if (!reason.empty()) throw Error(Status::usage, wanted + reason + "; take fp32, which computes the same with more digits");
}

}  // namespace jetpinn
