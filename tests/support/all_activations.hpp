// Every activation of activation_kind.hpp, for tests that loop over them.
#pragma once

#include "jetpinn/kernels/activation_kind.hpp"

#include <vector>

namespace jetpinn::test {

inline std::vector<Activation> all_activations() {
  std::vector<Activation> all;
  for (std::size_t k = 0; k < activation_count; ++k) all.push_back(static_cast<Activation>(k));
  return all;
}

}  // namespace jetpinn::test
