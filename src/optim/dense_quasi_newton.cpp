#include "jetpinn/optim/dense_quasi_newton.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/optim/descent.hpp"
#include "jetpinn/optim/flat_vector.hpp"

#include <algorithm>
#include <limits>

namespace jetpinn {

DenseQuasiNewton::DenseQuasiNewton(const OptimizerOptions& options, std::int64_t size, Communicator* ranks)
    : options_(options),
      size_(size),
      matrix_(size, ranks),
      gradient_(static_cast<std::size_t>(size)),
      direction_(gradient_),
      origin_(gradient_),
      trial_gradient_(gradient_),
      change_(gradient_),
      product_(gradient_) {}

std::int64_t DenseQuasiNewton::bytes(std::int64_t size, int rank, int ranks) {
  return SharedMatrix::bytes(size, rank, ranks) + 6 * size * static_cast<std::int64_t>(sizeof(double));
}

// How far it reaches is unknown: move the parameters by one at most in the sum of magnitudes.
void DenseQuasiNewton::steepest_descent() {
  filled_ = 0;
  const double scale = 1 / std::max(1.0, sum_of_magnitudes(gradient_.data(), size_));
  for (std::size_t i = 0; i < direction_.size(); ++i) direction_[i] = -scale * gradient_[i];
}

bool DenseQuasiNewton::start(Objective& objective, const double* parameters, StepReport& report) {
  if (!begin_descent(objective, parameters, gradient_.data(), size_, loss_, report)) return false;
  started_ = 1;
  if (filled_ == 0) {
    steepest_descent();
  } else {
    matrix_.sweep(gradient_.data(), gradient_.data(), direction_.data(), product_.data());
    for (double& d : direction_) d = -d;
  }
  return true;
}

LineSearchResult DenseQuasiNewton::search(Objective& objective, double* parameters, StepReport& report) {
  const Descent from{size_, loss_, origin_.data(), gradient_.data(), direction_.data()};
  return search_along(objective, from, rate_factor_, parameters, trial_gradient_.data(), report);
}

// s = x_new - x_old, y = g_new - g_old, v = H y, w = H g_new in one pass over the old H. Then H+ g_new follows from w
// without another one. s·H⁻¹s follows from the direction: s = step (-H g), so that H⁻¹s = -step g.
void DenseQuasiNewton::remember(const double* parameters, double step) {
  const ScopedRegion region(Region::optimizer);
  std::vector<double>&s = origin_, &y = change_, &v = product_, &w = direction_;
  for (std::size_t i = 0; i < s.size(); ++i) {
    s[i] = parameters[i] - s[i];
    y[i] = trial_gradient_[i] - gradient_[i];
  }
  Curvatures c{dot(s.data(), y.data(), size_), 0, -step * dot(s.data(), gradient_.data(), size_)};
  const double yy = dot(y.data(), y.data(), size_);
  const bool curved = c.sy > std::numeric_limits<double>::epsilon() * yy;
  if (filled_ == 0 && curved) {  // H = (s·y / y·y) I before its first update (Nocedal and Wright, equation 6.20)
    matrix_.set_diagonal(c.sy / yy);
    c.sbs = dot(s.data(), s.data(), size_) * yy / c.sy;
    filled_ = 1;
  }
  if (filled_ == 0) {
    std::copy(trial_gradient_.begin(), trial_gradient_.end(), gradient_.begin());
    steepest_descent();
    return;
  }
  matrix_.sweep(y.data(), trial_gradient_.data(), v.data(), w.data());
  c.yhy = dot(y.data(), v.data(), size_);
  if (curved && c.yhy > 0 && c.sbs > 0) {
    const BroydenFactors factors = options_.kind == "bfgs" ? self_scaled_bfgs(c) : self_scaled_broyden(c, size_);
    matrix_.update(rank_two(factors, c), s.data(), v.data());
    matrix_.carry_over(trial_gradient_.data(), w.data());
  }
  for (double& d : direction_) d = -d;
  std::copy(trial_gradient_.begin(), trial_gradient_.end(), gradient_.begin());
}

StepReport DenseQuasiNewton::step(Objective& objective, RealPlace parameters) {
  JETPINN_CHECK(!parameters.device, "dense quasi-Newton has no vectors on a device");
  return step_on_host(objective, parameters.here);
}

StepReport DenseQuasiNewton::step_on_host(Objective& objective, double* parameters) {
  StepReport report;
  if (started_ == 0 && !start(objective, parameters, report)) return report;
  std::copy(parameters, parameters + size_, origin_.begin());
  LineSearchResult result = search(objective, parameters, report);
  if (!result.success && filled_ == 1) {
    steepest_descent();
    result = search(objective, parameters, report);
  }
  if (!result.success) {
    std::copy(origin_.begin(), origin_.end(), parameters);
    report.reason = "line search";
    report.finished = no_lower_loss(loss_);
  } else {
    const double previous_loss = loss_;
    remember(parameters, result.point.step);
    loss_ = result.point.value;
    judge_step(options_, gradient_.data(), size_, loss_, previous_loss, report);
  }
  report.loss = loss_;
  report.gradient_norm = norm(gradient_.data(), size_);
  report.learning_rate = result.point.step;
  return report;
}

void DenseQuasiNewton::restart(double rate_factor) {
  started_ = 0;
  filled_ = 0;
  rate_factor_ *= rate_factor;
}

State DenseQuasiNewton::state() {
  State all = {{"started", &started_},
               {"filled", &filled_},
               {"loss", &loss_},
               {"rate_factor", &rate_factor_},
               {"gradient", RealSlice{gradient_.data(), size_}},
               {"direction", RealSlice{direction_.data(), size_}}};
  append(all, "matrix", matrix_.state());
  return all;
}

}  // namespace jetpinn
