#include "jetpinn/sampling/adaptive_options.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace jetpinn {
namespace {

// In the order of the enumeration. Power and offset as in Wu et al. (2023), table 1.
const std::array<AdaptiveDefaults, 6>& rows() {
  static const std::array<AdaptiveDefaults, 6> all{{
      {.method = AdaptiveMethod::none},
      {.method = AdaptiveMethod::rad, .candidates = 10, .power = 1, .offset = 1, .most_change = 1},
      {.method = AdaptiveMethod::rar_d, .candidates = 10, .power = 2, .offset = 0, .add = 0.1, .most = 2},
      {.method = AdaptiveMethod::rar_g, .candidates = 10, .add = 0.1, .most = 2},
      {.method = AdaptiveMethod::r3, .most_change = 1, .scores_fresh = false},
      {.method = AdaptiveMethod::importance, .candidates = 10, .power = 1, .offset = 1},
  }};
  return all;
}

}  // namespace

const char* to_string(AdaptiveMethod method) {
  static const char* const names[] = {"none", "rad", "rar_d", "rar_g", "r3", "importance"};
  return names[static_cast<int>(method)];
}

AdaptiveMethod adaptive_method(const std::string& name) {
  for (const AdaptiveDefaults& row : rows())
    if (name == to_string(row.method)) return row.method;
  return AdaptiveMethod::none;
}

const AdaptiveDefaults& adaptive_defaults(AdaptiveMethod method) { return rows()[static_cast<std::size_t>(method)]; }

bool AdaptiveOptions::names(const std::string& term) const {
  return active() && (terms.empty() || std::find(terms.begin(), terms.end(), term) != terms.end());
}

AdaptiveDefaults AdaptiveOptions::settings() const {
  AdaptiveDefaults all = adaptive_defaults(method);
  const auto take = [](std::optional<double>& own, const std::optional<double>& given) {
    if (given) own = given;
  };
  take(all.candidates, candidates);
  take(all.power, power);
  take(all.offset, offset);
  take(all.add, add);
  take(all.most, most);
  take(all.most_change, most_change);
  return all;
}

}  // namespace jetpinn
