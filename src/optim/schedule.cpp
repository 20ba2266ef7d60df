#include "jetpinn/optim/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

double between(double a, double b, double share) { return a + (b - a) * share; }

// start + (end - start) (1 - cos(pi s)) / 2
double cosine(const ScheduleOptions& options, double share) {
  return options.end + (options.start - options.end) * 0.5 * (1 + std::cos(std::acos(-1.0) * share));
}

// start * f_1 * ... * f_k, where k steps of `at` were reached
double piecewise(const ScheduleOptions& options, std::int64_t step) {
  double rate = options.start;
  for (std::size_t k = 0; k < options.at.size() && options.at[k] <= step; ++k) rate *= options.factors[k];
  return rate;
}

// start + (max - start) (1 - |2 p - 1|), p: share of the period that has passed
double cyclical(const ScheduleOptions& options, double done) {
  const double periods = done / options.period, passed = periods - std::floor(periods);
  return between(options.start, options.max, 1 - std::abs(2 * passed - 1));
}

double one_cycle(const ScheduleOptions& options, double share) {
  constexpr double top = 0.45, back = 0.9;
  if (share < top) return between(options.start, options.max, share / top);
  if (share < back) return between(options.max, options.start, (share - top) / (back - top));
  return between(options.start, options.end, (share - back) / (1 - back));
}

}  // namespace

double learning_rate(const ScheduleOptions& options, std::int64_t step, std::int64_t steps) {
  if (step < options.warmup) return options.start * static_cast<double>(step + 1) / static_cast<double>(options.warmup);
  const double done = static_cast<double>(step - options.warmup);
  const double share = std::min(1.0, done / std::max(1.0, static_cast<double>(steps - options.warmup)));
  if (options.kind == "exponential") return options.start * std::pow(options.decay, done / options.every);
  if (options.kind == "cosine") return cosine(options, share);
  if (options.kind == "piecewise") return piecewise(options, step);
  if (options.kind == "cyclical") return cyclical(options, done);
  if (options.kind == "one_cycle") return one_cycle(options, share);
  return options.start;
}

}  // namespace jetpinn
