#include "jetpinn/optim/flat_vector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace jetpinn {
namespace {

std::vector<double> wave(std::int64_t n, double phase) {
  std::vector<double> x(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(1.3 * static_cast<double>(i) + phase);
  return x;
}

TEST(FlatVector, AgreesWithPlainLoopsOnAwkwardSizes) {
  for (std::int64_t n : {0, 1, 7, 31, 32, 33, 63, 597 * 43}) {
    const auto a = wave(n, 0.2), b = wave(n, 2.1);
    double products = 0, magnitudes = 0, largest = 0, size = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      products += a[i] * b[i], size += std::fabs(a[i] * b[i]);
      magnitudes += std::fabs(a[i]);
      largest = std::max(largest, std::fabs(a[i]));
    }
    const double tolerance = static_cast<double>(n) * 0x1p-53;  // n additions, each of a rounding of the sum so far
    EXPECT_NEAR(dot(a.data(), b.data(), n), products, tolerance * size);
    EXPECT_NEAR(sum_of_magnitudes(a.data(), n), magnitudes, tolerance * magnitudes);
    EXPECT_EQ(largest_magnitude(a.data(), n), largest);
    EXPECT_EQ(norm(a.data(), n), std::sqrt(dot(a.data(), a.data(), n)));
    auto y = b;
    add_scaled(-0.5, a.data(), y.data(), n);
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(y[i], b[i] - 0.5 * a[i], 0x1p-52);
  }
}

TEST(FlatVector, AlignmentDoesNotChangeTheBits) {
  const std::int64_t n = 3297;
  const auto a = wave(n, 0.2), b = wave(n, 2.1);
  const double expected = dot(a.data(), b.data(), n);
  std::vector<double> moved_a(static_cast<std::size_t>(n) + 8), moved_b(moved_a);
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::copy(a.begin(), a.end(), moved_a.begin() + static_cast<std::ptrdiff_t>(shift));
    std::copy(b.begin(), b.end(), moved_b.begin() + static_cast<std::ptrdiff_t>(7 - shift));
    EXPECT_EQ(dot(moved_a.data() + shift, moved_b.data() + 7 - shift, n), expected);
  }
}

}  // namespace
}  // namespace jetpinn
