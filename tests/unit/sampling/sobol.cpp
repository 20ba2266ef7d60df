#include "jetpinn/sampling/sobol.hpp"

#include <ATen/ops/_sobol_engine_initialize_state.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

TEST(SobolSequence, DirectionsAreThoseOfLibTorch) {
  // LibTorch carries the same tables with 30 bits.
  at::Tensor state = at::zeros({sobol_dimensions, 30}, at::kLong);
  at::_sobol_engine_initialize_state_(state, sobol_dimensions);
  const std::int64_t* expected = state.data_ptr<std::int64_t>();
  for (int d = 0; d < sobol_dimensions; ++d)
    for (int k = 0; k < 30; ++k) ASSERT_EQ(sobol_bits(std::uint32_t{1} << k, d) >> 2, expected[30 * d + k]) << d << " " << k;
}

TEST(SobolSequence, EveryDimensionIsANet) {
  // 2^m points, 2^m intervals: one point in each, for every aligned run.
  for (int d = 0; d < sobol_dimensions; ++d) {
    for (int m : {1, 5, 10}) {
      for (std::uint32_t run : {0u, 3u}) {
        std::set<std::uint32_t> intervals;
        for (std::uint32_t i = 0; i < 1u << m; ++i) intervals.insert(sobol_bits((run << m) + i, d) >> (32 - m));
        ASSERT_EQ(intervals.size(), 1u << m) << d;
      }
    }
  }
}

TEST(SobolSequence, FirstTwoDimensionsFillEveryElementaryBox) {
  // A (0, m, 2)-net: every box 2^-a by 2^-(m-a) holds exactly one of 2^m points, before and after scrambling.
  const int m = 8;
  for (std::uint32_t seed : {0u, 0x12345678u}) {
    for (int a = 0; a <= m; ++a) {
      std::set<std::pair<std::uint32_t, std::uint32_t>> boxes;
      for (std::uint32_t i = 0; i < 1u << m; ++i) {
        std::uint32_t x = sobol_bits(i, 0), y = sobol_bits(i, 1);
        if (seed != 0) x = scramble_bits(x, seed), y = scramble_bits(y, ~seed * 7);
        boxes.insert({static_cast<std::uint32_t>(std::uint64_t{x} >> (32 - a)),
                      static_cast<std::uint32_t>(std::uint64_t{y} >> (32 - m + a))});
      }
      EXPECT_EQ(boxes.size(), 1u << m) << a;
    }
  }
}

TEST(Scrambling, IsANestedBijection) {
  // A bit of the result depends on itself and the leading bits alone, and the map is one to one on every prefix.
  for (std::uint32_t seed : {1u, 0xdeadbeefu, 0xffffffffu}) {
    for (int m : {1, 4, 9}) {
      std::set<std::uint32_t> prefixes;
      for (std::uint32_t p = 0; p < 1u << m; ++p) {
        const std::uint32_t head = scramble_bits(p << (32 - m), seed) >> (32 - m);
        EXPECT_EQ(scramble_bits((p << (32 - m)) | (0x5a5a5a5au >> m), seed) >> (32 - m), head);
        prefixes.insert(head);
      }
      EXPECT_EQ(prefixes.size(), 1u << m);
    }
  }
}

TEST(Sobol, IntegratesFarBetterThanRandomPoints) {
  // The mean of prod (1 + (x_d - 1/2)) over 8 coordinates is 1; its standard deviation about 1.
  // Random points err by some n^-1/2.
  const int n = 4096, dimensions = 8;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Sobol sobol(PointKey{seed, 0, 0}, 0, dimensions);
    double mean = 0, x[dimensions];
    for (int i = 0; i < n; ++i) {
      sobol.point(static_cast<std::uint64_t>(i), 0, x);
      double product = 1;
      for (double coordinate : x) product *= coordinate + 0.5;
      mean += product / n;
    }
    EXPECT_NEAR(mean, 1, 0.1 / std::sqrt(n));
  }
}

TEST(Sobol, AnyNumberOfDimensionsIsUniformAndUncorrelated) {
  const int n = 2048, dimensions = 150;
  Sobol sobol(PointKey{7, 1, 2}, 3, dimensions);
  std::vector<std::vector<double>> x(n, std::vector<double>(dimensions));
  for (int i = 0; i < n; ++i) sobol.point(static_cast<std::uint64_t>(i), 0, x[static_cast<std::size_t>(i)].data());
  for (int d = 0; d < dimensions; ++d) {
    double mean = 0;
    for (const auto& point : x) {
      ASSERT_GE(point[static_cast<std::size_t>(d)], 0);
      ASSERT_LT(point[static_cast<std::size_t>(d)], 1);
      mean += point[static_cast<std::size_t>(d)] / n;
    }
    EXPECT_NEAR(mean, 0.5, 1.0 / n);  // a net in each dimension: one point per interval of 1/n
  }
  // A dimension and its namesakes that use the same directions: correlation within 5 standard deviations of none.
  for (int d : {0, 5, 20})
    for (int step : {64, 128}) {
      double covariance = 0;
      for (const auto& point : x)
        covariance += (point[static_cast<std::size_t>(d)] - 0.5) * (point[static_cast<std::size_t>(d + step)] - 0.5) / n;
      EXPECT_LT(std::fabs(12 * covariance), 5 / std::sqrt(n)) << d;
    }
}

// Points that a set refuses are drawn again until it takes them. In each of eight equal parts of the set lie as many as is
// due: those of the first attempt, which are even, and of the others as many as of independent points, within 4.5 standard
// deviations. eighth: which part a point of the set lies in; -1: it is none.
template <class Eighth>
void expect_even(int dimensions, double accepted, Eighth&& eighth) {
  for (const int n : {100, 300, 1000, 10000})
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      Sobol sobol(PointKey{seed, 1, 0}, 0, dimensions);
      int counts[8] = {};
      double point[2] = {};
      for (int i = 0; i < n; ++i) {
        int place = -1;
        for (std::uint32_t attempt = 0; place < 0; ++attempt) {
          sobol.point(static_cast<std::uint64_t>(i), attempt, point);
          place = eighth(point);
        }
        ++counts[place];
      }
      const double first = 4 + std::log2(n);  // points that the first attempt alone may be off by
      for (const int count : counts)
        EXPECT_NEAR(count, n / 8.0, 4.5 * std::sqrt(n * (1 - accepted) * 7.0 / 64) + first) << n << " points, seed " << seed;
    }
}

TEST(Sobol, PointsDrawnAgainAreAsEvenAsIndependentOnes) {
  expect_even(1, 0.65, [](const double* x) {  // what is left of a circle without an arc
    if (x[0] >= 0.3 && x[0] < 0.65) return -1;
    return std::min(static_cast<int>((x[0] < 0.3 ? x[0] : x[0] - 0.35) / 0.65 * 8), 7);
  });
  for (const double radius : {0.5, 0.2})
    expect_even(2, M_PI * radius * radius, [&](const double* x) {
      if (std::hypot(x[0] - 0.5, x[1] - 0.5) >= radius) return -1;
      return std::min(static_cast<int>((std::atan2(x[1] - 0.5, x[0] - 0.5) + M_PI) / (M_PI / 4)), 7);
    });
}

TEST(Sobol, EachAttemptHasPointsOfItsOwn) {
  Sobol sobol(PointKey{2, 0, 0}, 0, 2);
  std::set<double> seen;
  for (std::uint32_t attempt = 0; attempt < 4; ++attempt)
    for (std::uint64_t i = 0; i < 5000; ++i) {
      double point[2];
      sobol.point(i, attempt, point);
      EXPECT_TRUE(seen.insert(point[0]).second) << i << " at attempt " << attempt;
      ASSERT_TRUE(point[0] >= 0 && point[0] < 1 && point[1] >= 0 && point[1] < 1);
    }
}

// What runs have begun with: the first attempt, and runs of 2^32 points.
TEST(Sobol, FirstAttemptsKeepTheirBits) {
  Sobol sobol(PointKey{7, 1, 2}, 3, 2);
  double point[2];
  sobol.point(1234567, 0, point);
  EXPECT_EQ(point[0], 0x1.f7c8dc568a857p-1);
  EXPECT_EQ(point[1], 0x1.a1796dcacfc6bp-1);
  sobol.point((std::uint64_t{1} << 32) + 5, 0, point);
  EXPECT_EQ(point[0], 0x1.5207e0b37180bp-1);
  EXPECT_EQ(point[1], 0x1.6668ff48a2681p-1);
}

TEST(Sobol, GoesOnBeyondTwoToTheThirtyTwo) {
  Sobol sobol(PointKey{1, 0, 0}, 0, 2), again(PointKey{1, 0, 0}, 0, 2);
  const std::uint64_t far = (std::uint64_t{1} << 32) + 5;
  double a[2], b[2], c[2];
  sobol.point(far, 0, a);
  sobol.point(5, 0, b);
  again.point(far, 0, c);
  EXPECT_NE(a[0], b[0]);
  EXPECT_EQ(a[0], c[0]);
  EXPECT_EQ(a[1], c[1]);
}

}  // namespace
}  // namespace jetpinn
