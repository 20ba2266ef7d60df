#include "jetpinn/train/first_fit.hpp"

#include "jetpinn/engine/engine_memory.hpp"
#include "jetpinn/optim/solve_on_root.hpp"
#include "jetpinn/train/distributed_linearization.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

// A loss of the conditions that is rounding alone: an output transform meets them, and a fit would follow noise.
constexpr double rounding_loss = 1e-24;

double conditions_loss(const RankSumSetting& sums, Engine& engine, const PointSet& points,
                       const std::vector<double>& parameters) {
  DistributedLinearization linear(sums, engine, points, parameters.data(), static_cast<std::int64_t>(parameters.size()));
  std::vector<double> residuals(static_cast<std::size_t>(linear.local_residuals()));
  return linear.residuals(residuals.data());
}

}  // namespace

FirstFitProblem first_fit_problem(const Assembly& assembly) {
  FirstFitProblem fit;
  const Network& network = assembly.network;
  for (const Layer& layer : network.layers) {
    if (layer.kind != "output" || !network.members[static_cast<std::size_t>(layer.member)].first_fit) continue;
    for (const char* name : {"weight", "bias"})
      for (std::int64_t i = 0; i < layer.block(name)->size(); ++i) fit.columns.push_back(layer.block(name)->offset + i);
  }
  for (std::size_t t = 0; t < assembly.problem->terms.size(); ++t)
    if (const Term& term = assembly.problem->terms[t]; !term.equation && term.reduction == Reduction::mean_of_squares)
      fit.conditions.push_back(t);  // a squared mean has no rows at points
  return fit;
}

std::vector<EngineTerm> terms_of(const FirstFitProblem& fit, const Assembly& assembly) {
  std::vector<EngineTerm> terms;
  for (std::size_t t : fit.conditions) terms.push_back(assembly.terms[t]);
  return terms;
}

PointSet points_of(const FirstFitProblem& fit, const PointSet& points) {
  PointSet conditions;
  for (std::size_t t : fit.conditions) conditions.terms.push_back(points.terms[t]);
  return conditions;
}

std::string FirstFit::text() const {
  if (taken)
    return fmt::format("the last layer begins as a least-squares fit of the conditions: their loss is {:.3g}, it was {:.3g}",
                       after, before);
  if (before <= rounding_loss) return "the last layer begins as it was drawn: the conditions hold without a fit";
  return fmt::format("the last layer begins as it was drawn: a fit does not lower the conditions' loss of {:.3g}", before);
}

std::string first_fit_obstacle(const FirstFitProblem& fit) {
  const auto fitted = static_cast<std::int64_t>(fit.columns.size());
  if (fit.conditions.empty()) return "the last layer begins as it was drawn: there are no conditions to fit it to";
  if (fitted <= most_fitted_parameters) return "";
  return fmt::format("the last layer begins as it was drawn: it has {} parameters, and a fit is made of {} at most", fitted,
                     most_fitted_parameters);
}

FirstFit fit_conditions(const RankSumSetting& sums, Engine& engine, const PointSet& points,
                        const std::vector<std::int64_t>& columns, std::vector<double>& parameters, double ridge) {
  FirstFit fit;
  fit.before = fit.after = conditions_loss(sums, engine, points, parameters);
  if (fit.before <= rounding_loss) return fit;
  const std::size_t n = columns.size();
  std::vector<double> matrix(n * n), right(n);
  DistributedLinearization(sums, engine, points, parameters.data(), static_cast<std::int64_t>(parameters.size()))
      .normal_equations(columns, matrix.data(), right.data());
  const std::vector<double> change =
      solve_on_root(&sums.communicator, "first fit", matrix, right, static_cast<std::int64_t>(n), ridge);
  if (change.empty()) return fit;
  std::vector<double> fitted = parameters;
  for (std::size_t i = 0; i < n; ++i) fitted[static_cast<std::size_t>(columns[i])] -= change[i];
  fit.after = conditions_loss(sums, engine, points, fitted);
  fit.taken = fit.after < fit.before;  // false for a NaN
  if (fit.taken) parameters = std::move(fitted);
  return fit;
}

std::int64_t plan_first_fit_memory(const Assembly& assembly, const TrainingOptions& training, int rank,
                                   const RecomputedLayers& recomputed) {
  constexpr std::int64_t real = sizeof(double);
  const FirstFitProblem fit = first_fit_problem(assembly);
  if (!training.start_from.empty() || fit.columns.empty() || !first_fit_obstacle(fit).empty()) return 0;
  const std::vector<EngineTerm> terms = terms_of(fit, assembly);
  const StagePoints& first = assembly.stage_points(training.trained_stages().front());
  std::int64_t columns = 0, residuals_of_a_point = 0;
  for (std::size_t c = 0; c < terms.size(); ++c) {
    const std::int64_t residuals = terms[c].program.residuals();
    residuals_of_a_point = std::max(residuals_of_a_point, residuals);
    const std::int64_t points = rows_of(first.blocks[static_cast<std::size_t>(rank)][fit.conditions[c]]);
    columns += points * (assembly.problem->dimensions() + 3 * residuals);  // weights of the points and of all residuals, r
  }
  const auto n = static_cast<std::int64_t>(fit.columns.size()), sums = n * (n + 1) / 2 + n;
  const bool exact = training.reproducibility == Reproducibility::ranks;
  const std::int64_t of_a_sum = exact ? ExactSum::limbs + 3 : 2;  // limbs, a chunk's share, the sum, its copy
  return plan_engine_memory(training.engine, Precision::fp64, assembly.network, terms, recomputed).total() +
         plan_linearization_memory(training.engine, Precision::fp64, assembly.network, terms) +
         real * (columns + (residuals_of_a_point + 2) * assembly.network.parameters + sums * of_a_sum + 3 * n * n);
}

}  // namespace jetpinn
