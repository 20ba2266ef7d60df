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

// Weights of a matrix that stay whatever the sparsity.
std::int64_t least_kept(const WeightStack& stack, const StackLayer& layer) {
  const auto share = static_cast<std::int64_t>(std::ceil(least_density * static_cast<double>(layer.pattern.weights())));
  const std::int64_t paths = std::min(stack.output_count(), layer.pattern.outputs);
  return std::min(std::max(share, paths), static_cast<std::int64_t>(layer.kept.size()));
}

using Units = std::vector<bool>;

// Input and output of a weight, by its place.
std::pair<std::size_t, std::size_t> ends_of(const SparsePattern& pattern, std::int64_t place) {
  return {static_cast<std::size_t>(place / pattern.outputs), static_cast<std::size_t>(place % pattern.outputs)};
}

// [layers] the units that each matrix reads and that depend on an input of the network.
std::vector<Units> units_that_vary(const WeightStack& stack) {
  std::vector<Units> varying{Units(static_cast<std::size_t>(stack.input_count()), true)};
  for (const StackLayer& layer : stack.layers) {
    Units outputs(static_cast<std::size_t>(layer.pattern.outputs));
    for (const std::int64_t place : layer.pattern.kept) {
      const auto [input, output] = ends_of(layer.pattern, place);
      if (varying.back()[input]) outputs[output] = true;
    }
    varying.push_back(std::move(outputs));
  }
  return varying;
}

// own: a matrix's weights, the larger first. Keeps the largest from a unit that varies into each one that is needed, and
// needs the units that these read.
void keep_paths(const SparsePattern& pattern, const std::vector<Weight>& own, const Units& varying, Units& needed,
                std::vector<bool>& kept) {
  Units read(varying.size());
  for (const Weight& weight : own) {
    const auto [input, output] = ends_of(pattern, pattern.kept[weight.number]);
    if (!needed[output] || !varying[input]) continue;
    needed[output] = false;
    kept[weight.number] = read[input] = true;
  }
  needed = std::move(read);
}

}  // namespace

double most_sparsity(const WeightStack& stack) {
  std::int64_t least = 0;
  for (const StackLayer& layer : stack.layers) least += least_kept(stack, layer);
  return 1 - static_cast<double>(least) / static_cast<double>(stack.weights());
}

double sparsity_after(int round, int rounds, double before, double target) {
  const double left = 1 - static_cast<double>(round) / rounds;
  return target + (before - target) * left * left * left;
}

void prune_by_magnitude(WeightStack& stack, double sparsity) {
  std::vector<std::vector<bool>> kept(stack.layers.size());
  const std::vector<Units> varying = units_that_vary(stack);
  Units needed(static_cast<std::size_t>(stack.output_count()), true);
  std::vector<Weight> others;  // that no layer needs to be there
  std::int64_t wanted = stack.weights() - std::llround(sparsity * static_cast<double>(stack.weights()));
  for (std::size_t l = stack.layers.size(); l-- > 0;) {
    const StackLayer& layer = stack.layers[l];
    std::vector<Weight> own;
    for (std::size_t k = 0; k < layer.kept.size(); ++k) own.push_back({std::abs(layer.kept[k]), l, k});
    std::sort(own.begin(), own.end(), before);
    kept[l].resize(own.size());
    keep_paths(layer.pattern, own, varying[l], needed, kept[l]);
    auto there = static_cast<std::int64_t>(std::count(kept[l].begin(), kept[l].end(), true));
    for (const Weight& weight : own) {
      if (kept[l][weight.number]) continue;
      if (there < least_kept(stack, layer))
        kept[l][weight.number] = true, ++there;
      else
        others.push_back(weight);
    }
    wanted -= there;
  }
  const auto count =
      static_cast<std::ptrdiff_t>(std::clamp<std::int64_t>(wanted, 0, static_cast<std::int64_t>(others.size())));
  std::nth_element(others.begin(), others.begin() + count, others.end(), before);
  for (auto weight = others.begin(); weight != others.begin() + count; ++weight) kept[weight->layer][weight->number] = true;
  for (std::size_t l = 0; l < stack.layers.size(); ++l) keep(stack.layers[l], kept[l]);
}

}  // namespace jetpinn
