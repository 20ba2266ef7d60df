#include "jetpinn/compress/rewinding.hpp"

#include "jetpinn/base/error.hpp"

#include <cstddef>

namespace jetpinn {
namespace {

// Places of both patterns rise.
void set_back(StackLayer& layer, const StackLayer& earlier) {
  const std::vector<std::int64_t>& places = earlier.pattern.kept;
  std::size_t from = 0;
  for (std::size_t k = 0; k < layer.kept.size(); ++k) {
    while (from < places.size() && places[from] < layer.pattern.kept[k]) ++from;
    JETPINN_CHECK(from < places.size() && places[from] == layer.pattern.kept[k], "a weight that was not there earlier");
    layer.kept[k] = earlier.kept[from];
  }
  layer.bias = earlier.bias;
}

}  // namespace

void set_back(WeightStack& stack, const WeightStack& earlier) {
  JETPINN_CHECK(stack.layers.size() == earlier.layers.size(), "a network of other layers");
  for (std::size_t l = 0; l < stack.layers.size(); ++l) set_back(stack.layers[l], earlier.layers[l]);
}

}  // namespace jetpinn
