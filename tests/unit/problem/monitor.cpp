#include "jetpinn/problem/problem.hpp"

#include "support/expect_error.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

Problem with_monitor(const std::string& expression, const std::string& on, std::int64_t points = 100) {
  ProblemText text = testing::text_of({testing::term("heat", "u_t - u_xx")}, "", "x*u");
  text.monitors.push_back(testing::monitor(MonitorKind::mean, expression, on, points));
  return build_problem(text);
}

TEST(Monitor, KindsHaveNames) {
  EXPECT_STREQ(to_string(MonitorKind::integral), "integral");
  EXPECT_STREQ(to_string(MonitorKind::max), "max");
}

TEST(Monitor, IsAnExpressionInRawOutputsOnASet) {
  const Problem problem = with_monitor("u_x", "x == 1");
  ASSERT_EQ(problem.monitors.size(), 1u);
  ASSERT_EQ(problem.monitors[0].region.pieces.size(), 1u);
  EXPECT_EQ(problem.monitors[0].region.pieces[0].lower[1], 1);
  EXPECT_EQ(problem.monitors[0].on, "x == 1");
  EXPECT_NE(problem.monitors[0].value, with_monitor("u", "x == 1").monitors[0].value);
  const Problem whole = with_monitor("u_x", "");
  EXPECT_EQ(whole.monitors[0].region.pieces[0].lower, (std::vector<double>{0, -1}));
}

TEST(Monitor, WhatMeansNothingIsRefused) {
  const auto refused = [](const std::string& expression, const std::string& on, std::int64_t points, const char* says) {
    testing::expect_error(Status::usage, {says}, [&] { with_monitor(expression, on, points); });
  };
  refused("w", "", 10, "w");
  refused("u", "x == 3", 10, "outside");
  refused("u", "x - 1", 10, "a set is described by comparisons");
  refused("u", "boundary", 3, "has 3 points on 4 faces");
}

}  // namespace
}  // namespace jetpinn
