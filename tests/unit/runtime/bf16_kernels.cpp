#include "jetpinn/runtime/bf16_kernels.hpp"

#include "jetpinn/base/error.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

// What integers take from a number, relative to the largest one that it shares an exponent with: half a unit of 2^-11.
constexpr double of_largest = 1.0 / 2048;
constexpr double round_off = bfloat16_epsilon / 2;

std::vector<std::string> backends_here() {
  if (!why_no_bf16().empty()) {
    std::printf("the processor's own products are not tested: %s\n", why_no_bf16().c_str());
    return {"portable"};
  }
  return bf16_backends();
}

// Rows of numbers of very different sizes; what lies behind a row is never read.
std::vector<BFloat16> rows_of(std::int64_t rows, std::int64_t columns, std::int64_t stride, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<BFloat16> values(static_cast<std::size_t>(rows * stride),
                               to_bfloat16(std::numeric_limits<float>::quiet_NaN()));
  for (std::int64_t r = 0; r < rows; ++r) {
    const float size = std::ldexp(1.0f, static_cast<int>(generator() % 40) - 20);
    for (std::int64_t j = 0; j < columns; ++j)
      values[static_cast<std::size_t>(r * stride + j)] = to_bfloat16(size * normal(generator));
  }
  return values;
}

double largest_of(std::int64_t count, const BFloat16* values, std::int64_t stride = 1) {
  double largest = 0;
  for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(double{to_float(values[i * stride])}));
  return largest;
}

struct Sizes {
  std::int64_t rows, k, n;
};
constexpr Sizes awkward[] = {{1, 1, 1}, {6, 16, 64}, {7, 33, 65}, {13, 50, 16}, {5, 700, 40}, {96, 256, 130}};

TEST(Bf16Number, RoundsToNearestAndToEven) {
  const auto rounded = [](float value) { return to_float(to_bfloat16(value)); };
  const float unit = static_cast<float>(bfloat16_epsilon);
  EXPECT_EQ(rounded(1 + unit / 2), 1) << "a tie goes to the even neighbour";
  EXPECT_EQ(rounded(1 + 3 * unit / 2), 1 + 2 * unit);
  EXPECT_EQ(rounded(1 + unit / 2 + 1e-6f), 1 + unit);
  EXPECT_EQ(rounded(-3.0f), -3);
  EXPECT_EQ(rounded(std::numeric_limits<float>::max()), std::numeric_limits<float>::infinity());
  std::uint32_t bits = 0x7fffffffu;  // a NaN that adding would carry over to a zero
  float nan;
  std::memcpy(&nan, &bits, sizeof(nan));
  EXPECT_TRUE(std::isnan(rounded(nan)));
  EXPECT_FALSE(is_finite(to_bfloat16(nan)));
  EXPECT_TRUE(is_finite(to_bfloat16(1e38f)));
}

TEST(Bf16Kernels, ConvertAsTheNumberDoes) {
  std::mt19937 generator(5);
  std::vector<float> values;
  for (int i = 0; i < 1003; ++i) {
    const auto bits = static_cast<std::uint32_t>(generator());
    values.push_back(0);
    std::memcpy(&values.back(), &bits, sizeof(bits));  // infinities, NaN and tiny numbers among them
  }
  for (const std::string& backend : backends_here()) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{16}, std::size_t{47}, values.size()}) {
      std::vector<BFloat16> rounded(count + 1, BFloat16{1234});
      std::vector<float> widened(count + 1, 5.0f);
      bf16_kernels(backend).round(static_cast<std::int64_t>(count), values.data(), rounded.data());
      bf16_kernels(backend).widen(static_cast<std::int64_t>(count), rounded.data(), widened.data());
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(rounded[i].bits, to_bfloat16(values[i]).bits) << backend << " " << values[i];
        ASSERT_EQ(to_bfloat16(widened[i]).bits, rounded[i].bits) << backend << " " << values[i];
      }
      EXPECT_EQ(rounded[count].bits, 1234);
      EXPECT_EQ(widened[count], 5);
    }
  }
}

// A row of A with a column of B: each number is off by of_largest / 2 of its largest at most, the sum is rounded once.
void compare_multiply(const std::string& backend, const Sizes& size, bool add) {
  SCOPED_TRACE(backend + " " + std::to_string(size.rows) + " " + std::to_string(size.k) + " " + std::to_string(size.n));
  const Bf16Kernels& kernels = bf16_kernels(backend);
  const std::int64_t lda = size.k + 5, ldc = size.n + 2, steps = pair_steps(size.k);
  const auto a = rows_of(size.rows, size.k, lda, 1), before = rows_of(size.rows, size.n, ldc, 2);
  std::vector<double> b(static_cast<std::size_t>(size.k * size.n));
  std::mt19937 generator(3);
  for (double& value : b) value = std::normal_distribution<double>()(generator);
  std::vector<IntegerPair> rows(static_cast<std::size_t>(size.rows * steps)),
      packed(static_cast<std::size_t>(packed_pairs(size.k, size.n)));
  std::vector<float> row_scales(static_cast<std::size_t>(size.rows)), scales(static_cast<std::size_t>(size.n));
  pack_weights(size.k, size.n, b.data(), size.n, packed.data(), scales.data());
  kernels.take_rows(size.rows, size.k, a.data(), lda, rows.data(), row_scales.data());
  auto c = before;
  kernels.multiply(size.rows, steps, size.n, rows.data(), row_scales.data(), packed.data(), scales.data(), add, c.data(),
                   ldc);
  test::Worst worst;  // of what is allowed
  for (std::int64_t r = 0; r < size.rows; ++r) {
    const double row = largest_of(size.k, a.data() + r * lda);
    for (std::int64_t j = 0; j < size.n; ++j) {
      double exact = add ? to_float(before[static_cast<std::size_t>(r * ldc + j)]) : 0, column = 0, sum_of_columns = 0,
             sum_of_rows = 0;
      for (std::int64_t i = 0; i < size.k; ++i)
        column = std::max(column, std::abs(b[static_cast<std::size_t>(i * size.n + j)]));
      for (std::int64_t i = 0; i < size.k; ++i) {
        const double x = to_float(a[static_cast<std::size_t>(r * lda + i)]), w = b[static_cast<std::size_t>(i * size.n + j)];
        exact += x * w;
        sum_of_rows += std::abs(x), sum_of_columns += std::abs(w);
      }
      const double taken =
          of_largest * (row * (sum_of_columns + static_cast<double>(size.k) * of_largest * column) + column * sum_of_rows);
      worst.take(std::abs(to_float(c[static_cast<std::size_t>(r * ldc + j)]) - exact) /
                 (taken + 1.01 * round_off * (std::abs(exact) + taken)));
    }
    for (std::int64_t j = size.n; j < ldc; ++j) ASSERT_FALSE(is_finite(c[static_cast<std::size_t>(r * ldc + j)]));
  }
  EXPECT_LE(worst.value(), 1);
}

TEST(Bf16Kernels, MultiplyAsPlainLoopsDo) {
  for (const std::string& backend : backends_here())
    for (const Sizes& size : awkward)
      for (const bool add : {false, true}) compare_multiply(backend, size, add);
}

struct Gradient {
  std::vector<IntegerPair> left, right;
  std::vector<float> scales, sums;
};

Gradient gradient_of(const std::string& backend, const Sizes& size, const std::vector<BFloat16>& a,
                     const std::vector<BFloat16>& b) {
  const Bf16Kernels& kernels = bf16_kernels(backend);
  Gradient g{std::vector<IntegerPair>(static_cast<std::size_t>(packed_pairs(size.rows, size.k))),
             std::vector<IntegerPair>(static_cast<std::size_t>(packed_pairs(size.rows, size.n))),
             std::vector<float>(static_cast<std::size_t>(size.n)),
             std::vector<float>(static_cast<std::size_t>(size.k * size.n), 0.5f)};
  kernels.take_factors(size.rows, size.k, a.data(), size.k, size.n, b.data(), size.n, g.left.data(), g.right.data(),
                       g.scales.data());
  kernels.accumulate(size.k, size.n, pair_steps(size.rows), g.left.data(), g.right.data(), g.scales.data(), g.sums.data(),
                     size.n);
  return g;
}

// A row's share is off by what its largest numbers make of the largest share of a column, whatever the sizes of rows are.
TEST(Bf16Kernels, SumOverRowsAsPlainLoopsDo) {
  for (const std::string& backend : backends_here())
    for (const Sizes& size : awkward) {
      SCOPED_TRACE(backend + " " + std::to_string(size.rows) + " " + std::to_string(size.k) + " " + std::to_string(size.n));
      const auto a = rows_of(size.rows, size.k, size.k, 1), b = rows_of(size.rows, size.n, size.n, 2);
      const Gradient g = gradient_of(backend, size, a, b);
      test::Worst worst;
      for (std::int64_t j = 0; j < size.n; ++j) {
        double largest_share = 0;
        std::vector<double> rows;
        for (std::int64_t r = 0; r < size.rows; ++r) {
          rows.push_back(largest_of(size.k, a.data() + r * size.k));
          largest_share = std::max(
              largest_share, 2 * rows.back() * std::abs(double{to_float(b[static_cast<std::size_t>(r * size.n + j)])}));
        }
        // Of a row of A of its largest, 2^e at most twice that; of a share of the largest share, in each of the rows.
        const double allowed = static_cast<double>(size.rows) * largest_share * (2 * of_largest + of_largest * of_largest);
        for (std::int64_t i = 0; i < size.k; ++i) {
          double exact = 0.5;
          for (std::int64_t r = 0; r < size.rows; ++r)
            exact += double{to_float(a[static_cast<std::size_t>(r * size.k + i)])} *
                     double{to_float(b[static_cast<std::size_t>(r * size.n + j)])};
          worst.take(std::abs(g.sums[static_cast<std::size_t>(i * size.n + j)] - exact) /
                     (allowed + 2 * std::numeric_limits<float>::epsilon() * (std::abs(exact) + allowed + 1)));
        }
      }
      EXPECT_LE(worst.value(), 1);
    }
}

TEST(Bf16Kernels, AreTheSameToTheLastBit) {
  if (!why_no_bf16().empty()) GTEST_SKIP() << why_no_bf16();
  for (const Sizes& size : awkward) {
    const auto a = rows_of(size.rows, size.k, size.k, 1), b = rows_of(size.rows, size.n, size.n, 2);
    const Gradient one = gradient_of("portable", size, a, b), other = gradient_of("avx512_vnni", size, a, b);
    EXPECT_EQ(one.left, other.left);
    EXPECT_EQ(one.right, other.right);
    EXPECT_EQ(one.scales, other.scales);
    EXPECT_EQ(one.sums, other.sums);
    std::vector<IntegerPair> rows(static_cast<std::size_t>(size.rows * pair_steps(size.k))), same(rows.size());
    std::vector<float> scales(static_cast<std::size_t>(size.rows)), same_scales(scales.size());
    bf16_kernels("portable").take_rows(size.rows, size.k, a.data(), size.k, rows.data(), scales.data());
    bf16_kernels("avx512_vnni").take_rows(size.rows, size.k, a.data(), size.k, same.data(), same_scales.data());
    EXPECT_EQ(rows, same);
    EXPECT_EQ(scales, same_scales);
    std::vector<float> column_scales(static_cast<std::size_t>(size.n), 0.25f);
    std::vector<IntegerPair> packed(static_cast<std::size_t>(packed_pairs(size.k, size.n)));
    for (std::size_t i = 0; i < packed.size(); ++i) packed[i] = static_cast<IntegerPair>((i * 37) % 2047);
    std::vector<BFloat16> c(static_cast<std::size_t>(size.rows * size.n)), d(c.size());
    bf16_kernels("portable")
        .multiply(size.rows, pair_steps(size.k), size.n, rows.data(), scales.data(), packed.data(), column_scales.data(),
                  false, c.data(), size.n);
    bf16_kernels("avx512_vnni")
        .multiply(size.rows, pair_steps(size.k), size.n, rows.data(), scales.data(), packed.data(), column_scales.data(),
                  false, d.data(), size.n);
    for (std::size_t i = 0; i < c.size(); ++i) ASSERT_EQ(c[i].bits, d[i].bits) << i;
  }
}

TEST(Bf16Kernels, PassOnWhatIsNotFinite) {
  for (const std::string& backend : backends_here())
    for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
      std::vector<BFloat16> a(40, to_bfloat16(1));
      a[17] = to_bfloat16(bad);
      std::vector<IntegerPair> rows(20), packed(static_cast<std::size_t>(packed_pairs(20, 3)));
      std::vector<float> row_scales(2), scales(3);
      std::vector<double> b(60, 1.0);
      b[1] = bad;  // of column 1
      pack_weights(20, 3, b.data(), 3, packed.data(), scales.data());
      bf16_kernels(backend).take_rows(2, 20, a.data(), 20, rows.data(), row_scales.data());
      EXPECT_TRUE(std::isnan(row_scales[0])) << backend;
      EXPECT_FALSE(std::isnan(row_scales[1])) << backend;
      std::vector<BFloat16> c(6);
      bf16_kernels(backend).multiply(2, 10, 3, rows.data(), row_scales.data(), packed.data(), scales.data(), false, c.data(),
                                     3);
      EXPECT_FALSE(is_finite(c[0])) << backend;
      EXPECT_EQ(to_float(c[3]), 20) << backend;
      EXPECT_FALSE(is_finite(c[4])) << backend;
    }
}

TEST(Bf16Kernels, SayWhatTheyCannotDo) {
  EXPECT_THROW(bf16_kernels("avx1024"), Error);
  if (why_no_bf16().empty()) return;
  EXPECT_THROW(bf16_kernels("avx512_vnni"), Error);
}

}  // namespace
}  // namespace jetpinn
