#include "jetpinn/base/text_runs.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(TextRuns, WhatCountsOnIsWrittenByItsEnds) {
  const auto join = [](const std::vector<std::string>& items) { return join_runs(items, ", ", ", ..., "); };
  std::vector<std::string> many{"1"};
  for (int k = 1; k <= 100; ++k) many.push_back("d/dx" + std::to_string(k));
  many.push_back("L");
  EXPECT_EQ(join(many), "1, d/dx1, ..., d/dx100, L");
  EXPECT_EQ(join({"d2/dx8^2", "d2/dx9^2", "d2/dx10^2", "d2/dx11^2"}), "d2/dx8^2, ..., d2/dx11^2");
  EXPECT_EQ(join({"x1", "x2", "x3"}), "x1, x2, x3");               // three are no longer than their ends
  EXPECT_EQ(join({"x1", "x2", "x4", "x5"}), "x1, x2, x4, x5");
  EXPECT_EQ(join({"x1 0 .. 1", "x2 1 .. 1", "x3 2 .. 1", "x4 3 .. 1"}), "x1 0 .. 1, x2 1 .. 1, x3 2 .. 1, x4 3 .. 1");
  EXPECT_EQ(join({"a1", "b2", "c3", "d4"}), "a1, b2, c3, d4");
  EXPECT_EQ(join({"x1", "x2", "x3", "x4", "y1", "y2", "y3", "y4"}), "x1, ..., x4, y1, ..., y4");
  EXPECT_EQ(join({}), "");
}

}  // namespace
}  // namespace jetpinn
