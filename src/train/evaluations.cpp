#include "jetpinn/train/evaluations.hpp"

#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/sum_exactly.hpp"
#include "jetpinn/train/term_points.hpp"
#include "jetpinn/train/values_at_points.hpp"

#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>

namespace jetpinn {
namespace {

// sum_i sum_k w_ki r_ki^2 / N over this rank's points. residuals [residuals, points]
double weighted_sum(const TermPoints& points, const std::vector<double>& residuals) {
  double sum = 0;
  const std::int64_t count = points.local_count, rows = static_cast<std::int64_t>(residuals.size()) / count;
  for (std::int64_t k = 0; k < rows; ++k) {
    const double* residual = residuals.data() + k * count;
    for (std::int64_t i = 0; i < count; ++i) sum += points.own_weight_at(k, i) * residual[i] * residual[i];
  }
  return sum / static_cast<double>(points.global_count);
}

// Means of residuals over all ranks' points, summed in integers: standard errors have the bits that they have on one rank.
class MeansOverRanks {
 public:
  explicit MeansOverRanks(const std::vector<SquaredMean>& list) : sum_(entries_of(list)) {}

  // Of the next term of the list. residuals [rows, this rank's points]
  void add(const TermPoints& points, std::size_t rows, const std::vector<double>& residuals) {
    const auto count = static_cast<std::size_t>(points.local_count);
    for (std::size_t k = 0; k < rows; ++k, ++at_)
      for (std::size_t i = 0; i < count; ++i)
        sum_.add(at_, residuals[k * count + i] / static_cast<double>(points.global_count));
  }

  std::vector<double> finish(Communicator& communicator) {
    if (sum_.entries() == 0) return {};
    sum_exactly(communicator, "evaluate", sum_);
    std::vector<double> means;
    for (std::int64_t entry = 0; entry < sum_.entries(); ++entry) means.push_back(sum_.value(entry));
    return means;
  }

 private:
  static std::int64_t entries_of(const std::vector<SquaredMean>& list) {
    std::int64_t entries = 0;
    for (const SquaredMean& mean : list) entries += static_cast<std::int64_t>(mean.weights.size());
    return entries;
  }

  ExactSum sum_;
  std::int64_t at_ = 0;
};

// sum_i sum_k (r_ki / sigma_ki)^2 over this rank's points. residuals [residuals, points]
double squares_over_sigma(const ExpressionGraph& graph, const Term& term, const TermPoints& points,
                          const std::vector<double>& residuals) {
  double sum = 0;
  const std::int64_t count = points.local_count;
  for (std::size_t k = 0; k < term.residuals.size(); ++k) {
    const double* residual = residuals.data() + static_cast<std::int64_t>(k) * count;
    const double scale = term.scales.empty() ? 1 : term.scales[k];
    std::optional<ValuesAtPoints> sigma;
    if (!term.table->sigmas.empty()) sigma.emplace(graph, term.table->sigmas[k], points);
    for (std::int64_t i = 0; i < count; ++i) {
      const double ratio = scale * residual[i] / (sigma ? (*sigma)(i) : 1);
      sum += ratio * ratio;
    }
  }
  return sum;
}

}  // namespace

Evaluations::Evaluations(Communicator& communicator, const Assembly& assembly, std::optional<ReferenceSet> reference)
    : assembly_(assembly),
      reference_(reference ? std::move(*reference) : ReferenceSet(communicator, *assembly.problem)),
      monitors_(communicator, assembly),
      held_out_(assembly) {
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    if (holds_out(assembly, t)) validated_.push_back(t);
}

void Evaluations::make_points(int rank) {
  const std::vector<Variant>& variants = assembly_.problem->variants;
  const bool known = !points_.terms.empty() && choice_ == assembly_.choice &&
                     variants[assembly_.variant].weights == variants[variant_].weights;
  if (!known) points_ = make_independent_points(assembly_, rank);
  variant_ = assembly_.variant;
  choice_ = assembly_.choice;
}

void Evaluations::measure(Communicator& communicator, Engine& terms, const std::vector<double>& parameters) {
  const ScopedRegion region(Region::evaluation, "jetpinn::evaluate");
  const double begin = wall_seconds();
  errors_ = reference_.errors(communicator, *fields_, parameters.data());
  weighted_.assign(assembly_.terms.size(), 0.0);
  squares_.assign(validated_.size(), 0.0);
  held_out_.begin();
  const std::vector<SquaredMean> constraints = squared_means(assembly_);
  MeansOverRanks means(constraints);
  communicator.agree("evaluate", [&] {
    make_points(communicator.rank());
    std::vector<double> residuals;
    for (std::size_t t = 0; t < points_.terms.size(); ++t) {
      const TermPoints& points = points_.terms[t];
      const bool squared_mean = assembly_.problem->terms[t].reduction == Reduction::square_of_mean;
      if (points.local_count == 0 && !squared_mean) continue;
      const auto rows = static_cast<std::size_t>(assembly_.terms[t].program.residuals());
      residuals.resize(rows * static_cast<std::size_t>(points.local_count));
      terms.residuals(Stream{}, parameters.data(), static_cast<int>(t), points, residuals.data());
      add_to_validation(t, residuals);
      held_out_.add(t, points, residuals);
      if (!squared_mean) {
        weighted_[t] = weighted_sum(points, residuals);
        continue;
      }
      means.add(points, rows, residuals);
    }
  });
  communicator.sum("evaluate", weighted_.data(), static_cast<std::int64_t>(weighted_.size()));
  means_ = means.finish(communicator);
  auto mean = means_.begin();
  for (const SquaredMean& constraint : constraints)
    for (const double weight : constraint.weights) {
      weighted_[constraint.term] += weight * *mean * *mean;
      if (assembly_.independent[constraint.term] == 0) *mean = std::numeric_limits<double>::quiet_NaN();
      ++mean;
    }
  loss_ = std::accumulate(weighted_.begin(), weighted_.end(), 0.0);
  finish_validation(communicator);
  fits_ = held_out_.finish(communicator);
  monitors_.measure_all(communicator, *fields_, parameters);
  last_s_ = wall_seconds() - begin;
}

void Evaluations::measure_monitors(Communicator& communicator, const std::vector<double>& parameters, std::int64_t step) {
  monitors_.measure_due(communicator, *fields_, parameters, step);
}

void Evaluations::add_to_validation(std::size_t term, const std::vector<double>& residuals) {
  for (std::size_t v = 0; v < validated_.size(); ++v)
    if (validated_[v] == term)
      squares_[v] =
          squares_over_sigma(assembly_.problem->graph, assembly_.problem->terms[term], points_.terms[term], residuals);
}

void Evaluations::finish_validation(Communicator& communicator) {
  if (validated_.empty()) return;
  communicator.sum("evaluate", squares_.data(), static_cast<std::int64_t>(squares_.size()));
  validation_.clear();
  for (std::size_t v = 0; v < validated_.size(); ++v) {
    const std::size_t t = validated_[v];
    const auto values =
        static_cast<double>(assembly_.independent[t]) * static_cast<double>(assembly_.problem->terms[t].residuals.size());
    validation_.push_back({assembly_.terms[t].name, std::sqrt(squares_[v] / values)});
  }
}

void Evaluations::tell(StepRecord& record) const {
  record.errors = errors_;
  record.loss_independent = loss_;
  record.validation = validation_;
}

void Evaluations::tell(RunSummary& summary) const {
  monitors_.tell(summary);
  summary.errors = errors_;
  summary.loss_independent = loss_;
  summary.validation = validation_;
  summary.held_out = fits_;
  summary.weighted_independent = weighted_;
}

}  // namespace jetpinn
