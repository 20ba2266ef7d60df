// Every plan of recomputed layers that a limit of memory may choose.
#pragma once

#include "jetpinn/layer/recompute_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace jetpinn::test {

// Plans of less and less memory, each with the least work of those that take as little; the first one keeps all.
inline std::vector<RecomputedLayers> recompute_plans(const Network& network) {
  RecomputeSearch search(network);
  std::vector<RecomputedLayers> plans;
  RecomputeWork last{-1, 0};
  std::int64_t limit = std::numeric_limits<std::int64_t>::max();
  while (std::optional<RecomputePlan> found = search.within(limit)) {
    if (found->work == last) plans.pop_back();  // of as much work, and of more memory
    last = found->work;
    plans.push_back(std::move(found->layers));
    limit = std::min(limit, found->columns) - 1;
  }
  return plans;
}

}  // namespace jetpinn::test
