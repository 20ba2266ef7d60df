#include "jetpinn/compress/serving_weights.hpp"

#include <algorithm>

namespace jetpinn {

ServingWeights::ServingWeights(const WeightStack& stack) : stack_(&stack) {
  for (std::size_t l = 0; l < stack.layers.size(); ++l) {
    const SparsePattern& pattern = stack.layers[l].pattern;
    serves_.emplace_back(pattern.kept.size(), true);
    into_.emplace_back(static_cast<std::size_t>(pattern.outputs));
    from_.emplace_back(static_cast<std::size_t>(pattern.inputs));
    for (std::size_t k = 0; k < pattern.kept.size(); ++k) {
      const WeightEnds ends = ends_of(pattern, pattern.kept[k]);
      into_[l][ends.output].push_back(k);
      from_[l][ends.input].push_back(k);
    }
    for (const auto& [units, counts] : {std::pair(&into_[l], &sources_), std::pair(&from_[l], &readers_)}) {
      counts->emplace_back();
      for (const std::vector<std::size_t>& weights : *units)
        counts->back().push_back(static_cast<std::int64_t>(weights.size()));
    }
  }
  std::vector<WeightPlace> stopped;
  for (std::size_t l = 0; l + 1 < stack.layers.size(); ++l)
    for (std::size_t unit = 0; unit < sources_[l].size(); ++unit) {
      if (sources_[l][unit] == 0) stop_from(l + 1, unit, stopped);
      if (readers_[l + 1][unit] == 0) stop_into(l, unit, stopped);
    }
  spread(stopped);
}

std::int64_t ServingWeights::count() const {
  std::int64_t count = 0;
  for (const std::vector<bool>& layer : serves_) count += std::count(layer.begin(), layer.end(), true);
  return count;
}

std::vector<WeightPlace> ServingWeights::take_away(WeightPlace weight) {
  std::vector<WeightPlace> stopped;
  stop(weight, stopped);
  spread(stopped);
  return stopped;
}

void ServingWeights::put_back(const std::vector<WeightPlace>& weights) {
  for (const WeightPlace weight : weights) {
    const WeightEnds at = ends(weight);
    serves_[weight.layer][weight.number] = true;
    ++sources_[weight.layer][at.output];
    ++readers_[weight.layer][at.input];
  }
}

WeightEnds ServingWeights::ends(WeightPlace weight) const {
  const SparsePattern& pattern = stack_->layers[weight.layer].pattern;
  return ends_of(pattern, pattern.kept[weight.number]);
}

// A unit that nothing leads to is a constant, and one that nothing reads is no part of an output.
void ServingWeights::spread(std::vector<WeightPlace>& stopped) {
  for (std::size_t next = 0; next < stopped.size(); ++next) {
    const std::size_t layer = stopped[next].layer;
    const WeightEnds at = ends(stopped[next]);
    if (--sources_[layer][at.output] == 0 && layer + 1 < serves_.size()) stop_from(layer + 1, at.output, stopped);
    if (--readers_[layer][at.input] == 0 && layer > 0) stop_into(layer - 1, at.input, stopped);
  }
}

void ServingWeights::stop(WeightPlace weight, std::vector<WeightPlace>& stopped) {
  if (!serves(weight)) return;
  serves_[weight.layer][weight.number] = false;
  stopped.push_back(weight);
}

void ServingWeights::stop_into(std::size_t layer, std::size_t output, std::vector<WeightPlace>& stopped) {
  for (const std::size_t number : into_[layer][output]) stop({layer, number}, stopped);
}

void ServingWeights::stop_from(std::size_t layer, std::size_t input, std::vector<WeightPlace>& stopped) {
  for (const std::size_t number : from_[layer][input]) stop({layer, number}, stopped);
}

}  // namespace jetpinn
