// Updates of the inverse Hessian, carried out in plain loops: the secant equation, symmetry, positive definiteness, and the
// formulas of the header term by term.
#include "jetpinn/optim/broyden_update.hpp"

#include "support/dense_matrix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

using namespace testing;

constexpr std::size_t n = 7;
constexpr double epsilon = std::numeric_limits<double>::epsilon();

// A step along -H g and a change of the gradient along it with curvature, of very different lengths.
struct Pair {
  Vector h, s, y, v;
  Curvatures c;
};

std::vector<Pair> pairs() {
  std::mt19937 random(4);
  std::vector<Pair> list;
  for (int trial = 0; trial < 300; ++trial) {
    Pair p;
    p.h = random_positive(n, random);
    const Vector g = random_vector(n, random), noise = random_vector(n, random);
    p.s = times(p.h, g);
    const double step = std::pow(10.0, trial % 7 - 3), length = std::pow(10.0, trial % 5 - 2),
                 along = trial % 3 == 0 ? 0.01 : 3;
    for (double& s : p.s) s *= -step;
    p.y.resize(n);
    for (std::size_t i = 0; i < n; ++i) p.y[i] = length * (noise[i] - along * g[i]);
    p.v = times(p.h, p.y);
    p.c = {product(p.s, p.y), product(p.y, p.v), -step * product(p.s, g)};
    if (p.c.sy > 0) list.push_back(p);
  }
  return list;
}

using Rule = std::function<BroydenFactors(const Curvatures&)>;

std::vector<Rule> rules() {
  return {self_scaled_bfgs, [](const Curvatures& c) { return self_scaled_broyden(c, n); }};
}

Vector updated(const Pair& p, const RankTwo& update) {
  Vector h(n * n);
  const auto square = [&](int k, std::size_t i, std::size_t j) {
    const auto at = [&](std::size_t m) { return update.along_s[k] * p.s[m] + update.along_v[k] * p.v[m]; };
    return update.sign[k] * at(i) * at(j);
  };
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) h[i * n + j] = update.keep * p.h[i * n + j] + square(0, i, j) + square(1, i, j);
  return h;
}

double largest(const Vector& values) {
  double result = 0;
  for (double value : values) result = std::max(result, std::abs(value));
  return result;
}

// What cancels in H+ y is of the size of the entries of H+ times those of y.
TEST(BroydenUpdate, SatisfiesTheSecantEquation) {
  for (const Pair& p : pairs())
    for (const Rule& rule : rules()) {
      const Vector h = updated(p, rank_two(rule(p.c), p.c)), found = times(h, p.y);
      const double bound = 50 * n * epsilon * (largest(h) + largest(p.h) * rank_two(rule(p.c), p.c).keep) * largest(p.y);
      for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(found[i], p.s[i], bound);
    }
}

TEST(BroydenUpdate, StaysPositiveDefinite) {
  ASSERT_GT(pairs().size(), 200u);
  for (const Pair& p : pairs())
    for (const Rule& rule : rules()) {
      const BroydenFactors factors = rule(p.c);
      EXPECT_GT(factors.tau, 0);
      EXPECT_LE(factors.tau, 1 + 4 * epsilon);
      EXPECT_TRUE(positive_definite(updated(p, rank_two(factors, p.c)), n))
          << "tau " << factors.tau << " phi " << factors.phi;
    }
}

// The two squares of the rotation are the three terms of the formula.
TEST(BroydenUpdate, TwoSquaresAreTheFormula) {
  for (const Pair& p : pairs())
    for (const BroydenFactors factors : {BroydenFactors{1, 1}, {0.3, 1}, {0.3, 0}, {1, -0.05}, {0.01, 0.4}, {1, 2}}) {
      const Vector found = updated(p, rank_two(factors, p.c));
      Vector expected(n * n), u(n);
      for (std::size_t i = 0; i < n; ++i) u[i] = std::sqrt(p.c.yhy) * (p.s[i] / p.c.sy - p.v[i] / p.c.yhy);
      double size = 0;
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          const double terms[] = {p.h[i * n + j], -p.v[i] * p.v[j] / p.c.yhy, factors.phi * u[i] * u[j]};
          const double last = p.s[i] * p.s[j] / p.c.sy;
          expected[i * n + j] = (terms[0] + terms[1] + terms[2]) / factors.tau + last;
          for (double term : terms) size = std::max(size, std::abs(term) / factors.tau);
          size = std::max(size, std::abs(last));
        }
      for (std::size_t k = 0; k < n * n; ++k) EXPECT_NEAR(found[k], expected[k], 100 * epsilon * size);
    }
}

// b = 4, h = 3: a = 11, c = sqrt(11 / 12), r = 3 (1 - c) = 0.127720, (1 - b) / b = -0.75, (r - 1) / a = -0.0792982 the
// larger: sigma = 1 + a theta = r; q = r^(-1/2) for three parameters, t = 1/4.
TEST(BroydenUpdate, ReadsAsTheFormulasSay) {
  const Curvatures c{2, 6, 8};
  EXPECT_EQ(self_scaled_bfgs(c).tau, 0.25);
  EXPECT_EQ(self_scaled_bfgs(c).phi, 1);
  const double r = 3 * (1 - std::sqrt(11.0 / 12)), theta = (r - 1) / 11;
  const BroydenFactors broyden = self_scaled_broyden(c, 3);
  EXPECT_NEAR(broyden.tau, std::min(0.25 / std::sqrt(r), r), 20 * epsilon);
  EXPECT_NEAR(broyden.phi, (1 - theta) / r, 200 * epsilon);
  // b = 1/4, h = 8: a = 1, r = min(1, 8 (1 - sqrt(1/2))) = 1, theta = max(0, min(1, 3)) = 1: the update of Davidon, Fletcher
  // and Powell, sigma = 2, q = 2^(-1/2).
  const BroydenFactors dfp = self_scaled_broyden({4, 32, 1}, 3);
  EXPECT_EQ(dfp.phi, 0);
  EXPECT_NEAR(dfp.tau, std::sqrt(0.5), 4 * epsilon);
}

// A single parameter, or y along H⁻¹s: H+ is what the secant equation alone says.
TEST(BroydenUpdate, HasNoChoiceInOneDirection) {
  for (const Curvatures& c : {Curvatures{2, 4, 1}, Curvatures{2, 1, 4}}) {
    const BroydenFactors found = self_scaled_broyden(c, 1), along = self_scaled_broyden(c, 5);
    EXPECT_EQ(found.phi, 1);
    EXPECT_EQ(along.phi, 1);
    EXPECT_EQ(found.tau, std::min(1.0, c.sy / c.sbs));
    EXPECT_EQ(along.tau, found.tau);
  }
}

}  // namespace
}  // namespace jetpinn
