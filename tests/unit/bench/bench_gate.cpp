#include "jetpinn/bench/bench_gate.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(BenchGate, BreakEvenIsARate) {
  EXPECT_NEAR(break_even_rate({{0.5, 0.7}, {0.25, 0.45}}, 1), 0.8, 1e-12);  // 0.2 + rate
  EXPECT_EQ(break_even_rate({{0.5, 0.5}, {0.25, 0.25}}, 2), 1) << "every rate is faster";
  EXPECT_EQ(break_even_rate({{0.5, 3.5}, {0.25, 3.25}}, 1), 0) << "no rate is";
  EXPECT_EQ(break_even_rate({{0.5, 3}, {0.25, 3.1}}, 1), 0) << "nor where times are noise";
  EXPECT_EQ(break_even_rate({{0.5, 0.3}, {0.25, 0.3}}, 1), 1);
}

}  // namespace
}  // namespace jetpinn
