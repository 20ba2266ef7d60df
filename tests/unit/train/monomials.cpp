#include "jetpinn/train/monomials.hpp"

#include "jetpinn/expr/parser.hpp"
#include "jetpinn/infer/point_batch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

namespace jetpinn {
namespace {

// Of an expression of u and v in (t, x) at x = 0, 0.25, 0.5, 1, with sizes 2 of t and 0.1 of x.
std::vector<Monomial> of(const std::string& text, bool largest = true) {
  ExpressionGraph graph;
  SymbolTable symbols;
  symbols.coordinates = {"t", "x"};
  symbols.time = 0;
  symbols.fields = {"u", "v"};
  TermPoints points = make_point_batch(2, 0, 4, 4);
  for (std::size_t i = 0; i < 4; ++i) points.coordinates[4 + i] = i == 3 ? 1 : 0.25 * static_cast<double>(i);
  return monomials_of(graph, parse_expression(graph, symbols, text), points, {2, 0.1}, largest);
}

double factor_of(const std::vector<Monomial>& sum, const std::map<int, double>& powers) {
  for (const Monomial& monomial : sum)
    if (monomial.powers == powers) return monomial.factor;
  return 0;
}

TEST(Monomials, DerivativesCountOverTheirCoordinates) {
  const auto sum = of("3*u_xx - 5*u_t + 7");
  ASSERT_EQ(sum.size(), 2u) << "the largest summand of each kind";
  EXPECT_DOUBLE_EQ(factor_of(sum, {{0, 1}}), 300);
  EXPECT_DOUBLE_EQ(factor_of(sum, {}), 7);
  EXPECT_DOUBLE_EQ(factor_of(of("20 + u - 300"), {}), 280) << "what holds no field is taken together";
}

TEST(Monomials, ProductsPowersAndQuotients) {
  EXPECT_DOUBLE_EQ(factor_of(of("u*u_x"), {{0, 2}}), 10);
  EXPECT_DOUBLE_EQ(factor_of(of("4*v*u_t"), {{0, 1}, {1, 1}}), 2);
  EXPECT_DOUBLE_EQ(factor_of(of("(u + 2*v)^3"), {{1, 3}}), 8);
  EXPECT_DOUBLE_EQ(factor_of(of("5*u/v^2"), {{0, 1}, {1, -2}}), 5);
  EXPECT_DOUBLE_EQ(factor_of(of("sqrt(abs(u_x))"), {{0, 0.5}}), std::sqrt(10.0));
}

TEST(Monomials, FunctionsOfFieldsCountAsOne) {
  EXPECT_DOUBLE_EQ(factor_of(of("u_xx + 6*exp(u)"), {}), 6);
  EXPECT_DOUBLE_EQ(factor_of(of("u_xx + 6*exp(u)"), {{0, 1}}), 100);
}

TEST(Monomials, SourcesCountByTheirLargestValueOrTheirMean) {
  EXPECT_DOUBLE_EQ(factor_of(of("u - 8*x"), {}), 8);
  EXPECT_DOUBLE_EQ(factor_of(of("u - 8*x", false), {}), 8 * std::sqrt((0.0625 + 0.25 + 1) / 4));
}

TEST(Monomials, AZeroWithRoundingIsNoSize) {
  const auto sum = of("u - sin(4*pi*x)");  // at quarters
  EXPECT_EQ(sum.size(), 1u);
  EXPECT_EQ(factor_of(sum, {}), 0);
}

TEST(Monomials, HaveASizeAtSizesOfFields) { EXPECT_DOUBLE_EQ(size_of(of("4*v*u_t")[0], {3, 5}), 30); }

}  // namespace
}  // namespace jetpinn
