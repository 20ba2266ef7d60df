#include "jetpinn/optim/lbfgs.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/optim/descent.hpp"
#include "jetpinn/optim/flat_vector.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace jetpinn {
// The whole ring is touched now: a machine too small for it must not be found out after hours. The vectors keep what they
// once had.
Lbfgs::Lbfgs(const OptimizerOptions& options, std::int64_t size, VectorDevice* device)
    : options_(options),
      size_(size),
      history_(std::max(1, options.history)),
      gradient_(size, device),
      origin_(gradient_),
      trial_gradient_(gradient_),
      direction_(gradient_),
      s_(history_ * size, device),
      y_(history_ * size, device),
      alpha_(static_cast<std::size_t>(history_)) {
  forget();
  rho_.reserve(static_cast<std::size_t>(history_));
}

// Two loops over the pairs, newest first and back: 4 passes over [pairs, size].
void Lbfgs::direction() {
  ScopedRegion region(Region::optimizer);
  const bool whole = s_.size() == pairs() * size_ && y_.size() == s_.size() && pairs() <= history_;
  JETPINN_CHECK(whole && (pairs() == 0 || (newest_ >= 0 && newest_ < pairs())), "the pairs of L-BFGS do not fit each other");
  negate(gradient_, direction_, size_);
  const auto at = [&](std::int64_t age) { return (newest_ - age + history_) % history_; };
  for (std::int64_t age = 0; age < pairs(); ++age) {
    const std::int64_t k = at(age);
    alpha_[static_cast<std::size_t>(k)] = rho_[static_cast<std::size_t>(k)] * dot(pair_s(k), direction_, size_);
    add_scaled(-alpha_[static_cast<std::size_t>(k)], pair_y(k), direction_, size_);
  }
  scale(scale_, direction_, size_);
  for (std::int64_t age = pairs() - 1; age >= 0; --age) {
    const std::int64_t k = at(age);
    // alpha - beta, rounded once whatever the compiler makes of it.
    const double difference =
        std::fma(-rho_[static_cast<std::size_t>(k)], dot(pair_y(k), direction_, size_), alpha_[static_cast<std::size_t>(k)]);
    add_scaled(difference, pair_s(k), direction_, size_);
  }
}

// y = g_new - g_old, s = x_new - x_old; pairs without curvature are left out. scale = s.y / y.y (equation 7.20).
// Both are made where the old point and its gradient were: nothing reads those again, and a pair that is left
// out must not cost the oldest one.
void Lbfgs::remember(ConstRealPlace parameters) {
  ScopedRegion region(Region::optimizer);
  PlacedVector &s = origin_, &y = gradient_;
  subtract_from(parameters, s, size_);
  subtract_from(trial_gradient_, y, size_);
  const double curvature = dot(s, y, size_), yy = dot(y, y, size_);
  if (!(curvature > std::numeric_limits<double>::epsilon() * yy)) return;
  newest_ = (newest_ + 1) % history_;
  if (newest_ == pairs()) {
    rho_.push_back(0);
    for (PlacedVector* ring : {&s_, &y_}) ring->resize(pairs() * size_);
  }
  copy_vector(s, pair_s(newest_), size_);
  copy_vector(y, pair_y(newest_), size_);
  rho_[static_cast<std::size_t>(newest_)] = 1 / curvature;
  scale_ = curvature / yy;
}

void Lbfgs::forget() {
  s_.clear();
  y_.clear();
  rho_.clear();
  newest_ = -1;
}

StepReport Lbfgs::step(Objective& objective, RealPlace parameters) {
  StepReport report;
  if (started_ == 0) {
    if (!begin_descent(objective, parameters, gradient_, size_, loss_, report)) return report;
    started_ = 1;
    // How far steepest descent reaches is unknown without a pair: move the parameters by one at
    // most in the sum of magnitudes.
    if (scale_ == 0) scale_ = 1 / std::max(1.0, sum_of_magnitudes(gradient_, size_));
  }
  copy_vector(parameters, origin_, size_);
  const double previous_loss = loss_;

  LineSearchResult result;
  for (int attempt = 0; attempt < 2 && !result.success; ++attempt) {
    if (attempt == 1 && pairs() == 0) break;   // it was steepest descent already
    if (attempt == 1) forget();   // the scale stays: the curvature met last
    direction();
    result = search_along(objective, {size_, loss_, origin_, gradient_, direction_}, rate_factor_, parameters,
                          trial_gradient_, report);
  }
  if (!result.success) {
    copy_vector(origin_, parameters, size_);
    report.reason = "line search";
    report.finished = no_lower_loss(loss_);
  } else {
    remember(parameters);
    copy_vector(trial_gradient_, gradient_, size_);  // not swapped: state() points there
    loss_ = result.point.value;
    judge_step(options_, gradient_, size_, loss_, previous_loss, report);
  }
  report.loss = loss_;
  report.gradient_norm = norm(gradient_, size_);
  report.learning_rate = result.point.step;
  return report;
}

void Lbfgs::restart(double rate_factor) {
  forget();
  started_ = 0;
  scale_ = 0;
  rate_factor_ *= rate_factor;
}

State Lbfgs::state() {
  return {{"started", &started_},
          {"newest", &newest_},
          {"loss", &loss_},
          {"scale", &scale_},
          {"rate_factor", &rate_factor_},
          {"gradient", gradient_.slice()},
          {"s", &s_.open()},
          {"y", &y_.open()},
          {"rho", &rho_}};
}

}  // namespace jetpinn
