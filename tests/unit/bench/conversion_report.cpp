// When a sparse network passes for the one that it was made of.
#include "jetpinn/bench/conversion_report.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace jetpinn {
namespace {

// relative: of the largest output.
ConversionReport differing_by(double relative_max, double relative_mean, double largest, Precision precision) {
  ConversionReport report;
  report.stack.precision = precision;
  report.speed.largest_output = largest;
  report.speed.max_difference = relative_max * largest;
  report.speed.mean_difference = relative_mean * largest;
  return report;
}

TEST(ConversionReport, DifferencesAreOfTheLargestOutput) {
  for (const Precision precision : {Precision::fp32, Precision::fp64}) {
    const double unit = precision == Precision::fp32 ? 1 : 1e-8;
    for (const double largest : {1e-9, 1e-3, 1.0, 1e6}) {
      EXPECT_TRUE(differing_by(0.9e-4 * unit, 0.9e-5 * unit, largest, precision).verified()) << largest;
      EXPECT_FALSE(differing_by(1.1e-4 * unit, 0.9e-5 * unit, largest, precision).verified()) << largest;
      EXPECT_FALSE(differing_by(0.9e-4 * unit, 1.1e-5 * unit, largest, precision).verified()) << largest;
    }
  }
}

TEST(ConversionReport, OutputsOfNothingMayNotDiffer) {
  ConversionReport report = differing_by(0, 0, 0, Precision::fp32);
  EXPECT_TRUE(report.verified());
  report.speed.max_difference = 1e-30;
  EXPECT_FALSE(report.verified());
  report.speed.max_difference = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(report.verified());
}

}  // namespace
}  // namespace jetpinn
