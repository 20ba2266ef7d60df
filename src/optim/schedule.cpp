#include "jetpinn/optim/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

double learning_rate(const ScheduleOptions& options, std::int64_t step, std::int64_t steps) {
  if (step < options.warmup) return options.start * static_cast<double>(step + 1) / static_cast<double>(options.warmup);
  const double done = static_cast<double>(step - options.warmup);
  if (options.kind == "exponential") return options.start * std::pow(options.decay, done / options.every);
  if (options.kind == "cosine") {
    const double share = std::min(1.0, done / std::max(1.0, static_cast<double>(steps - options.warmup)));
    return options.end + (options.start - options.end) * 0.5 * (1 + std::cos(std::acos(-1.0) * share));
  }
  return options.start;
}

}  // namespace jetpinn
