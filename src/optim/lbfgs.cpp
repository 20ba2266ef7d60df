#include "jetpinn/optim/lbfgs.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/optim/flat_vector.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace jetpinn {
namespace {

std::string scientific(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6e", value);
  return text;
}

}  // namespace

Lbfgs::Lbfgs(const OptimizerOptions& options, std::int64_t size)
    : options_(options), size_(size), history_(std::max(1, options.history)), gradient_(static_cast<std::size_t>(size)),
      origin_(gradient_), trial_gradient_(gradient_), direction_(gradient_), alpha_(static_cast<std::size_t>(history_)) {
  // The whole ring is touched now: a machine too small for it must not be found out after hours. The
  // vectors keep what they once had.
  for (std::vector<double>* ring : {&s_, &y_}) ring->resize(static_cast<std::size_t>(history_ * size));
  forget();
  rho_.reserve(static_cast<std::size_t>(history_));
}

// Two loops over the pairs, newest first and back: 4 passes over [pairs, size].
void Lbfgs::direction() {
  ScopedRegion region(Region::optimizer);
  const bool whole =
      s_.size() == rho_.size() * static_cast<std::size_t>(size_) && y_.size() == s_.size() && pairs() <= history_;
  JETPINN_CHECK(whole && (pairs() == 0 || (newest_ >= 0 && newest_ < pairs())), "the pairs of L-BFGS do not fit each other");
  for (std::int64_t i = 0; i < size_; ++i) direction_[static_cast<std::size_t>(i)] = -gradient_[static_cast<std::size_t>(i)];
  const auto at = [&](std::int64_t age) { return (newest_ - age + history_) % history_; };
  for (std::int64_t age = 0; age < pairs(); ++age) {
    const std::int64_t k = at(age);
    alpha_[static_cast<std::size_t>(k)] = rho_[static_cast<std::size_t>(k)] * dot(pair_s(k), direction_.data(), size_);
    add_scaled(-alpha_[static_cast<std::size_t>(k)], pair_y(k), direction_.data(), size_);
  }
  for (double& d : direction_) d *= scale_;
  for (std::int64_t age = pairs() - 1; age >= 0; --age) {
    const std::int64_t k = at(age);
    const double beta = rho_[static_cast<std::size_t>(k)] * dot(pair_y(k), direction_.data(), size_);
    add_scaled(alpha_[static_cast<std::size_t>(k)] - beta, pair_s(k), direction_.data(), size_);
  }
}

LineSearchResult Lbfgs::search(Objective& objective, double* parameters, StepReport& report) {
  const LinePoint start{0, loss_, dot(gradient_.data(), direction_.data(), size_), true};
  if (!(start.slope < 0)) return {};
  const auto evaluate = [&](double step) {
    for (std::int64_t i = 0; i < size_; ++i)
      parameters[i] = origin_[static_cast<std::size_t>(i)] + step * direction_[static_cast<std::size_t>(i)];
    const Objective::Value value = objective.evaluate(parameters, trial_gradient_.data());
    ++report.evaluations;
    return LinePoint{step, value.loss, value.finite ? dot(trial_gradient_.data(), direction_.data(), size_) : 0,
                     value.finite};
  };
  return search_wolfe(start, rate_factor_, evaluate);
}

// y = g_new - g_old, s = x_new - x_old; pairs without curvature are left out. scale = s.y / y.y (equation 7.20).
// Both are made where the old point and its gradient were: nothing reads those again, and a pair that is left
// out must not cost the oldest one.
void Lbfgs::remember(const double* parameters) {
  ScopedRegion region(Region::optimizer);
  std::vector<double>&s = origin_, &y = gradient_;
  for (std::size_t i = 0; i < s.size(); ++i) {
    s[i] = parameters[i] - s[i];
    y[i] = trial_gradient_[i] - y[i];
  }
  const double curvature = dot(s.data(), y.data(), size_), yy = dot(y.data(), y.data(), size_);
  if (!(curvature > std::numeric_limits<double>::epsilon() * yy)) return;
  newest_ = (newest_ + 1) % history_;
  if (newest_ == pairs()) {
    s_.insert(s_.end(), s.begin(), s.end());
    y_.insert(y_.end(), y.begin(), y.end());
    rho_.push_back(0);
  } else {
    std::copy(s.begin(), s.end(), pair_s(newest_));
    std::copy(y.begin(), y.end(), pair_y(newest_));
  }
  rho_[static_cast<std::size_t>(newest_)] = 1 / curvature;
  scale_ = curvature / yy;
}

void Lbfgs::forget() {
  s_.clear();
  y_.clear();
  rho_.clear();
  newest_ = -1;
}

std::string Lbfgs::converged(double previous_loss) const {
  const double largest = largest_magnitude(gradient_.data(), size_);
  if (largest == 0) return zero_gradient(loss_);
  if (largest <= options_.gradient_tolerance)
    return "largest gradient component " + scientific(largest) + " reached the tolerance";
  if (options_.loss_tolerance > 0 && previous_loss - loss_ <= options_.loss_tolerance * std::abs(previous_loss))
    return "relative change of the loss reached the tolerance at loss " + scientific(loss_);
  return "";
}

StepReport Lbfgs::step(Objective& objective, double* parameters) {
  StepReport report;
  if (started_ == 0) {
    const Objective::Value value = objective.evaluate(parameters, gradient_.data());
    ++report.evaluations;
    report.loss = loss_ = value.loss;
    if (!value.finite) {
      report.skipped = true;
      return report;
    }
    if (largest_magnitude(gradient_.data(), size_) == 0) {
      report.reason = "gradient is zero";
      report.finished = zero_gradient(loss_);
      return report;
    }
    started_ = 1;
    // How far steepest descent reaches is unknown without a pair: move the parameters by one at
    // most in the sum of magnitudes.
    if (scale_ == 0) scale_ = 1 / std::max(1.0, sum_of_magnitudes(gradient_.data(), size_));
  }
  std::copy(parameters, parameters + size_, origin_.begin());
  const double previous_loss = loss_;

  LineSearchResult result;
  for (int attempt = 0; attempt < 2 && !result.success; ++attempt) {
    if (attempt == 1 && pairs() == 0) break;   // it was steepest descent already
    if (attempt == 1) forget();   // the scale stays: the curvature met last
    direction();
    result = search(objective, parameters, report);
  }
  if (!result.success) {
    std::copy(origin_.begin(), origin_.end(), parameters);
    report.reason = "line search";
    report.finished = "the line search failed along the quasi-Newton direction and along steepest descent: no lower loss "
                      "within machine precision, at loss " + scientific(loss_);
  } else {
    remember(parameters);
    std::copy(trial_gradient_.begin(), trial_gradient_.end(), gradient_.begin());   // not swapped: state() points there
    loss_ = result.point.value;
    report.finished = converged(previous_loss);
    if (!report.finished.empty())
      report.reason = largest_magnitude(gradient_.data(), size_) == 0 ? "gradient is zero" : "tolerance";
  }
  report.loss = loss_;
  report.gradient_norm = norm(gradient_.data(), size_);
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
          {"gradient", RealSlice{gradient_.data(), size_}},
          {"s", &s_},
          {"y", &y_},
          {"rho", &rho_}};
}

}  // namespace jetpinn
