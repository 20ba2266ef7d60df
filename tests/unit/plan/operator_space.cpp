#include "jetpinn/plan/operator_space.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace jetpinn;

namespace {

Derivative by(std::initializer_list<int> coordinates) {
  Derivative derivative;
  for (int coordinate : coordinates) derivative = derivative.along(coordinate);
  return derivative;
}

}  // namespace

TEST(OperatorSpace, DerivativesOfASymbol) {
  // d/dx of x^2 y + 3 x = 2 x y (+ 3, left out), d/dy = x^2
  const auto derivatives = symbol_derivatives({{by({0, 0, 1}), 1.0}, {by({0}), 3.0}});
  ASSERT_EQ(derivatives.size(), 2u);
  EXPECT_EQ(derivatives[0], (Symbol{{by({0, 1}), 2.0}}));
  EXPECT_EQ(derivatives[1], (Symbol{{by({0, 0}), 1.0}}));
}

TEST(OperatorSpace, PivotsBelongToOneChannelEach) {
  OperatorSpace space;
  space.add({{by({0}), 1.0}, {by({1, 1}), -0.1}, {by({2, 2}), -0.1}});
  space.add({{by({0}), 1.0}, {by({1, 1}), -0.3}, {by({2, 2}), -0.3}, {by({1}), 2.0}});
  const auto basis = space.basis();
  EXPECT_EQ(basis.size(), 4u);  // d/dt, d/dx, d/dy, Laplacian
  for (const BasisOperator& channel : basis) {
    EXPECT_EQ(channel.symbol.at(channel.pivot), 1);
    for (const BasisOperator& other : basis) {
      EXPECT_EQ(other.symbol.count(channel.pivot), other.pivot == channel.pivot ? 1u : 0u);
    }
  }
  EXPECT_TRUE(space.contains({{by({1, 1}), 5.0}, {by({2, 2}), 5.0}}));
  EXPECT_FALSE(space.contains({{by({1, 1}), 1.0}}));
}

TEST(OperatorSpace, IsClosed) {
  OperatorSpace space;
  space.add({{by({0, 0, 0, 1}), 2.0}, {by({1, 1, 2}), -1.0}, {by({2}), 4.0}});
  for (const BasisOperator& channel : space.basis()) {
    EXPECT_TRUE(space.contains(channel.symbol));
    for (const Symbol& derivative : symbol_derivatives(channel.symbol)) EXPECT_TRUE(space.contains(derivative));
  }
}

// The operators of every order span those of the space: the part of highest order of one is no combination of the others'.
TEST(OperatorSpace, OrdersAreSpannedOneByOne) {
  const std::vector<std::vector<Symbol>> cases{
      {{{by({0, 1, 1, 1}), 1.0}, {by({0, 0, 0, 1}), 1.0}, {by({0, 1, 1}), -1.0}}},
      // alike in xxx
      {{{by({0, 0, 0}), 1.0}, {by({0, 1}), 1.0}}, {{by({0, 0, 0}), 1.0}, {by({1, 1}), 2.0}, {by({0}), 1.0}}}};
  for (const std::vector<Symbol>& symbols : cases) {
    OperatorSpace space, leading;
    for (const Symbol& symbol : symbols) space.add(symbol);
    for (const BasisOperator& channel : space.basis()) {
      int order = 0;
      for (const auto& part : channel.symbol) order = std::max<int>(order, part.first.order);
      Symbol lead;
      for (const auto& [alpha, coefficient] : channel.symbol) {
        if (alpha.order == order) lead[alpha] = coefficient;
      }
      EXPECT_FALSE(leading.contains(lead)) << "a part of order " << order << " of " << symbols.size();
      leading.add(lead);
    }
  }
}

TEST(OperatorSpace, DependentOperatorsAddNothing) {
  OperatorSpace space;
  const Symbol first{{by({0, 0}), 0.1}, {by({1, 1}), 0.7}}, second{{by({0, 0}), 1.0 / 3}, {by({0, 1}), 0.3}};
  space.add(first);
  space.add(second);
  const int size = space.size();
  Symbol sum = first;
  for (const auto& [alpha, coefficient] : second) sum[alpha] += 1.7 * coefficient;
  space.add(sum);
  EXPECT_EQ(space.size(), size);
}
