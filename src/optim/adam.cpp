#include "jetpinn/optim/adam.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/optim/flat_vector.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace jetpinn {

Adam::Adam(const OptimizerOptions& options, const ParameterLayout& layout, std::int64_t stage_steps, VectorDevice* device,
           WeightDecay decay)
    : options_(options),
      size_(layout.size),
      stage_steps_(stage_steps),
      decay_(std::move(decay)),
      rates_(rate_ranges(layout, options.learning_rate.start)),
      adaptive_(options.learning_rate),
      gradient_(layout.size, device),
      first_(gradient_),
      second_(gradient_) {}

// m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,  x <- x - a (m^ / (sqrt(v^) + eps) + d x), d: weight decay
// One pass, 4 reads and 3 writes per parameter.
StepReport Adam::step(Objective& objective, RealPlace parameters) {
  const Objective::Value value = objective.evaluate(parameters, gradient_);
  ScopedRegion region(Region::optimizer);
  StepReport report;
  report.loss = value.loss;
  report.evaluations = 1;
  report.learning_rate = rate_factor_ * learning_rate(options_.learning_rate, schedule_step_, stage_steps_);
  ++schedule_step_;

  report.gradient_norm = norm(gradient_, size_);
  if (!value.finite || !std::isfinite(report.gradient_norm)) {
    report.skipped = true;
    return report;
  }
  report.learning_rate *= adaptive_.factor(schedule_step_ - 1, report.loss, report.gradient_norm);
  // Without a past the moments are zero too.
  if (report.gradient_norm == 0 && largest_magnitude(gradient_, size_) == 0 && largest_magnitude(first_, size_) == 0) {
    report.finished = zero_gradient(report.loss);
    report.reason = "gradient is zero";
    return report;
  }
  const double b1 = options_.beta1, b2 = options_.beta2, steps = static_cast<double>(++step_);
  AdamFactors factors;
  if (options_.clip > 0 && report.gradient_norm > options_.clip) factors.clip = options_.clip / report.gradient_norm;
  factors.b1 = b1;
  factors.b2 = b2;
  const double rate = report.learning_rate / (1 - std::pow(b1, steps));
  factors.second_correction = 1 / (1 - std::pow(b2, steps));
  factors.epsilon = options_.epsilon;
  decay_.apply(report.learning_rate, parameters);
  for (const RateRange& range : rates_) {
    factors.rate = range.factor * rate;
    update_adam(factors, gradient_.place() + range.begin, first_.place() + range.begin, second_.place() + range.begin,
                parameters + range.begin, range.length);
  }
  return report;
}

void Adam::restart(double rate_factor) {
  step_ = 0;
  for (PlacedVector* moment : {&first_, &second_}) std::fill(moment->open().begin(), moment->open().end(), 0.0);
  rate_factor_ *= rate_factor;
}

// The gradient is not among them: every step begins by asking for it.
State Adam::state() {
  State all = {{"step", &step_},
               {"schedule_step", &schedule_step_},
               {"rate_factor", &rate_factor_},
               {"first_moment", first_.slice()},
               {"second_moment", second_.slice()}};
  append(all, "schedule", adaptive_.state());
  return all;
}

}  // namespace jetpinn
