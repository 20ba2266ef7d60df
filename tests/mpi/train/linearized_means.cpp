// Means that a constraint squares are residuals of the linearisation, one each over all points.
#include "jetpinn/train/distributed_linearization.hpp"

#include "jetpinn/runtime/symmetric_solve.hpp"
#include "support/linearization_over_ranks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using test::Alone;
using test::direction;
using test::dot;
using test::engine_of;
using test::EngineCase;
using test::linearization_case;
using test::of_root;
using test::world;

class LinearizedMeans : public test::LinearizationOverRanks {};

// The loss w m^2 of the mean m of a residual is that of one residual m, whose row is the mean of the points' rows: for the
// two residuals of term 1, from all rows one rank knows.
struct WithMeans {
  static constexpr double weights[] = {3, 0.5};
  std::vector<double> rows[2], means;  // [residuals][size], [residuals]

  WithMeans(const Alone& alone, std::size_t size) : means(2) {
    const auto points = static_cast<std::size_t>(alone.terms[1].points);
    for (std::size_t k = 0; k < 2; ++k) {
      rows[k].resize(size);
      for (std::size_t i = 0; i < points; ++i) {
        const std::vector<double> row = alone.row(1, k * points + i, size);
        for (std::size_t p = 0; p < size; ++p) rows[k][p] += row[p] / static_cast<double>(points);
        means[k] += alone.terms[1].residuals[k * points + i] / static_cast<double>(points);
      }
    }
  }
  static std::vector<SquaredMean> list() { return {{1, {weights[0], weights[1]}}}; }
};

TEST_P(LinearizedMeans, ASquaredMeanIsOneResidual) {
  const Alone alone(problem_, *engine_);
  const WithMeans with(alone, size_);
  const PointSet points = test::rank_share(problem_.points);
  DistributedObjective objective(world(), *engine_, points, static_cast<std::int64_t>(size_), 2, false, 60, {}, {},
                                 WithMeans::list());
  const auto linear = objective.linearize(problem_.parameters.data());
  EXPECT_EQ(linear->residual_count(), problem_.points.terms[0].global_count + 2);
  EXPECT_EQ(linear->local_points(1), world().root() ? 1 : 0);

  const auto expected =
      [&](const std::function<double(double weight, double residual, const std::vector<double>& row)>& of) {
        std::vector<double> sum = alone.combined(
            size_,
            [&](std::size_t t, std::size_t r) {
              return of(alone.terms[t].weights[r], alone.terms[t].residuals[r], alone.row(t, r, size_));
            },
            0, 1);
        for (std::size_t k = 0; k < 2; ++k)
          for (std::size_t p = 0; p < size_; ++p)
            sum[p] += of(WithMeans::weights[k], with.means[k], with.rows[k]) * with.rows[k][p];
        return sum;
      };
  const auto slope = [](double weight, double residual, const std::vector<double>&) { return 2 * weight * residual; };
  std::vector<double> r(static_cast<std::size_t>(linear->local_residuals())), gradient(size_), gradients(2 * size_);
  const double loss = objective.evaluate(problem_.parameters.data(), gradient.data()).loss;
  EXPECT_NEAR(linear->residuals(r.data()), loss, 1e-12 * loss);
  near(gradient, expected(slope), "gradient");
  linear->term_gradients(gradients.data());
  for (std::size_t p = 0; p < size_; ++p) gradients[p] += gradients[size_ + p];
  gradients.resize(size_);
  near(gradients, gradient, "sum of the terms' gradients");

  const std::vector<double> v = direction(static_cast<std::int64_t>(size_));
  std::vector<double> product(size_), jv(r.size()), traces(2);
  const auto change = [&](double weight, double, const std::vector<double>& row) { return weight * dot(row, v); };
  linear->gauss_newton(v.data(), product.data());
  near(product, expected(change), "Gauss-Newton");
  linear->times(v.data(), jv.data());
  for (std::size_t i = 0; i < jv.size(); ++i) jv[i] *= linear->weights()[i];
  linear->transposed(jv.data(), product.data());
  near(product, expected(change), "J' W J v");
  linear->kernel_traces(traces.data());
  EXPECT_NEAR(traces[1], 3 * dot(with.rows[0], with.rows[0]) + 0.5 * dot(with.rows[1], with.rows[1]), 1e-12 * traces[1]);
  std::vector<double> rows(2 * size_);
  linear->rows(1, 0, linear->local_points(1), rows.data());
  if (world().root()) near({rows.begin() + static_cast<std::ptrdiff_t>(size_), rows.end()}, with.rows[1], "a row");
}

// By differences of fourth order of the mean over all points: truncation about h^4, rounding about epsilon m / h.
TEST_P(LinearizedMeans, TheRowOfASquaredMeanIsItsSlope) {
  const PointSet points = test::rank_share(problem_.points);
  DistributedObjective objective(world(), *engine_, points, static_cast<std::int64_t>(size_), 2, false, 60, {}, {},
                                 WithMeans::list());
  const auto linear = objective.linearize(problem_.parameters.data());
  std::vector<double> rows(2 * size_);
  linear->rows(1, 0, linear->local_points(1), rows.data());
  if (!world().root()) return;  // which holds them
  const double h = 1e-3;
  std::vector<double> slopes(size_);
  for (std::size_t k = 0; k < 2; ++k)
    for (std::size_t p = 0; p < size_; p += 9) {
      const auto mean = [&](double change) {
        std::vector<double> moved = problem_.parameters;
        moved[p] += change;
        const TermPoints& all = problem_.points.terms[1];
        const auto count = static_cast<std::size_t>(all.local_count);
        std::vector<double> values(2 * count);
        engine_->residuals(Stream{}, moved.data(), 1, all, values.data());
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(k * count);
        return std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(count), 0.0) / static_cast<double>(count);
      };
      slopes[p] = (8 * (mean(h) - mean(-h)) - (mean(2 * h) - mean(-2 * h))) / (12 * h);
      EXPECT_NEAR(rows[k * size_ + p], slopes[p], 100 * std::pow(h, 4)) << k << ", " << p;
    }
  EXPECT_GT(test::norm(slopes), 1e-3) << "slopes that are told from nothing";
}

// Both spaces give the damped step of the dense matrix.
TEST_P(LinearizedMeans, StepsInBothSpacesKnowSquaredMeans) {
  const Alone alone(problem_, *engine_);
  const WithMeans with(alone, size_);
  const PointSet points = test::rank_share(problem_.points);
  const auto size = static_cast<std::int64_t>(size_);
  DistributedObjective objective(world(), *engine_, points, size, 2, false, 60, {}, {}, WithMeans::list());
  std::vector<double> gradient(size_), dense(size_ * size_), product(size_);
  objective.evaluate(problem_.parameters.data(), gradient.data());
  const auto linear = objective.linearize(problem_.parameters.data());
  const auto add = [&](double weight, const std::vector<double>& row) {
    for (std::size_t i = 0; i < size_; ++i)
      for (std::size_t j = 0; j < size_; ++j) dense[i * size_ + j] += weight * row[i] * row[j];
  };
  for (std::size_t r = 0; r < alone.terms[0].residuals.size(); ++r) add(alone.terms[0].weights[r], alone.row(0, r, size_));
  for (std::size_t k = 0; k < 2; ++k) add(WithMeans::weights[k], with.rows[k]);
  near(of_root(linear->normal_matrix(), size * size), dense, "normal matrix");

  const std::int64_t places = linear->kernel_places();
  ObjectiveLinearization::Kernel kernel = linear->kernel();
  const std::vector<double> matrix = of_root(std::move(kernel.matrix), places * places),
                            residuals = of_root(std::move(kernel.residuals), places);
  const auto largest = [](const std::vector<double>& of, std::int64_t n) {
    double most = 0;
    for (std::int64_t i = 0; i < n; ++i) most = std::max(most, of[static_cast<std::size_t>(i * n + i)]);
    return most;
  };
  const double damping = 1e-2 * largest(dense, size);
  std::vector<double> half = gradient;
  for (double& g : half) g /= 2;
  const std::vector<double> expected = solve_symmetric(dense, half, damping / largest(dense, size)),
                            a = solve_symmetric(matrix, residuals, damping / largest(matrix, places));
  ASSERT_FALSE(expected.empty() || a.empty());
  linear->from_kernel(a.data(), product.data());
  EXPECT_GT(test::norm(expected), 0);
  // Matrices of rounding 1e-12, conditions of 1e2 times their size.
  EXPECT_LE(test::distance(product, expected), 1e-9 * test::norm(expected));
}

// What balances terms asks for none of them: they have no residual then, and the other terms what they had.
TEST_P(LinearizedMeans, AreLeftOutWhereTheyKeepTheirWeights) {
  const PointSet points = test::rank_share(problem_.points);
  DistributedObjective objective(world(), *engine_, points, static_cast<std::int64_t>(size_), 2, false, 60, {}, {},
                                 WithMeans::list());
  const auto whole = objective.linearize(problem_.parameters.data()),
             without = objective.linearize_points(problem_.parameters.data());
  EXPECT_EQ(without->residual_count(), problem_.points.terms[0].global_count);
  EXPECT_EQ(without->local_points(1), 0);
  std::vector<double> gradients(2 * size_), expected(2 * size_), traces(2), expected_traces(2);
  whole->term_gradients(expected.data());
  whole->kernel_traces(expected_traces.data());
  without->term_gradients(gradients.data());
  without->kernel_traces(traces.data());
  EXPECT_GT(expected_traces[1], 0);
  expected_traces[1] = 0;
  std::fill(expected.begin() + static_cast<std::ptrdiff_t>(size_), expected.end(), 0.0);
  EXPECT_EQ(gradients, expected);
  EXPECT_EQ(traces, expected_traces);
}

INSTANTIATE_TEST_SUITE_P(Engines, LinearizedMeans, test::both_engines, test::name_of_engine);

// Matrix, kernel, its residuals and what it gives back, one behind the other.
std::vector<double> all_of_the_matrices(const EngineCase& problem, Engine& engine, const PointSet& points,
                                        const std::vector<SquaredMean>& means) {
  DistributedObjective objective(world(), engine, points, problem.network.parameters, 2, true, 60, {}, {}, means);
  const auto linear = objective.linearize(problem.parameters.data());
  std::vector<double> product(problem.parameters.size()), all = linear->normal_matrix();
  ObjectiveLinearization::Kernel kernel = linear->kernel();
  all.insert(all.end(), kernel.matrix.begin(), kernel.matrix.end());
  all.insert(all.end(), kernel.residuals.begin(), kernel.residuals.end());
  kernel.residuals = of_root(std::move(kernel.residuals), linear->kernel_places());
  linear->from_kernel(kernel.residuals.data(), product.data());
  all.insert(all.end(), product.begin(), product.end());
  linear->gauss_newton(direction(problem.network.parameters).data(), product.data());
  all.insert(all.end(), product.begin(), product.end());
  return all;
}

TEST(DistributedLinearization, MatricesHaveTheSameBitsWhoeverHoldsThePointsAtLevelRanks) {
  const EngineCase problem = linearization_case(5);
  const auto jets = engine_of(problem, EngineKind::jets, Reproducibility::ranks);
  for (const std::vector<SquaredMean>& means : {std::vector<SquaredMean>(), WithMeans::list()}) {
    const std::vector<double> shared = all_of_the_matrices(problem, *jets, test::rank_share(problem.points), means),
                              alone = all_of_the_matrices(problem, *jets, test::all_on_root(problem.points), means);
    EXPECT_EQ(shared, alone) << means.size();
  }
}

}  // namespace
}  // namespace jetpinn
