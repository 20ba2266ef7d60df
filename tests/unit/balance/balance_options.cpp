#include "jetpinn/balance/balance_options.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(BalanceOptions, MethodsHaveNamesAndRowsOfTheirOwn) {
  for (const BalanceMethod method : {BalanceMethod::none, BalanceMethod::gradnorm, BalanceMethod::ntk,
                                     BalanceMethod::relobralo, BalanceMethod::self_adaptive, BalanceMethod::rba}) {
    EXPECT_EQ(balance_method(to_string(method)), method);
    EXPECT_EQ(balance_defaults(method).method, method);
  }
  EXPECT_EQ(balance_method("grad"), BalanceMethod::none);
}

TEST(BalanceOptions, WhatIsGivenTakesThePlaceOfDefaults) {
  BalanceOptions options;
  EXPECT_FALSE(options.active() || options.balances("walls"));
  options.method = BalanceMethod::ntk;
  options.every = 7;
  options.points = 0;
  const BalanceDefaults settings = options.settings();
  EXPECT_EQ(settings.every, 7);
  EXPECT_EQ(settings.points, 0);
  EXPECT_EQ(settings.momentum, 0.9);
  EXPECT_FALSE(settings.rate);
}

TEST(BalanceOptions, BalanceAllTermsOrThoseThatAreNamed) {
  BalanceOptions options;
  options.method = BalanceMethod::rba;
  EXPECT_TRUE(options.balances("walls"));
  options.terms = {"wave"};
  EXPECT_FALSE(options.balances("walls"));
  EXPECT_TRUE(options.balances("wave"));
}

}  // namespace
}  // namespace jetpinn
