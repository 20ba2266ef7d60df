// Causal weights of an equation: what is solved early in time is trained before what follows from it (docs/balance.md).
#pragma once

#include "jetpinn/problem/source_text.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace jetpinn {

struct CausalOptions {
  std::int64_t chunks = 32;             // of equal length along the coordinate
  std::vector<double> tolerances{1.0};  // > 0, rising: the next one's turn comes when all weights are above the threshold
  double threshold = 0.99;
  std::int64_t every = 1;           // steps between two refreshes of the weights
  std::int64_t search_every = 100;  // the same in stages that search their steps; 0: none there
};

struct CausalText {
  std::optional<SourceText> coordinate;  // none: the equation has no causal weights
  CausalOptions options;
};

// With the coordinate as the problem knows it.
struct CausalTerm {
  int coordinate = 0;
  double lower = 0, upper = 1;  // of the domain
  CausalOptions options;
};

}  // namespace jetpinn
