#include "jetpinn/optim/natural_gradient.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/optim/descent.hpp"
#include "jetpinn/optim/flat_vector.hpp"
#include "jetpinn/optim/solve_on_root.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

namespace jetpinn {

// The matrix is made once, for all λ. At level `ranks` every rank count gives its bits.
struct NaturalGradient::Direction {
  Direction(Objective& objective, const double* parameters, const std::vector<double>& gradient, Communicator* of)
      : ranks(of), size(objective.size()), linear(objective.linearize(parameters)), places(linear->kernel_places()) {
    if (in_parameters()) {
      matrix = linear->normal_matrix();
      right = gradient;  // of the loss: 2 Sᵀ s
      for (double& g : right) g /= 2;
      return;
    }
    ObjectiveLinearization::Kernel kernel = linear->kernel();
    matrix = std::move(kernel.matrix);
    right = std::move(kernel.residuals);
  }

  bool in_parameters() const { return NaturalGradientSystem{size, places}.in_parameters(); }

  // -d; empty: rounding has left no positive definite matrix.
  std::vector<double> at(double damping) {
    const ScopedRegion region(Region::optimizer);
    const std::int64_t unknowns = in_parameters() ? size : places;
    std::vector<double> x = solve_on_root(ranks, "natural gradient", matrix, right, unknowns, damping);
    if (in_parameters() || x.empty()) return x;
    std::vector<double> product(static_cast<std::size_t>(size));
    linear->from_kernel(x.data(), product.data());
    return product;
  }

  Communicator* ranks;
  std::int64_t size;
  std::unique_ptr<ObjectiveLinearization> linear;
  std::int64_t places;
  std::vector<double> matrix, right;  // of rank 0
};

NaturalGradient::NaturalGradient(const OptimizerOptions& options, std::int64_t size, Communicator* ranks)
    : options_(options),
      size_(size),
      ranks_(ranks),
      gradient_(static_cast<std::size_t>(size)),
      origin_(gradient_),
      trial_(gradient_),
      trial_gradient_(gradient_),
      best_(gradient_) {}

void NaturalGradient::objective_changed() { started_ = 0; }

std::int64_t NaturalGradient::bytes(std::int64_t size) { return 7 * size * static_cast<std::int64_t>(sizeof(double)); }

// One solution and one evaluation; where the loss is lower than the lowest so far, trial_ and its gradient are kept.
bool NaturalGradient::lowers(Objective& objective, const std::vector<double>& direction, StepReport& report) {
  if (direction.empty()) return false;
  for (std::size_t i = 0; i < trial_.size(); ++i) trial_[i] = origin_[i] - rate_factor_ * direction[i];
  const Objective::Value value = objective.evaluate(trial_.data(), trial_gradient_.data());
  ++report.evaluations;
  if (!value.finite || !(value.loss < loss_)) return false;
  loss_ = value.loss;
  best_ = trial_;
  std::copy(trial_gradient_.begin(), trial_gradient_.end(), gradient_.begin());  // not swapped: state() points there
  return true;
}

// λ falls as long as that lowers the loss further, or grows until the loss is lower at all.
bool NaturalGradient::search(Objective& objective, Direction& direction, double* parameters, StepReport& report) {
  double damping = std::max(damping_, least_damping);  // zero would never grow
  bool found = lowers(objective, direction.at(damping), report);
  if (found) damping_ = damping;
  for (bool on = found; on && damping > 2 * damping_factor * least_damping;) {
    damping /= damping_factor;
    on = lowers(objective, direction.at(damping), report);
    if (on) damping_ = damping;
  }
  while (!found && damping < most_damping) {
    damping *= damping_factor;
    found = lowers(objective, direction.at(damping), report);
    if (found) damping_ = damping;
  }
  std::copy(found ? best_.begin() : origin_.begin(), found ? best_.end() : origin_.end(), parameters);
  return found;
}

StepReport NaturalGradient::step(Objective& objective, RealPlace parameters) {
  JETPINN_CHECK(!parameters.device, "natural gradient has no vectors on a device");
  return step_on_host(objective, parameters.here);
}

StepReport NaturalGradient::step_on_host(Objective& objective, double* parameters) {
  StepReport report;
  if (started_ == 0 && !begin_descent(objective, parameters, gradient_.data(), size_, loss_, report)) return report;
  started_ = 1;
  std::copy(parameters, parameters + size_, origin_.begin());
  const double previous_loss = loss_;
  Direction direction(objective, parameters, gradient_, ranks_);
  if (search(objective, direction, parameters, report)) {
    judge_step(options_, gradient_.data(), size_, loss_, previous_loss, report);
  } else {
    report.reason = "line search";
    report.finished = no_lower_loss_at_any_damping(loss_);
  }
  report.loss = loss_;
  report.gradient_norm = norm(gradient_.data(), size_);
  report.learning_rate = damping_;
  return report;
}

void NaturalGradient::restart(double rate_factor) {
  started_ = 0;
  damping_ = first_damping;
  rate_factor_ *= rate_factor;
}

State NaturalGradient::state() {
  return {{"started", &started_},
          {"loss", &loss_},
          {"damping", &damping_},
          {"rate_factor", &rate_factor_},
          {"gradient", RealSlice{gradient_.data(), size_}}};
}

void require_unknowns(const NaturalGradientSystem& system) {
  if (system.unknowns() <= NaturalGradient::most_unknowns) return;
  throw Error(
      Status::usage,
      "optimizer 'ngd' solves a system with an unknown for each parameter or for each residual, whichever are fewer, "
      "for at most " +
          std::to_string(NaturalGradient::most_unknowns) + "; this network has " + std::to_string(system.parameters) +
          " parameters, and there are " + std::to_string(system.places) +
          " residuals: use lbfgs, or lower network.hidden or sampling.points");
}

}  // namespace jetpinn
