// All ways to keep or to recompute the hidden layers of a small network, for tests that compare with every one of them.
#pragma once

#include "jetpinn/layer/layer_range.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn::test {

// Every division of `hidden` whose last layer is kept: each other one is kept, begins a segment, or goes on with the one
// before. Where there are more than `most`, evenly chosen ones of them.
inline std::vector<RecomputedLayers> all_divisions(const std::vector<LayerRange>& hidden, std::size_t most = 100000) {
  std::vector<RecomputedLayers> divisions{{}};
  for (std::size_t h = 0; h + 1 < hidden.size(); ++h) {
    std::vector<RecomputedLayers> longer;
    for (const RecomputedLayers& division : divisions) {
      longer.push_back(division);
      longer.push_back(division);
      longer.back().push_back(hidden[h]);
      if (division.empty() || division.back().end != hidden[h].begin) continue;
      longer.push_back(division);
      longer.back().back().end = hidden[h].end;
    }
    divisions = std::move(longer);
  }
  if (divisions.size() <= most) return divisions;
  std::vector<RecomputedLayers> chosen;
  for (std::size_t i = 0; i < most; ++i) chosen.push_back(divisions[i * divisions.size() / most]);
  return chosen;
}

inline std::string text_of(const RecomputedLayers& ranges) {
  std::string text;
  for (const LayerRange& range : ranges) text += "[" + std::to_string(range.begin) + ", " + std::to_string(range.end) + ") ";
  return text;
}

}  // namespace jetpinn::test
