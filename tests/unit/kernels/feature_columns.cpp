#include "jetpinn/kernels/feature_columns.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

TEST(FeatureColumns, SineAndCosineOnAwkwardCounts) {
  for (std::int64_t points : {1, 7, 8, 63}) {
    std::vector<double> x, sine(64), cosine(64);
    for (std::int64_t i = 0; i < points; ++i) x.push_back(-2 + 0.37 * static_cast<double>(i));
    sincos_columns({}, points, x.data(), 3.5, -0.25, sine.data(), cosine.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      // rounding of the argument, then of the function
      const double argument = 3.5 * x[i] - 0.25, bound = (2 + std::abs(argument)) * std::numeric_limits<double>::epsilon();
      EXPECT_NEAR(sine[i], std::sin(argument), bound);
      EXPECT_NEAR(cosine[i], std::cos(argument), bound);
    }
  }
}

}  // namespace
}  // namespace jetpinn
