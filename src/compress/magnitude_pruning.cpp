#include "jetpinn/compress/magnitude_pruning.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

struct Weight {
  double magnitude;
  std::size_t layer, number;
};

// The larger first; of equals the earlier one, so that every rank prunes alike.
bool before(const Weight& a, const Weight& b) {
  if (a.magnitude != b.magnitude) return a.magnitude > b.magnitude;
  return std::pair(a.layer, a.number) < std::pair(b.layer, b.number);
}

void keep(StackLayer& layer, const std::vector<bool>& kept) {
  std::size_t next = 0;
  for (std::size_t k = 0; k < kept.size(); ++k) {
    if (!kept[k]) continue;
    layer.pattern.kept[next] = layer.pattern.kept[k];
    layer.kept[next++] = layer.kept[k];
  }
  layer.pattern.kept.resize(next);
  layer.kept.resize(next);
}

}  // namespace

double sparsity_after(int round, int rounds, double before, double target) {
  const double left = 1 - static_cast<double>(round) / rounds;
  return target + (before - target) * left * left * left;
}

void prune_by_magnitude(WeightStack& stack, double sparsity) {
  std::vector<std::vector<bool>> kept;
  std::vector<Weight> others;  // that no layer needs to be there
  std::int64_t wanted = stack.weights() - std::llround(sparsity * static_cast<double>(stack.weights()));
  for (std::size_t l = 0; l < stack.layers.size(); ++l) {
    const StackLayer& layer = stack.layers[l];
    std::vector<Weight> own;
    for (std::size_t k = 0; k < layer.kept.size(); ++k) own.push_back({std::abs(layer.kept[k]), l, k});
    std::sort(own.begin(), own.end(), before);
    const auto share = static_cast<std::size_t>(std::ceil(least_density * static_cast<double>(layer.pattern.weights())));
    const std::size_t least = std::min(std::max<std::size_t>(share, 1), own.size());
    kept.emplace_back(own.size());
    for (std::size_t k = 0; k < least; ++k) kept.back()[own[k].number] = true;
    others.insert(others.end(), own.begin() + static_cast<std::ptrdiff_t>(least), own.end());
    wanted -= static_cast<std::int64_t>(least);
  }
  const auto count =
      static_cast<std::ptrdiff_t>(std::clamp<std::int64_t>(wanted, 0, static_cast<std::int64_t>(others.size())));
  std::nth_element(others.begin(), others.begin() + count, others.end(), before);
  for (auto weight = others.begin(); weight != others.begin() + count; ++weight) kept[weight->layer][weight->number] = true;
  for (std::size_t l = 0; l < stack.layers.size(); ++l) keep(stack.layers[l], kept[l]);
}

}  // namespace jetpinn
