// When a sparse network passes for the one that it was made of.
#include "jetpinn/bench/conversion_report.hpp"

#include "support/expect_error.hpp"
#include "support/stack_case.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

SparseSpeedOptions one_short_batch() {
  SparseSpeedOptions options;
  options.batches = {1};
  options.seconds = 0;
  options.rounds = 1;
  return options;
}

TEST(ConversionReport, ANetworkIsVerifiedInBothPrecisions) {
  for (const Precision precision : {Precision::fp32, Precision::fp64}) {
    WeightStack stack = test::small_stack();
    stack.precision = precision;
    const ConversionReport report = convert("a", stack, one_short_batch());
    EXPECT_TRUE(report.verified());
    EXPECT_GT(report.speed.rounding_share, 0);
    EXPECT_GT(report.speed.max_difference, 0);
  }
}

TEST(ConversionReport, BeyondRoundingIsNotVerified) {
  ConversionReport report;
  EXPECT_TRUE(report.verified());
  for (const double share : {1.01, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    report.speed.rounding_share = share;
    EXPECT_FALSE(report.verified()) << share;
  }
  report.speed.rounding_share = 0.5;
  report.speed.max_difference = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(report.verified());
}

// Both ways to compute overflow at some of the points, where the difference of their outputs is none.
TEST(ConversionReport, ANaNIsNotForgotten) {
  WeightStack stack = test::small_stack();
  stack.precision = Precision::fp32;
  StackLayer& last = stack.layers.back();
  for (double& weight : last.kept) weight = 0;
  last.kept.front() = last.kept.back() = 3e38;
  last.bias.assign(last.bias.size(), 3e38);
  const ConversionReport report = convert("a", stack, one_short_batch());
  EXPECT_FALSE(std::isfinite(report.speed.max_difference));
  EXPECT_FALSE(report.verified());
}

TEST(SparseSpeed, SumsThatOverflowAreNamed) {
  WeightStack stack = test::small_stack();
  stack.outputs = {"a", "b"};
  stack.precision = Precision::fp32;
  EXPECT_NO_THROW(require_finite_sums(stack, "net.h5"));
  stack.layers[2].bias[1] = 3.3e38;
  for (double& weight : stack.layers[2].kept) weight = 1e38;
  testing::expect_error(Status::usage, {"net.h5", "weight_2 and bias_2 overflow fp32", "the output '", "store them in fp64"},
                        [&] { require_finite_sums(stack, "net.h5"); });
  // A tanh hides what overflows before it.
  for (double& weight : stack.layers[1].kept) weight = 3e38;
  testing::expect_error(Status::usage, {"net.h5", "weight_1 and bias_1 overflow fp32"},
                        [&] { require_finite_sums(stack, "net.h5"); });
  stack.precision = Precision::fp64;
  EXPECT_NO_THROW(require_finite_sums(stack, "net.h5"));
}

}  // namespace
}  // namespace jetpinn
