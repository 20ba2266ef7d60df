#include "jetpinn/optim/soap.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/runtime/eigenbasis.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

std::vector<std::int64_t> sides_of(const OptimizerOptions& options, const ParameterMatrix& matrix) {
  if (!matrix.trained || matrix.rows == 1) return {};
  return KroneckerBasis::sides(matrix.rows, matrix.columns, options.precondition_limit);
}

std::int64_t squares(const std::vector<std::int64_t>& sides) {
  std::int64_t sum = 0;
  for (const std::int64_t side : sides) sum += side * side;
  return sum;
}

}  // namespace

// What Adam sees: the gradient in the basis, wherever it believes the parameters to be.
struct Soap::Rotated : Objective {
  Rotated(Soap& soap, Objective& objective, const double* parameters)
      : soap(soap), objective(objective), parameters(parameters) {}
  std::int64_t size() const override { return soap.size_; }
  Value evaluate(const double*, double* gradient) override {
    const Value value = objective.evaluate(parameters, soap.gradient_.data());
    const ScopedRegion region(Region::optimizer);
    std::copy(soap.gradient_.begin(), soap.gradient_.end(), gradient);
    if (!value.finite) return value;
    if (soap.adam_.steps() == 0) soap.begin();
    const double* basis = soap.bases_.data();
    for (Part& part : soap.parts_) {
      part.basis.rotate(basis, soap.gradient_.data() + part.begin, gradient + part.begin);
      basis += part.numbers;
    }
    return value;
  }

  Soap& soap;
  Objective& objective;
  const double* parameters;
};

Soap::Soap(const OptimizerOptions& options, const ParameterLayout& layout, std::int64_t stage_steps, Communicator* ranks)
    : options_(options),
      size_(layout.size),
      ranks_(ranks),
      decay_(options.decay(), layout),
      adam_(options, layout, stage_steps),
      gradient_(static_cast<std::size_t>(layout.size)),
      step_(gradient_),
      moment_(gradient_) {
  for (const ParameterMatrix& matrix : layout.matrices) {
    const std::vector<std::int64_t> sides = sides_of(options, matrix);
    if (sides.empty()) continue;
    parts_.push_back(
        {matrix.begin, squares(sides), KroneckerBasis(matrix.rows, matrix.columns, options.precondition_limit)});
    sides_.insert(sides_.end(), sides.begin(), sides.end());
  }
  statistics_.resize(static_cast<std::size_t>(squares(sides_)));
  bases_ = next_ = statistics_;
}

std::int64_t Soap::bytes(const OptimizerOptions& options, const ParameterLayout& layout) {
  std::int64_t numbers = 6 * layout.size;  // Adam's three and three of its own
  for (const ParameterMatrix& matrix : layout.matrices) {
    const std::vector<std::int64_t> sides = sides_of(options, matrix);
    if (sides.empty()) continue;
    const std::int64_t side = *std::max_element(sides.begin(), sides.end());
    numbers += 3 * squares(sides) + matrix.size() + side * side + std::max(matrix.size(), side * side);
  }
  return numbers * static_cast<std::int64_t>(sizeof(double));
}

void Soap::bases_on_root(bool first) {
  if (sides_.empty()) return;
  const auto make = [&] {
    if (ranks_ && !ranks_->root()) return;
    double* matrix = next_.data();
    for (const std::int64_t side : sides_) {
      first ? to_eigenvectors(matrix, side) : to_orthonormal_columns(matrix, side);
      matrix += side * side;
    }
  };
  if (!ranks_) return make();
  ranks_->agree("basis", make);
  ranks_->broadcast("basis", next_.data(), static_cast<std::int64_t>(next_.size() * sizeof(double)));
}

void Soap::begin() {
  std::fill(statistics_.begin(), statistics_.end(), 0.0);
  double* statistics = statistics_.data();
  for (Part& part : parts_) {
    part.basis.add(options_.shampoo_beta, gradient_.data() + part.begin, statistics);
    statistics += part.numbers;
  }
  next_ = statistics_;
  bases_on_root(true);
  std::copy(next_.begin(), next_.end(), bases_.begin());  // not swapped: state() points there
}

void Soap::refresh() {
  std::vector<double>&first = adam_.first_moment(), &second = adam_.second_moment();
  std::int64_t at = 0;
  for (Part& part : parts_) {
    part.basis.rotate_back(bases_.data() + at, first.data() + part.begin, moment_.data() + part.begin);
    part.basis.iterate(statistics_.data() + at, bases_.data() + at, next_.data() + at, second.data() + part.begin);
    at += part.numbers;
  }
  bases_on_root(false);
  std::copy(next_.begin(), next_.end(), bases_.begin());
  const double* basis = bases_.data();
  for (Part& part : parts_) {
    part.basis.rotate(basis, moment_.data() + part.begin, first.data() + part.begin);
    basis += part.numbers;
  }
}

StepReport Soap::step(Objective& objective, RealPlace parameters) {
  JETPINN_CHECK(!parameters.device, "SOAP has no vectors on a device");
  return step_on_host(objective, parameters.here);
}

StepReport Soap::step_on_host(Objective& objective, double* parameters) {
  Rotated rotated(*this, objective, parameters);
  std::fill(step_.begin(), step_.end(), 0.0);
  const StepReport report = adam_.step(rotated, step_.data());
  if (report.skipped || !report.finished.empty()) return report;
  const ScopedRegion region(Region::optimizer);
  decay_.apply(report.learning_rate, parameters);
  std::copy(step_.begin(), step_.end(), moment_.begin());
  std::int64_t at = 0;
  for (Part& part : parts_) {
    part.basis.rotate_back(bases_.data() + at, step_.data() + part.begin, moment_.data() + part.begin);
    // The first gradient is in the statistics since begin().
    if (adam_.steps() > 1) part.basis.add(options_.shampoo_beta, gradient_.data() + part.begin, statistics_.data() + at);
    at += part.numbers;
  }
  add_scaled(1, moment_.data(), parameters, size_);
  if (adam_.steps() % options_.precondition_frequency == 0) refresh();
  return report;
}

// The next step begins all of it anew.
void Soap::restart(double rate_factor) {
  adam_.restart(rate_factor);
  for (std::vector<double>* numbers : {&statistics_, &bases_}) std::fill(numbers->begin(), numbers->end(), 0.0);
}

State Soap::state() {
  State all = adam_.state();
  const auto numbers = static_cast<std::int64_t>(statistics_.size());
  all.push_back({"statistics", RealSlice{statistics_.data(), numbers}});
  all.push_back({"bases", RealSlice{bases_.data(), numbers}});
  return all;
}

}  // namespace jetpinn
