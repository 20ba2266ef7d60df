// Products with the Jacobian do not depend on how many ranks share the points: to rounding, and bit for bit at level
// `ranks`.
#include "jetpinn/train/distributed_linearization.hpp"

#include "support/linearization_over_ranks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using test::Alone;
using test::chosen;
using test::direction;
using test::dot;
using test::engine_of;
using test::EngineCase;
using test::linearization_case;
using test::LinearizationOverRanks;
using test::of_root;
using test::Shared;
using test::world;

TEST_P(LinearizationOverRanks, IsThatOfAllRows) {
  const Alone alone(problem_, *engine_);
  Shared shared(problem_, *engine_, false);
  const auto linear = shared.objective.linearize(problem_.parameters.data());
  const std::int64_t points = problem_.points.terms[0].global_count;
  EXPECT_EQ(linear->terms(), 2);
  EXPECT_EQ(linear->residual_count(), 3 * points);
  const auto local = static_cast<std::size_t>(linear->local_residuals());
  double all = static_cast<double>(local);
  world().sum("test", &all, 1);
  EXPECT_EQ(all, static_cast<double>(3 * points));

  const std::vector<double> v = direction(static_cast<std::int64_t>(size_));
  std::vector<double> r(local), jv(local), w(local), expected_r(local), expected_jv(local), expected_weights(local);
  const double loss = linear->residuals(r.data());
  linear->times(v.data(), jv.data());
  shared.for_each(*linear, [&](std::size_t place, std::size_t t, std::size_t residual, std::int64_t k, std::int64_t point) {
    w[place] = chosen(static_cast<std::int64_t>(t), k, point);
    expected_r[place] = alone.terms[t].residuals[residual];
    expected_weights[place] = alone.terms[t].weights[residual];
    expected_jv[place] = dot(alone.row(t, residual, size_), v);
  });
  EXPECT_EQ(linear->weights(), expected_weights);
  if (local > 0) near(r, expected_r, "r");
  if (local > 0) near(jv, expected_jv, "J v");

  std::vector<double> traces(2), expected_traces(2);
  linear->kernel_traces(traces.data());
  for (std::size_t t = 0; t < 2; ++t)
    for (std::size_t residual = 0; residual < alone.terms[t].residuals.size(); ++residual) {
      const std::vector<double> row = alone.row(t, residual, size_);
      expected_traces[t] += alone.terms[t].weights[residual] * dot(row, row);
    }
  near(traces, expected_traces, "traces");

  const auto count = [&](std::size_t t, std::size_t residual) {
    return residual / static_cast<std::size_t>(alone.terms[t].points);
  };
  std::vector<double> product(size_);
  linear->transposed(w.data(), product.data());
  near(product,
       alone.combined(size_,
                      [&](std::size_t t, std::size_t residual) {
                        return chosen(static_cast<std::int64_t>(t), static_cast<std::int64_t>(count(t, residual)),
                                      static_cast<std::int64_t>(residual % static_cast<std::size_t>(alone.terms[t].points)));
                      }),
       "transposed");
  linear->gauss_newton(v.data(), product.data());
  near(product,
       alone.combined(size_,
                      [&](std::size_t t, std::size_t residual) {
                        return alone.terms[t].weights[residual] * dot(alone.row(t, residual, size_), v);
                      }),
       "Gauss-Newton");

  const auto slope = [&](std::size_t t, std::size_t residual) {
    return 2 * alone.terms[t].weights[residual] * alone.terms[t].residuals[residual];
  };
  std::vector<double> gradients(2 * size_), gradient(size_);
  linear->term_gradients(gradients.data());
  const double value = shared.objective.evaluate(problem_.parameters.data(), gradient.data()).loss;
  EXPECT_NEAR(loss, value, 1e-12 * value);
  std::vector<double> sum(size_);
  for (std::size_t t = 0; t < 2; ++t) {
    const auto begin = gradients.begin() + static_cast<std::ptrdiff_t>(t * size_);
    const std::vector<double> one(begin, begin + static_cast<std::ptrdiff_t>(size_));
    near(one, alone.combined(size_, slope, t, t + 1), "gradient of a term");
    for (std::size_t p = 0; p < size_; ++p) sum[p] += one[p];
  }
  near(sum, gradient, "sum of the terms' gradients");
}

// In batches that cut through chunks; ranks that are through ask for nothing.
TEST_P(LinearizationOverRanks, RowsComeInBatches) {
  const Alone alone(problem_, *engine_);
  Shared shared(problem_, *engine_, false);
  const auto linear = shared.objective.linearize(problem_.parameters.data());
  constexpr std::int64_t batch = 37;
  for (std::size_t t = 0; t < 2; ++t) {
    const auto term = static_cast<std::int64_t>(t);
    const TermPoints& mine = shared.points.terms[t];
    std::vector<std::int64_t> numbers;  // of this rank's points among all
    for (const Block& block : mine.blocks)
      for (std::int64_t i = 0; i < block.count; ++i) numbers.push_back(block.first + i);
    const std::int64_t residuals = linear->residuals_of(term);
    EXPECT_EQ(linear->local_points(term), mine.local_count);
    for (std::int64_t first = 0; first < mine.global_count; first += batch) {
      const std::int64_t count = std::max<std::int64_t>(0, std::min(batch, mine.local_count - first));
      std::vector<double> rows(static_cast<std::size_t>(residuals * count) * size_, std::nan(""));
      linear->rows(term, first, count, rows.data());
      for (std::int64_t k = 0; k < residuals; ++k)
        for (std::int64_t i = 0; i < count; ++i) {
          const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(k * count + i) * size_);
          const auto point = static_cast<std::size_t>(k * mine.global_count + numbers[static_cast<std::size_t>(first + i)]);
          near({begin, begin + static_cast<std::ptrdiff_t>(size_)}, alone.row(t, point, size_), "a row");
        }
    }
  }
}

TEST_P(LinearizationOverRanks, NormalMatrixIsThatOfAllRows) {
  const Alone alone(problem_, *engine_);
  Shared shared(problem_, *engine_, false);
  const auto size = static_cast<std::int64_t>(size_);
  const std::vector<double> matrix =
      of_root(shared.objective.linearize(problem_.parameters.data())->normal_matrix(), size * size);
  std::vector<double> expected(size_ * size_);
  for (const Alone::Term& term : alone.terms)
    for (std::size_t r = 0; r < term.residuals.size(); ++r)
      for (std::size_t i = 0; i < size_; ++i)
        for (std::size_t j = 0; j < size_; ++j)
          expected[i * size_ + j] += term.weights[r] * term.rows[r * size_ + i] * term.rows[r * size_ + j];
  near(matrix, expected, "normal matrix");
}

// With S = W^½ J: K is S Sᵀ, whose rows from_kernel tells, and Sᵀ W^½ r half the gradient.
TEST_P(LinearizationOverRanks, KernelIsThatOfItsRows) {
  Shared shared(problem_, *engine_, false);
  const auto linear = shared.objective.linearize(problem_.parameters.data());
  const std::int64_t places = linear->kernel_places();
  EXPECT_GE(places, linear->residual_count());
  EXPECT_LT(places, linear->residual_count() + 3 * 64);
  ObjectiveLinearization::Kernel kernel = linear->kernel();
  const std::vector<double> matrix = of_root(std::move(kernel.matrix), places * places),
                            residuals = of_root(std::move(kernel.residuals), places);
  std::vector<double> gradient(size_), product(size_), r(static_cast<std::size_t>(linear->local_residuals()));
  EXPECT_NEAR(dot(residuals, residuals), linear->residuals(r.data()), 1e-12 * dot(residuals, residuals));
  shared.objective.evaluate(problem_.parameters.data(), gradient.data());
  linear->from_kernel(residuals.data(), product.data());
  for (double& p : product) p *= 2;
  near(product, gradient, "gradient");
  std::vector<std::vector<double>> rows;
  std::vector<std::int64_t> chosen_places;
  for (std::int64_t place = 0; place < places; place += 37) {
    std::vector<double> unit(static_cast<std::size_t>(places)), row(size_);
    unit[static_cast<std::size_t>(place)] = 1;
    linear->from_kernel(unit.data(), row.data());
    chosen_places.push_back(place);
    rows.push_back(row);
  }
  double largest = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) largest = std::max(largest, dot(rows[i], rows[i]));
  EXPECT_GT(largest, 0);
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows.size(); ++j)
      EXPECT_NEAR(matrix[static_cast<std::size_t>(chosen_places[i] * places + chosen_places[j])], dot(rows[i], rows[j]),
                  1e-12 * largest)
          << chosen_places[i] << ", " << chosen_places[j];
}

TEST_P(LinearizationOverRanks, TransposedIsTheAdjointOfTimes) {
  Shared shared(problem_, *engine_, false);
  const auto linear = shared.objective.linearize(problem_.parameters.data());
  const std::vector<double> v = direction(static_cast<std::int64_t>(size_));
  std::vector<double> jv(static_cast<std::size_t>(linear->local_residuals())), w(jv.size()), gradient(size_);
  shared.for_each(*linear, [&](std::size_t place, std::size_t t, std::size_t, std::int64_t k, std::int64_t point) {
    w[place] = chosen(static_cast<std::int64_t>(t), k, point);
  });
  linear->times(v.data(), jv.data());
  linear->transposed(w.data(), gradient.data());
  double sums[] = {dot(w, jv), dot(w, w), dot(jv, jv)};
  world().sum("test", sums, 3);
  EXPECT_NEAR(sums[0], dot(v, gradient), 1e-12 * std::sqrt(sums[1] * sums[2]));
}

INSTANTIATE_TEST_SUITE_P(Engines, LinearizationOverRanks, test::both_engines, test::name_of_engine);

// Every sum of the linearisation, one behind the other.
std::vector<double> all_sums(const EngineCase& problem, Engine& engine, bool exact) {
  Shared shared(problem, engine, exact);
  const auto linear = shared.objective.linearize(problem.parameters.data());
  const std::size_t size = problem.parameters.size();
  const std::vector<double> v = direction(static_cast<std::int64_t>(size));
  std::vector<double> r(static_cast<std::size_t>(linear->local_residuals())), w(r.size()), sums(4 * size + 1);
  shared.for_each(*linear, [&](std::size_t place, std::size_t t, std::size_t, std::int64_t k, std::int64_t point) {
    w[place] = chosen(static_cast<std::int64_t>(t), k, point);
  });
  linear->transposed(w.data(), sums.data());
  linear->gauss_newton(v.data(), sums.data() + size);
  linear->term_gradients(sums.data() + 2 * size);
  sums.back() = linear->residuals(r.data());
  return sums;
}

// The same sums by one engine with all points, every chunk's share added to the exact sum alone.
std::vector<double> exact_sums_alone(const EngineCase& problem, Engine& engine) {
  const auto size = static_cast<std::int64_t>(problem.parameters.size());
  const std::vector<double> v = direction(size);
  ExactSum sum(4 * size + 1);
  for (std::int64_t t = 0; t < 2; ++t) {
    const TermPoints& points = problem.points.terms[static_cast<std::size_t>(t)];
    const std::int64_t residuals = engine.residuals_of(static_cast<int>(t));
    engine.linearize(Stream{}, problem.parameters.data(), static_cast<int>(t), points, [&](Linearization& chunk) {
      const PointRange range = chunk.range();
      const auto add = [&](std::int64_t first, const std::vector<double>& w) {
        std::vector<double> product(static_cast<std::size_t>(size));
        chunk.transposed(w.data(), range.points, product.data());
        sum.add(first, product.data(), size);
      };
      const auto entries = static_cast<std::size_t>(residuals * range.points);
      std::vector<double> w(entries), weights(entries), r(entries), jv(entries);
      for (std::int64_t k = 0; k < residuals; ++k)
        for (std::int64_t i = 0; i < range.points; ++i) {
          const auto at = static_cast<std::size_t>(k * range.points + i);
          w[at] = chosen(t, k, range.first + i);
          weights[at] =
              points.weight[static_cast<std::size_t>(range.first + i)] * (1.0 / static_cast<double>(points.global_count));
        }
      chunk.residuals(r.data(), range.points);
      chunk.times(v.data(), jv.data(), range.points);
      add(0, w);
      double squares = 0;
      for (std::size_t i = 0; i < entries; ++i) {
        squares += weights[i] * r[i] * r[i];
        jv[i] *= weights[i];
        r[i] *= 2 * weights[i];
      }
      add(size, jv);
      add((2 + t) * size, r);
      sum.add(4 * size, squares);
    });
  }
  std::vector<double> values;
  for (std::int64_t i = 0; i < sum.entries(); ++i) values.push_back(sum.value(i));
  return values;
}

TEST(DistributedLinearization, KeepsEveryBitAtLevelRanks) {
  const EngineCase problem = linearization_case(5);
  const auto jets = engine_of(problem, EngineKind::jets, Reproducibility::ranks);
  EXPECT_EQ(all_sums(problem, *jets, true), exact_sums_alone(problem, *jets));
}

TEST(DistributedLinearization, GivesTheSameBitsToEveryRankAndEveryTime) {
  const EngineCase problem = linearization_case(5);
  for (bool exact : {false, true}) {
    const auto jets = engine_of(problem, EngineKind::jets, exact ? Reproducibility::ranks : Reproducibility::run);
    const std::vector<double> mine = all_sums(problem, *jets, exact);
    EXPECT_EQ(all_sums(problem, *jets, exact), mine);
    std::vector<double> first = mine;
    world().broadcast("test", first.data(), static_cast<std::int64_t>(first.size() * sizeof(double)));
    EXPECT_EQ(first, mine);
  }
}

}  // namespace
}  // namespace jetpinn
