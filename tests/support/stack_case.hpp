// A small network as plain numbers, for tests of how sparse networks are evaluated.
#pragma once

#include "jetpinn/compress/weight_stack.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>

namespace jetpinn::test {

// 3 -> 37 -> 150 -> 2, a fifth of the weights kept.
inline WeightStack small_stack() {
  std::mt19937 generator(5);
  std::uniform_real_distribution<double> uniform(-1, 1);
  WeightStack stack;
  const std::int64_t units[] = {3, 37, 150, 2};
  for (std::size_t l = 0; l < 3; ++l) {
    StackLayer layer;
    layer.pattern.inputs = units[l];
    layer.pattern.outputs = units[l + 1];
    for (std::int64_t place = 0; place < layer.pattern.weights(); ++place)
      if (std::abs(uniform(generator)) < 0.2) layer.pattern.kept.push_back(place), layer.kept.push_back(uniform(generator));
    for (std::int64_t o = 0; o < units[l + 1]; ++o) layer.bias.push_back(uniform(generator));
    stack.layers.push_back(layer);
  }
  return stack;
}

}  // namespace jetpinn::test
