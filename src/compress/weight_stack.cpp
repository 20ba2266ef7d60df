#include "jetpinn/compress/weight_stack.hpp"

#include <algorithm>

namespace jetpinn {

std::int64_t WeightStack::weights() const {
  std::int64_t sum = 0;
  for (const StackLayer& layer : layers) sum += layer.pattern.weights();
  return sum;
}

std::int64_t WeightStack::kept() const {
  std::int64_t sum = 0;
  for (const StackLayer& layer : layers) sum += static_cast<std::int64_t>(layer.kept.size());
  return sum;
}

std::int64_t WeightStack::widest() const {
  std::int64_t widest = input_count();
  for (const StackLayer& layer : layers) widest = std::max(widest, layer.pattern.outputs);
  return widest;
}

}  // namespace jetpinn
