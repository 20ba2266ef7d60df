#include "jetpinn/layer/sweep_order.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/layer/layer_kinds.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>

namespace jetpinn {
namespace {

// Whether a layer or one below it is trained.
std::vector<bool> trained_layers(const Network& network, bool all_layers) {
  std::vector<bool> trained;
  for (const Layer& layer : network.layers) {
    const bool below = std::any_of(layer.inputs.begin(), layer.inputs.end(),
                                   [&](int input) { return trained[static_cast<std::size_t>(input)]; });
    trained.push_back(all_layers || layer.trained() || below);
  }
  return trained;
}

}  // namespace

SweepOrder::SweepOrder(const Network& network, bool all_layers)
    : consumers(network.layers.size()), pass_of(network.layers.size(), 0) {
  for (const Layer& layer : network.layers) needs.push_back(layer_kind(layer).needs(layer));
  for (std::size_t l = 0; l < network.layers.size(); ++l)
    for (int input : network.layers[l].inputs) {
      JETPINN_CHECK(input >= 0 && input < static_cast<int>(l),
                    "layer " + std::to_string(l) + " reads layer " + std::to_string(input));
      consumers[static_cast<std::size_t>(input)].push_back(static_cast<int>(l));
    }
  const std::vector<bool> trained = trained_layers(network, all_layers);
  for (std::size_t l = network.layers.size(); l-- > 0;) {
    if (!trained[l]) continue;
    if (passes.empty() || needs[l].heads_pass) passes.emplace_back();
    passes.back().push_back(static_cast<int>(l));
    pass_of[l] = static_cast<int>(passes.size());
  }
}

bool SweepOrder::restores(int layer) const {
  const auto own = static_cast<std::size_t>(layer);
  bool gathered = false;
  for (int c : consumers[own]) {
    const auto consumer = static_cast<std::size_t>(c);
    if (pass_of[consumer] == 0) continue;
    if (needs[consumer].values_in_reverse) return false;
    if (!needs[consumer].values_in_gather) continue;
    if (pass_of[consumer] != pass_of[own]) return false;
    gathered = true;
  }
  return gathered && needs[own].restores;
}

std::vector<int> SweepOrder::reads_in_reverse(int layer) const {
  if (restores(layer)) return {};
  std::set<int> numbers;
  for (int c : consumers[static_cast<std::size_t>(layer)]) {
    const auto consumer = static_cast<std::size_t>(c);
    if (pass_of[consumer] > 0 && (needs[consumer].values_in_reverse || needs[consumer].values_in_gather))
      numbers.insert(pass_of[consumer]);
  }
  return {numbers.begin(), numbers.end()};
}

}  // namespace jetpinn
