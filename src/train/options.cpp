#include "jetpinn/train/options.hpp"

namespace jetpinn {

std::string changes_text(const StageOptions& stage) {
  std::string text, weights;
  for (const auto& [name, value] : stage.constants) text += (text.empty() ? "" : ", ") + name + " = " + value;
  for (const auto& [term, weight] : stage.weights) weights += (weights.empty() ? "weights " : ", ") + term + " " + weight;
  return text + (text.empty() || weights.empty() ? "" : ", ") + weights;
}

}  // namespace jetpinn
