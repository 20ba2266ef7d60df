#include "jetpinn/optim/flat_vector.hpp"

#include "jetpinn/optim/placed_vector.hpp"

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

// Every operation on a device does what it does on the host; sums are added up in another order.
TEST(FlatVector, ADeviceDoesAsTheHost) {
  const auto device = make_vector_device("emulated");
  for (std::int64_t n : {0, 1, 7, 129, 3297}) {
    const double tolerance = static_cast<double>(n + 1) * 0x1p-53;
    PlacedVector x = wave(n, 0.2), y = wave(n, 2.1), x_there(n, device.get()), y_there(n, device.get());
    x_there = x, y_there = y;
    EXPECT_NEAR(dot(x_there, y_there, n), dot(x, y, n), tolerance * norm(x, n) * norm(y, n));
    EXPECT_NEAR(norm(x_there, n), norm(x, n), tolerance * norm(x, n));
    EXPECT_NEAR(sum_of_magnitudes(x_there, n), sum_of_magnitudes(x, n), tolerance * sum_of_magnitudes(x, n));
    EXPECT_EQ(largest_magnitude(x_there, n), largest_magnitude(x, n));
    const auto same = [&](const auto& act, const char* what) {
      PlacedVector to = y, to_there = y_there;
      act(ConstRealPlace(x), RealPlace(to));
      act(ConstRealPlace(x_there), RealPlace(to_there));
      ASSERT_EQ(to_there.values().size(), to.values().size());
      for (std::size_t i = 0; i < to.values().size(); ++i)
        EXPECT_NEAR(to_there.values()[i], to.values()[i], 0x1p-52) << what;
      EXPECT_EQ(to.values() == y.values(), n == 0) << what;
    };
    same([&](ConstRealPlace a, RealPlace b) { copy_vector(a, b, n); }, "copy");
    same([&](ConstRealPlace a, RealPlace b) { negate(a, b, n); }, "negate");
    same([&](ConstRealPlace, RealPlace b) { scale(0.3, b, n); }, "scale");
    same([&](ConstRealPlace a, RealPlace b) { add_scaled(-0.7, a, b, n); }, "add");
    same([&](ConstRealPlace a, RealPlace b) { subtract_from(a, b, n); }, "subtract");
    same([&](ConstRealPlace a, RealPlace b) { move_along(a, 0.4, a, b, n); }, "move");
  }
}

}  // namespace
}  // namespace jetpinn
