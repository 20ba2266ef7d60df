#include "jetpinn/train/evaluations.hpp"

#include "jetpinn/base/region.hpp"

#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

// sum_i sum_k w_ki r_ki^2 / N over this rank's points. residuals [residuals, points]
double weighted_sum(const TermPoints& points, const std::vector<double>& residuals) {
  double sum = 0;
  const std::int64_t count = points.local_count, rows = static_cast<std::int64_t>(residuals.size()) / count;
  for (std::int64_t k = 0; k < rows; ++k) {
    const double* residual = residuals.data() + k * count;
    const double* weight =
        points.weight_columns == 0 ? nullptr : points.weight.data() + (points.weight_columns == 1 ? 0 : k) * count;
    for (std::int64_t i = 0; i < count; ++i) sum += (weight ? weight[i] : 1) * residual[i] * residual[i];
  }
  return sum / static_cast<double>(points.global_count);
}

}  // namespace

Evaluations::Evaluations(Communicator& communicator, const Assembly& assembly, std::optional<ReferenceSet> reference)
    : assembly_(assembly),
      reference_(reference ? std::move(*reference) : ReferenceSet(communicator, *assembly.problem)),
      monitors_(communicator, assembly) {
  communicator.agree("setup", [&] { points_ = make_independent_points(assembly, communicator.rank()); });
}

void Evaluations::measure(Communicator& communicator, Engine& terms, const std::vector<double>& parameters) {
  const ScopedRegion region(Region::evaluation, "jetpinn::evaluate");
  const double begin = wall_seconds();
  errors_ = reference_.errors(communicator, *fields_, parameters.data());
  weighted_.assign(points_.terms.size(), 0.0);
  communicator.agree("evaluate", [&] {
    std::vector<double> residuals;
    for (std::size_t t = 0; t < points_.terms.size(); ++t) {
      const TermPoints& points = points_.terms[t];
      if (points.local_count == 0) continue;
      residuals.resize(static_cast<std::size_t>(assembly_.terms[t].program.residuals() * points.local_count));
      terms.residuals(Stream{}, parameters.data(), static_cast<int>(t), points, residuals.data());
      weighted_[t] = weighted_sum(points, residuals);
    }
  });
  communicator.sum("evaluate", weighted_.data(), static_cast<std::int64_t>(weighted_.size()));
  loss_ = std::accumulate(weighted_.begin(), weighted_.end(), 0.0);
  monitors_.measure_all(communicator, *fields_, parameters);
  last_s_ = wall_seconds() - begin;
}

void Evaluations::measure_monitors(Communicator& communicator, const std::vector<double>& parameters, std::int64_t step) {
  monitors_.measure_due(communicator, *fields_, parameters, step);
}

void Evaluations::tell(StepRecord& record) const {
  record.errors = errors_;
  record.loss_independent = loss_;
}

void Evaluations::tell(RunSummary& summary) const {
  monitors_.tell(summary);
  summary.errors = errors_;
  summary.loss_independent = loss_;
  summary.weighted_independent = weighted_;
}

}  // namespace jetpinn
