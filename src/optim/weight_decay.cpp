#include "jetpinn/optim/weight_decay.hpp"

namespace jetpinn {

WeightDecay::WeightDecay(double decay, const ParameterLayout& layout) : decay_(decay) {
  for (const ParameterMatrix& matrix : layout.matrices)
    if (matrix.trained && matrix.of_network) ranges_.emplace_back(matrix.begin, matrix.size());
}

void WeightDecay::apply(double rate, RealPlace parameters) const {
  for (const auto& [begin, length] : ranges_) add_scaled(-rate * decay_, parameters + begin, parameters + begin, length);
}

}  // namespace jetpinn
