#include "jetpinn/ablate/weight_shape.hpp"

#include <cmath>

namespace jetpinn {

std::vector<std::int64_t> chosen_layers(std::int64_t layers, double share) {
  const auto count = std::clamp<std::int64_t>(std::llround(share * static_cast<double>(layers)), 1, layers);
  std::vector<std::int64_t> chosen;
  for (std::int64_t k = 0; k < count; ++k) chosen.push_back((2 * k + 1) * layers / (2 * count));
  return chosen;
}

}  // namespace jetpinn
