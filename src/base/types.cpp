#include "jetpinn/base/types.hpp"

namespace jetpinn {

const char* to_string(Precision precision) {
  switch (precision) {
    case Precision::fp64: return "fp64";
    case Precision::fp32: return "fp32";
    case Precision::tf32: return "tf32";
    case Precision::bf16: return "bf16";
    case Precision::fp16: return "fp16";
  }
  return "?";
}

const char* to_string(Reproducibility level) {
  switch (level) {
    case Reproducibility::fast: return "fast";
    case Reproducibility::run: return "run";
    case Reproducibility::ranks: return "ranks";
  }
  return "?";
}

const char* to_string(EngineKind kind) { return kind == EngineKind::jets ? "jets" : "reference"; }

}  // namespace jetpinn
