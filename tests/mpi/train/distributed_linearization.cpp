// Products with the Jacobian do not depend on how many ranks share the points: to rounding, and bit for bit at level
// `ranks`.
#include "jetpinn/train/distributed_linearization.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/runtime/symmetric_solve.hpp"
#include "support/linearization_case.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
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
using test::Shared;
using test::world;

class LinearizationOverRanks : public testing::TestWithParam<EngineKind> {
 protected:
  LinearizationOverRanks()
      : problem_(linearization_case(GetParam() == EngineKind::jets ? 5 : 1)),
        engine_(engine_of(problem_, GetParam())),
        size_(problem_.parameters.size()) {}
  void near(const std::vector<double>& actual, const std::vector<double>& expected, const char* what) {
    EXPECT_GT(test::norm(expected), 0) << what;
    EXPECT_LE(test::distance(actual, expected), 1e-12 * test::norm(expected)) << what;
  }

  EngineCase problem_;
  std::unique_ptr<Engine> engine_;
  std::size_t size_;
};

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

// What rank 0 has, on every rank.
std::vector<double> of_root(std::vector<double> values, std::int64_t count) {
  EXPECT_EQ(static_cast<std::int64_t>(values.size()), world().root() ? count : 0);
  values.resize(static_cast<std::size_t>(count));
  world().broadcast("test", values.data(), count * static_cast<std::int64_t>(sizeof(double)));
  return values;
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

TEST_P(LinearizationOverRanks, ASquaredMeanIsOneResidual) {
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

// By differences of fourth order: truncation about h^4, rounding about epsilon m / h.
TEST_P(LinearizationOverRanks, TheRowOfASquaredMeanIsItsSlope) {
  const Alone alone(problem_, *engine_);
  const WithMeans with(alone, size_);
  const double h = 1e-3;
  for (std::size_t p = 0; p < size_; p += 9) {
    const auto mean = [&](double change) {
      std::vector<double> moved = problem_.parameters;
      moved[p] += change;
      const TermPoints& points = problem_.points.terms[1];
      std::vector<double> values(2 * static_cast<std::size_t>(points.local_count));
      engine_->residuals(Stream{}, moved.data(), 1, points, values.data());
      double sum = 0;
      for (std::int64_t i = 0; i < points.local_count; ++i) sum += values[static_cast<std::size_t>(i)];
      return sum / static_cast<double>(points.local_count);
    };
    EXPECT_NEAR(with.rows[0][p], (8 * (mean(h) - mean(-h)) - (mean(2 * h) - mean(-2 * h))) / (12 * h), 100 * std::pow(h, 4));
  }
}

// Both spaces give the damped step of the dense matrix.
TEST_P(LinearizationOverRanks, StepsInBothSpacesKnowSquaredMeans) {
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

INSTANTIATE_TEST_SUITE_P(Engines, LinearizationOverRanks, testing::Values(EngineKind::jets, EngineKind::reference),
                         [](const auto& info) { return info.param == EngineKind::jets ? "jets" : "reference"; });

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

// The jets engine, whose linearisation fails on the last rank once it is told to.
class FailingEngine : public Engine {
 public:
  explicit FailingEngine(Engine& jets) : jets_(jets) {}
  void loss_and_gradient(Stream, const double*, const PointSet&, double*, TermSums&) override {}
  void loss_and_gradient_exact(Stream, const double*, const PointSet&, ExactSum&) override {}
  void residuals(Stream, const double*, int, const TermPoints&, double*) override {}
  void linearize(Stream stream, const double* parameters, int term, const TermPoints& points,
                 const VisitLinearization& visit) override {
    if (armed && world().rank() == world().size() - 1) throw Error(Status::usage, "this rank's engine is out of order");
    jets_.linearize(stream, parameters, term, points, visit);
  }
  int residuals_of(int term) const override { return jets_.residuals_of(term); }
  std::string backend() const override { return ""; }
  std::int64_t pool_bytes() const override { return 0; }
  std::int64_t chunk() const override { return 1; }
  double product_rate() const override { return 0; }
  bool armed = true;

 private:
  Engine& jets_;
};

TEST(DistributedLinearization, OneRanksErrorEndsEveryOperationEverywhere) {
  const EngineCase problem = linearization_case(1);
  for (bool exact : {false, true}) {
    const auto jets = engine_of(problem, EngineKind::jets, exact ? Reproducibility::ranks : Reproducibility::run);
    FailingEngine failing(*jets);
    Shared shared(problem, failing, exact);
    const auto linear = shared.objective.linearize(problem.parameters.data());
    std::vector<double> v(problem.parameters.size()), product(2 * v.size()),
        r(static_cast<std::size_t>(linear->local_residuals()));
    std::vector<double> rows(v.size());
    const std::vector<std::function<void()>> operations = {
        [&] { linear->residuals(r.data()); },
        [&] { linear->times(v.data(), r.data()); },
        [&] { linear->transposed(r.data(), product.data()); },
        [&] { linear->gauss_newton(v.data(), product.data()); },
        [&] { linear->term_gradients(product.data()); },
        [&] { linear->rows(0, 0, world().rank() == world().size() - 1 ? 1 : 0, rows.data()); }};
    for (std::size_t o = 0; o < operations.size(); ++o) {
      failing.armed = true;
      try {
        operations[o]();
        ADD_FAILURE() << "operation " << o << ": no rank may go on";
      } catch (const Error& error) {
        EXPECT_EQ(error.status(), Status::usage);
        const bool mine = std::string(error.what()).find("out of order") != std::string::npos;
        EXPECT_EQ(mine, world().rank() == world().size() - 1) << error.what();
      }
      failing.armed = false;  // the next sum is as good as new
      EXPECT_NO_THROW(linear->residuals(r.data()));
    }
  }
}

// An objective without engine support says so on every rank, before anything is computed.
TEST(DistributedLinearization, AnEngineWithoutOneIsRefused) {
  class Plain : public FailingEngine {
   public:
    using FailingEngine::FailingEngine;
    int residuals_of(int term) const override { return Engine::residuals_of(term); }
  };
  const EngineCase problem = linearization_case(1);
  const auto jets = engine_of(problem, EngineKind::jets);
  Plain plain(*jets);
  Shared shared(problem, plain, false);
  EXPECT_THROW(shared.objective.linearize(problem.parameters.data()), Error);
}

}  // namespace
}  // namespace jetpinn
