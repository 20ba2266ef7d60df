#include "jetpinn/sampling/gauss_legendre.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

namespace jetpinn {
namespace {

constexpr double rounding = std::numeric_limits<double>::epsilon();

double integral_by(const QuadratureRule& rule, const std::function<double(double)>& f) {
  double sum = 0;
  for (std::size_t i = 0; i < rule.nodes.size(); ++i) sum += rule.weights[i] * f(rule.nodes[i]);
  return sum;
}

TEST(GaussLegendre, FewNodesHaveClosedForms) {
  EXPECT_EQ(gauss_legendre(1).nodes, (std::vector<double>{0}));
  EXPECT_EQ(gauss_legendre(1).weights, (std::vector<double>{2}));
  EXPECT_NEAR(gauss_legendre(2).nodes[1], 1 / std::sqrt(3), 1e-15);
  const QuadratureRule five = gauss_legendre(5);
  EXPECT_NEAR(five.nodes[3], std::sqrt(5 - 2 * std::sqrt(10.0 / 7)) / 3, 1e-15);
  EXPECT_NEAR(five.weights[4], (322 - 13 * std::sqrt(70)) / 900, 1e-15);
  EXPECT_EQ(five.nodes[0], -five.nodes[4]);
}

// Abramowitz and Stegun, table 25.4.
TEST(GaussLegendre, NodesAndWeightsAreThoseOfTables) {
  const QuadratureRule rule = gauss_legendre(64);
  EXPECT_NEAR(rule.nodes[32], 0.024350292663424432509, 1e-15);
  EXPECT_NEAR(rule.weights[32], 0.048690957009139720383, 1e-15);
  EXPECT_NEAR(rule.nodes[63], 0.999305041735772139457, 1e-15);
  EXPECT_NEAR(rule.weights[63], 0.001783280721696432947, 1e-15);
}

// A node that is off by half a rounding makes x^k off by k / 2 of them, and n summands round.
TEST(GaussLegendre, IsExactForPolynomialsUpToDegreeTwoNMinusOne) {
  for (const int n : {1, 2, 3, 7, 40, 255, 256}) {
    const QuadratureRule rule = gauss_legendre(n);
    for (int k = 0; k < 2 * n; k = k < 10 ? k + 1 : 2 * k - 1)
      EXPECT_NEAR(integral_by(rule, [&](double x) { return std::pow(x, k); }), k % 2 == 1 ? 0.0 : 2.0 / (k + 1),
                  (k + n) * rounding)
          << n << " nodes, degree " << k;
  }
}

// The error of x^2n is that of the monic Legendre polynomial's square: 2^(2n+1) n!^4 / ((2n+1) (2n)!^2), 8/175 for n = 3.
TEST(GaussLegendre, IsNotExactBeyond) {
  EXPECT_NEAR(2.0 / 7 - integral_by(gauss_legendre(3), [](double x) { return std::pow(x, 6); }), 8.0 / 175, 1e-15);
}

TEST(QuadratureAxis, ManyNodesLieInPanels) {
  for (const std::int64_t nodes : {256, 257, 513, 1000}) {
    const QuadratureAxis axis(-1, 3, nodes);
    EXPECT_EQ(axis.panels(), (nodes + 255) / 256);
    double sum = 0, mean = 0, last = -1;
    for (std::int64_t i = 0; i < nodes; ++i) {
      EXPECT_GT(axis.node(i), last) << nodes << ", " << i;
      last = axis.node(i);
      sum += axis.weight(i);
      mean += axis.weight(i) * std::pow(axis.node(i), 60);
    }
    EXPECT_LT(last, 3);
    EXPECT_NEAR(sum, 1, nodes * rounding);
    const double exact = (std::pow(3, 61) + 1) / 61 / 4;
    EXPECT_NEAR(mean / exact, 1, (60 + nodes) * rounding) << nodes;
  }
}

}  // namespace
}  // namespace jetpinn
