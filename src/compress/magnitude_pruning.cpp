#include "jetpinn/compress/magnitude_pruning.hpp"

#include "jetpinn/compress/serving_weights.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
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

// The weights that a layer keeps, the larger first.
std::vector<Weight> weights_of(const StackLayer& layer, std::size_t number) {
  std::vector<Weight> own;
  for (std::size_t k = 0; k < layer.kept.size(); ++k) own.push_back({std::abs(layer.kept[k]), number, k});
  std::sort(own.begin(), own.end(), before);
  return own;
}

using Units = std::vector<bool>;

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

using Kept = std::vector<std::vector<bool>>;  // [layers][weights that are kept before]

// What each matrix and each output needs.
Kept needed_weights(const WeightStack& stack) {
  Kept needed(stack.layers.size());
  const std::vector<Units> varying = units_that_vary(stack);
  Units units(static_cast<std::size_t>(stack.output_count()), true);
  for (std::size_t l = stack.layers.size(); l-- > 0;) {
    const StackLayer& layer = stack.layers[l];
    const std::vector<Weight> own = weights_of(layer, l);
    needed[l].resize(own.size());
    keep_paths(layer.pattern, own, varying[l], units, needed[l]);
    auto there = static_cast<std::int64_t>(std::count(needed[l].begin(), needed[l].end(), true));
    for (const Weight& weight : own) {
      if (there >= least_kept(stack, layer)) break;
      if (needed[l][weight.number]) continue;
      needed[l][weight.number] = true;
      ++there;
    }
  }
  return needed;
}

// Those that may go, in that order: what serves nothing already, then the smaller first.
std::vector<Weight> order_of_going(const WeightStack& stack, const Kept& needed, const ServingWeights& serving) {
  std::vector<Weight> order;
  for (std::size_t l = 0; l < stack.layers.size(); ++l)
    for (const Weight& weight : weights_of(stack.layers[l], l))
      if (!needed[l][weight.number]) order.push_back(weight);
  std::sort(order.begin(), order.end(), [&](const Weight& a, const Weight& b) {
    const bool a_serves = serving.serves({a.layer, a.number}), b_serves = serving.serves({b.layer, b.number});
    return a_serves != b_serves ? b_serves : before(b, a);
  });
  return order;
}

// Lets `leaving` weights go, one after the other and each together with what serves nothing without it. One that would take
// more along than are to go stays, and goes alone if no other is left.
Kept without(const WeightStack& stack, std::int64_t leaving) {
  const Kept needed = needed_weights(stack);
  ServingWeights serving(stack);
  Kept kept;
  for (const StackLayer& layer : stack.layers) kept.emplace_back(layer.kept.size(), true);
  std::vector<Weight> large;  // those that stay for what they would take along
  const auto go = [&](std::size_t layer, std::size_t number) {
    kept[layer][number] = false;
    --leaving;
  };
  for (const Weight& weight : order_of_going(stack, needed, serving)) {
    if (leaving <= 0) break;
    if (!kept[weight.layer][weight.number]) continue;
    const std::vector<WeightPlace> stopped = serving.take_away({weight.layer, weight.number});
    const auto stays = [&](const WeightPlace& other) { return needed[other.layer][other.number]; };
    if (std::count_if(stopped.begin(), stopped.end(), std::not_fn(stays)) > leaving) {
      serving.put_back(stopped);
      large.push_back(weight);
      continue;
    }
    if (stopped.empty()) go(weight.layer, weight.number);
    for (const WeightPlace& other : stopped)
      if (!stays(other)) go(other.layer, other.number);
  }
  for (const Weight& weight : large)
    if (leaving > 0 && kept[weight.layer][weight.number]) go(weight.layer, weight.number);
  return kept;
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
  const std::int64_t wanted = stack.weights() - std::llround(sparsity * static_cast<double>(stack.weights()));
  const Kept kept = without(stack, stack.kept() - wanted);
  for (std::size_t l = 0; l < stack.layers.size(); ++l) keep(stack.layers[l], kept[l]);
}

}  // namespace jetpinn
