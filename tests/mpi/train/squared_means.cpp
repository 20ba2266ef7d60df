// Integral constraints: w m^2 and its gradient do not depend on who holds the points, and are what the points say.
#include "jetpinn/train/squared_means.hpp"

#include "jetpinn/train/objective.hpp"
#include "support/engine_case.hpp"
#include "support/rank_share.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

using test::EngineCase;
using test::world;

constexpr double weight_of_u = 3, weight_of_u_x = 0.5;

// An equation, a constraint of two residuals, and a condition.
EngineCase example(bool quadrature = false) {
  test::CaseText text;
  text.terms = {{"u_t + u*u_x - 0.01*u_xx"}, {"u - 1", "u*u_x + x"}, {"u + sin(pi*x)"}};
  text.network.hidden = {9, 8};
  text.points = 5 * block_points + 17;  // six blocks a term: uneven over two, three and four ranks
  EngineCase made = test::make_case(text);
  for (TermPoints& points : made.points.terms) {
    points.quadrature_columns = quadrature ? 1 : 0;
    for (std::int64_t i = 0; quadrature && i < points.local_count; ++i)
      points.quadrature.push_back(0.5 + 0.25 * static_cast<double>(i % 5));
  }
  return made;
}

std::vector<SquaredMean> constraint() { return {{1, {weight_of_u, weight_of_u_x}}}; }

std::unique_ptr<Engine> engine(const EngineCase& problem, EngineKind kind, Reproducibility level) {
  EngineOptions options;
  options.kind = kind;
  options.reproducibility = level;
  options.product_backend = "libxsmm";
  return make_engine(options, problem.network, problem.terms);
}

struct Evaluated {
  double loss = 0;
  std::vector<double> gradient, terms, weighted, means;
};

Evaluated evaluate(const EngineCase& problem, Engine& engine, const PointSet& points, bool exact,
                   const GradientSyncOptions& sync = {}) {
  DistributedObjective objective(world(), engine, points, problem.network.parameters, 3, exact, 60, {}, sync, constraint());
  Evaluated result;
  result.gradient.resize(problem.parameters.size());
  result.loss = objective.evaluate(problem.parameters.data(), result.gradient.data()).loss;
  result.terms = objective.agreed().terms;
  result.weighted = objective.agreed().weighted;
  result.means = objective.agreed().means;
  EXPECT_EQ(objective.message_bytes(),
            DistributedObjective::message_bytes(problem.network.parameters, 3, exact, constraint()));
  return result;
}

// The means themselves, point by point.
std::vector<double> means(const EngineCase& problem, Engine& engine, const std::vector<double>& parameters) {
  const TermPoints& points = problem.points.terms[1];
  const auto count = static_cast<std::size_t>(points.local_count);
  std::vector<double> values(2 * count), sums(2);
  engine.residuals(Stream{}, parameters.data(), 1, points, values.data());
  for (std::size_t k = 0; k < 2; ++k)
    for (std::size_t i = 0; i < count; ++i)
      sums[k] += values[k * count + i] * points.quadrature_at(static_cast<std::int64_t>(i)) / static_cast<double>(count);
  return sums;
}

void expect_squares_of_means(bool quadrature) {
  const EngineCase problem = example(quadrature);
  const PointSet mine = test::rank_share(problem.points);
  for (const EngineKind kind : {EngineKind::jets, EngineKind::reference}) {
    const auto one = engine(problem, kind, Reproducibility::run);
    const std::vector<double> m = means(problem, *one, problem.parameters);
    const Evaluated found = evaluate(problem, *one, mine, false);
    ASSERT_EQ(found.means.size(), 2u);
    for (std::size_t k = 0; k < 2; ++k) EXPECT_NEAR(found.means[k], m[k], 1e-13);
    EXPECT_NEAR(found.terms[1], m[0] * m[0] + m[1] * m[1], 1e-13 * found.terms[1]);
    EXPECT_NEAR(found.weighted[1], weight_of_u * m[0] * m[0] + weight_of_u_x * m[1] * m[1], 1e-13 * found.weighted[1]);
    EXPECT_EQ(found.loss, found.weighted[0] + found.weighted[1] + found.weighted[2]);
  }
}

TEST(SquaredMeans, AreTheSquaresOfTheMeansOverAllPoints) {
  expect_squares_of_means(false);
  expect_squares_of_means(true);
}

// The whole loss, differentiated by differences of fourth order: truncation about h^4, rounding about epsilon L / h.
TEST(SquaredMeans, HaveTheGradientOfTheirLoss) {
  EngineCase problem = example(true);
  const PointSet mine = test::rank_share(problem.points);
  const auto one = engine(problem, EngineKind::jets, Reproducibility::run);
  const Evaluated found = evaluate(problem, *one, mine, false);
  const double h = 1e-3, bound = 100 * (std::pow(h, 4) + std::numeric_limits<double>::epsilon() * found.loss / h);
  for (std::size_t p = 0; p < problem.parameters.size(); p += 7) {
    const auto loss = [&](double change) {
      EngineCase& at = problem;
      const double here = at.parameters[p];
      at.parameters[p] = here + change;
      const double value = evaluate(at, *one, mine, false).loss;
      at.parameters[p] = here;
      return value;
    };
    const double difference = (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h);
    EXPECT_NEAR(found.gradient[p], difference, bound) << p;
  }
}

// Where points have weights of a quadrature, in every term.
TEST(SquaredMeans, OfBothEnginesAgree) {
  const EngineCase problem = example(true);
  const PointSet mine = test::rank_share(problem.points);
  const auto jets = engine(problem, EngineKind::jets, Reproducibility::run),
             reference = engine(problem, EngineKind::reference, Reproducibility::run);
  const Evaluated a = evaluate(problem, *jets, mine, false), b = evaluate(problem, *reference, mine, false);
  EXPECT_NEAR(a.loss, b.loss, 1e-12 * b.loss);
  for (std::size_t t : {0, 1, 2}) EXPECT_NEAR(a.terms[t], b.terms[t], 1e-12 * b.terms[t]);
  EXPECT_LE(test::distance(a.gradient, b.gradient),
            1e-12 * test::sum_of_point_norms(*jets, problem.points, problem.parameters));
}

// Whoever holds the points, and however the sum is taken.
TEST(SquaredMeans, KeepEveryBitAtLevelRanks) {
  const EngineCase problem = example(true);
  const auto jets = engine(problem, EngineKind::jets, Reproducibility::ranks);
  const Evaluated alone = evaluate(problem, *jets, test::all_on_root(problem.points), true);
  GradientSyncOptions early;
  early.kind = GradientSyncKind::early, early.early_piece = 7;
  for (const GradientSyncOptions& sync : {GradientSyncOptions(), early}) {
    const Evaluated shared = evaluate(problem, *jets, test::rank_share(problem.points), true, sync);
    EXPECT_EQ(shared.loss, alone.loss);
    EXPECT_EQ(shared.gradient, alone.gradient);
    EXPECT_EQ(shared.terms, alone.terms);
  }
}

}  // namespace
}  // namespace jetpinn
