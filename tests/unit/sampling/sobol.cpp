#include "jetpinn/sampling/sobol.hpp"

#include <ATen/ops/_sobol_engine_initialize_state.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
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
