#include "jetpinn/compress/prune_options.hpp"

#include "jetpinn/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

template <class Kind>
Kind kind_of(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  JETPINN_CHECK(found != names.end(), name);
  return static_cast<Kind>(found - names.begin());
}

[[noreturn]] void fail(const std::string& message) { throw Error(Status::usage, message); }

}  // namespace

const std::vector<std::string>& unit_score_names() {
  static const std::vector<std::string> names{"magnitude", "activation", "taylor", "residual"};
  return names;
}
const char* to_string(UnitScore score) { return unit_score_names()[static_cast<std::size_t>(score)].c_str(); }
UnitScore unit_score(const std::string& name) { return kind_of<UnitScore>(unit_score_names(), name); }

const std::vector<std::string>& prune_schedule_names() {
  static const std::vector<std::string> names{"geometric", "linear", "cubic"};
  return names;
}
const char* to_string(PruneSchedule schedule) { return prune_schedule_names()[static_cast<std::size_t>(schedule)].c_str(); }
PruneSchedule prune_schedule(const std::string& name) { return kind_of<PruneSchedule>(prune_schedule_names(), name); }

void check_prune_options(const PruneOptions& options) {
  if (!(options.target > 0 && options.target < 1))
    fail(fmt::format(
        "--target is {:g}; it is the share of the parameters that goes, above 0 and below 1, as in --target 0.75",
        options.target));
  if (!(options.limit > 0 && options.limit < 1))
    fail(
        fmt::format("--limit is {:g}; it is the largest share of a layer's neurons that may go, above 0 and below 1: a "
                    "layer that loses all of them would vanish",
                    options.limit));
  if (options.min_width < 1)
    fail(fmt::format("--min-width is {}; a layer that keeps no neuron would vanish: 1 is the least", options.min_width));
  if (!(options.allowed_loss >= 1 && std::isfinite(options.allowed_loss)))
    fail(fmt::format("--allowed-loss is {:g}; it is the largest ratio of the error after a round to that before, 1 or more",
                     options.allowed_loss));
}

}  // namespace jetpinn
