#include "jetpinn/optim/lbfgs.hpp"

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
    : options_(options), size_(size), history_(std::max(1, options.history)), origin_(static_cast<std::size_t>(size)), gradient_(origin_),
      trial_gradient_(origin_), direction_(origin_), s_(static_cast<std::size_t>(history_ * size)), y_(s_),
      rho_(static_cast<std::size_t>(history_)), alpha_(rho_) {}

// Two loops over the pairs, newest first and back: 4 passes over [pairs, size].
void Lbfgs::direction() {
  ScopedRegion region(Region::optimizer);
  const auto pairs = static_cast<std::int64_t>(pairs_), newest = static_cast<std::int64_t>(newest_);
  for (std::int64_t i = 0; i < size_; ++i) direction_[static_cast<std::size_t>(i)] = -gradient_[static_cast<std::size_t>(i)];
  const auto at = [&](std::int64_t age) { return (newest - age + history_) % history_; };
  for (std::int64_t age = 0; age < pairs; ++age) {
    const std::int64_t k = at(age);
    alpha_[static_cast<std::size_t>(k)] = rho_[static_cast<std::size_t>(k)] * dot(pair_s(k), direction_.data(), size_);
    add_scaled(-alpha_[static_cast<std::size_t>(k)], pair_y(k), direction_.data(), size_);
  }
  for (double& d : direction_) d *= scale_;
  for (std::int64_t age = pairs - 1; age >= 0; --age) {
    const std::int64_t k = at(age);
    const double beta = rho_[static_cast<std::size_t>(k)] * dot(pair_y(k), direction_.data(), size_);
    add_scaled(alpha_[static_cast<std::size_t>(k)] - beta, pair_s(k), direction_.data(), size_);
  }
}

LineSearchResult Lbfgs::search(Objective& objective, double* parameters, StepReport& report) {
  const LinePoint start{0, loss_, dot(gradient_.data(), direction_.data(), size_), true};
  if (!(start.slope < 0)) return {};
  const auto evaluate = [&](double step) {
    for (std::int64_t i = 0; i < size_; ++i) parameters[i] = origin_[static_cast<std::size_t>(i)] + step * direction_[static_cast<std::size_t>(i)];
    const Objective::Value value = objective.evaluate(parameters, trial_gradient_.data());
    ++report.evaluations;
    return LinePoint{step, value.loss, value.finite ? dot(trial_gradient_.data(), direction_.data(), size_) : 0, value.finite};
  };
  return search_wolfe(start, 1, evaluate);
}

// y = g_new - g_old, s = x_new - x_old; pairs without curvature are left out. scale = s.y / y.y (equation 7.20).
void Lbfgs::remember(const double* parameters) {
  ScopedRegion region(Region::optimizer);
  const std::int64_t next = (static_cast<std::int64_t>(newest_) + 1) % history_;
  double *s = pair_s(next), *y = pair_y(next);
  for (std::int64_t i = 0; i < size_; ++i) {
    s[i] = parameters[i] - origin_[static_cast<std::size_t>(i)];
    y[i] = trial_gradient_[static_cast<std::size_t>(i)] - gradient_[static_cast<std::size_t>(i)];
  }
  const double curvature = dot(s, y, size_), yy = dot(y, y, size_);
  if (!(curvature > std::numeric_limits<double>::epsilon() * yy)) {
    pairs_ = std::min(pairs_, static_cast<double>(history_ - 1));   // in a full ring the oldest pair has just been overwritten
    return;
  }
  rho_[static_cast<std::size_t>(next)] = 1 / curvature;
  scale_ = curvature / yy;
  newest_ = static_cast<double>(next);
  pairs_ = std::min(pairs_ + 1, static_cast<double>(history_));
}

std::string Lbfgs::converged(double previous_loss) const {
  const double largest = largest_magnitude(gradient_.data(), size_);
  if (largest <= options_.gradient_tolerance) return "largest gradient component " + scientific(largest) + " reached the tolerance";
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
    started_ = 1;
    // How far steepest descent reaches is unknown without a pair: move the parameters by one at most in the sum of magnitudes.
    if (scale_ == 0) scale_ = 1 / std::max(1.0, sum_of_magnitudes(gradient_.data(), size_));
  }
  std::copy(parameters, parameters + size_, origin_.begin());
  const double previous_loss = loss_;

  LineSearchResult result;
  for (int attempt = 0; attempt < 2 && !result.success; ++attempt) {
    if (attempt == 1 && pairs_ == 0) break;   // it was steepest descent already
    if (attempt == 1) pairs_ = 0, newest_ = -1;   // the scale stays: the curvature met last
    direction();
    result = search(objective, parameters, report);
  }
  if (!result.success) {
    std::copy(origin_.begin(), origin_.end(), parameters);
    report.finished = "the line search failed along the quasi-Newton direction and along steepest descent: no lower loss within machine "
                      "precision, at loss " + scientific(loss_);
  } else {
    remember(parameters);
    gradient_.swap(trial_gradient_);
    loss_ = result.point.value;
    report.finished = converged(previous_loss);
  }
  report.loss = loss_;
  report.gradient_norm = norm(gradient_.data(), size_);
  report.learning_rate = result.point.step;
  return report;
}

std::vector<Optimizer::StateItem> Lbfgs::state() {
  return {{"started", &started_, 1}, {"pairs", &pairs_, 1}, {"newest", &newest_, 1}, {"loss", &loss_, 1}, {"scale", &scale_, 1},
          {"gradient", gradient_.data(), size_}, {"s", s_.data(), history_ * size_}, {"y", y_.data(), history_ * size_},
          {"rho", rho_.data(), history_}};
}

}  // namespace jetpinn
