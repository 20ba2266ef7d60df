#include "jetpinn/train/options.hpp"

namespace jetpinn {

std::string constants_text(const StageOptions& stage) {
  std::string text;
  for (const auto& [name, value] : stage.constants) text += (text.empty() ? "" : ", ") + name + " = " + value;
  return text;
}

}  // namespace jetpinn
