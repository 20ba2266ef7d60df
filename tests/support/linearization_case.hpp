// A problem whose points the ranks share, and what one rank with all of them knows of its linearisation.
#pragma once

#include "jetpinn/train/distributed_linearization.hpp"
#include "jetpinn/train/objective.hpp"
#include "support/engine_case.hpp"
#include "support/jacobian.hpp"
#include "support/rank_share.hpp"
#include "support/world.hpp"

#include <cmath>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace jetpinn::test {

// A term of one residual and one of two; the last block is short, and four ranks do not all have points of both.
inline EngineCase linearization_case(std::int64_t blocks) {
  CaseText text;
  text.terms = {{"u_t + u*u_x - 0.01*u_xx"}, {"u + sin(pi*x)", "u_x - t*u"}};
  text.network.hidden = {5, 4};
  text.weight_columns = 1;
  text.points = blocks * block_points + 17;
  return make_case(text);
}

inline std::unique_ptr<Engine> engine_of(const EngineCase& problem, EngineKind kind,
                                         Reproducibility level = Reproducibility::run) {
  EngineOptions options;
  options.kind = kind;
  options.reproducibility = level;
  return make_engine(options, problem.network, problem.terms);
}

// A smooth number for each residual of all points.
inline double chosen(std::int64_t term, std::int64_t residual, std::int64_t point) {
  return std::cos(0.7 * static_cast<double>(point) + 2.3 * static_cast<double>(residual) + static_cast<double>(term));
}

inline std::vector<double> direction(std::int64_t size) {
  std::vector<double> v;
  for (std::int64_t i = 0; i < size; ++i) v.push_back(std::sin(1.7 * static_cast<double>(i) + 0.3));
  return v;
}

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// What one rank with all points knows: residuals, weights and every row of J.
struct Alone {
  struct Term {
    std::vector<double> residuals, weights, rows;  // [residuals, points], ..., [residuals, points, size]
    std::int64_t points = 0;
  };
  std::vector<Term> terms;

  Alone(const EngineCase& problem, Engine& engine) {
    for (std::size_t t = 0; t < problem.terms.size(); ++t) {
      const TermPoints& points = problem.points.terms[t];
      const int count = engine.residuals_of(static_cast<int>(t));
      Term term;
      term.points = points.local_count;
      term.residuals.resize(static_cast<std::size_t>(count * points.local_count));
      engine.residuals(Stream{}, problem.parameters.data(), static_cast<int>(t), points, term.residuals.data());
      const double share = 1.0 / static_cast<double>(points.global_count);
      for (int k = 0; k < count; ++k)
        for (double weight : points.weight) term.weights.push_back(weight * share);
      term.rows = dense(engine, problem.parameters, static_cast<int>(t), points);
      terms.push_back(std::move(term));
    }
  }
  std::vector<double> row(std::size_t term, std::size_t residual, std::size_t size) const {
    const auto begin = terms[term].rows.begin() + static_cast<std::ptrdiff_t>(residual * size);
    return {begin, begin + static_cast<std::ptrdiff_t>(size)};
  }
  // sum over residuals of what `factor` says times their rows
  std::vector<double> combined(std::size_t size, const std::function<double(std::size_t term, std::size_t residual)>& factor,
                               std::size_t first = 0, std::size_t end = 2) const {
    std::vector<double> sum(size);
    for (std::size_t t = first; t < end; ++t)
      for (std::size_t r = 0; r < terms[t].residuals.size(); ++r)
        for (std::size_t p = 0; p < size; ++p) sum[p] += factor(t, r) * terms[t].rows[r * size + p];
    return sum;
  }
};

// An objective of this rank's points, and where its residuals lie among those of all points.
struct Shared {
  Shared(const EngineCase& problem, Engine& engine, bool exact)
      : points(rank_share(problem.points)),
        objective(world(), engine, points, problem.network.parameters, 2, exact, 60, {}) {}

  // visit(place in a vector over this rank's residuals, term, residual of that term on one rank, residual, point)
  template <class Visit>
  void for_each(const ObjectiveLinearization& linear, const Visit& visit) const {
    std::int64_t place = 0;
    for (std::size_t t = 0; t < points.terms.size(); ++t)
      for (std::int64_t k = 0; k < linear.residuals_of(static_cast<std::int64_t>(t)); ++k)
        for (const Block& block : points.terms[t].blocks)
          for (std::int64_t i = 0; i < block.count; ++i)
            visit(static_cast<std::size_t>(place++), t,
                  static_cast<std::size_t>(k * points.terms[t].global_count + block.first + i), k, block.first + i);
  }

  PointSet points;
  DistributedObjective objective;
};

}  // namespace jetpinn::test
