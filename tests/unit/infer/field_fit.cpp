#include "jetpinn/infer/field_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace jetpinn {
namespace {

double r2_of(const std::vector<double>& values) {
  const auto rows = static_cast<double>(values.size());
  double sum = 0, spread = 0, squares = 0;
  for (const double value : values) sum += value;
  for (const double value : values) {
    spread += (value - sum / rows) * (value - sum / rows);
    squares += 0.25 * 0.25;  // every value is missed by 1/4
  }
  return coefficient_of_determination(squares, without_rounding(spread, rows, sum));
}

// Their mean is not the value itself, for 0.1 is rounded in every sum.
TEST(FieldFit, ValuesThatAreAllOneHaveNoR2) {
  std::vector<double> values(512, 0.1);
  EXPECT_TRUE(std::isnan(r2_of(values)));
  EXPECT_TRUE(std::isnan(r2_of({7})));
  values[5] += 1e-9;
  EXPECT_LT(r2_of(values), -1e15);
  EXPECT_EQ(fit_text(r2_of(std::vector<double>(512, 0.1)), 0.25, 0.25),
            "no R2, for the values to meet are all the same, mean absolute error 2.5000e-01, root mean square 2.5000e-01");
  EXPECT_EQ(fit_text(0.5, 0.25, 0.25).substr(0, 12), "R2 0.500000,");
}

}  // namespace
}  // namespace jetpinn
