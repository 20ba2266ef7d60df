#include "jetpinn/train/precision_need.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/runtime/bf16_kernels.hpp"

namespace jetpinn {

void require_precision(const TrainingOptions& training) {
  if (!training.computes_in(Precision::bf16)) return;
  const std::string wanted = "precision = \"bf16\": ";
  if (training.engine == EngineKind::reference)
    throw Error(Status::usage, wanted +
                                   "the reference engine computes in fp64 or fp32; take one of these, or training.engine "
                                   "= \"jets\"");
  const std::string reason = training.bf16_products == "auto" ? why_no_bf16() : "";
  if (!reason.empty()) throw Error(Status::usage, wanted + reason + "; take fp32, which computes the same with more digits");
}

}  // namespace jetpinn
