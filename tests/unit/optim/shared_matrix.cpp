#include "jetpinn/optim/shared_matrix.hpp"

#include "support/dense_matrix.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

using namespace testing;

constexpr double rounding = std::numeric_limits<double>::epsilon();

RankTwo example() {
  RankTwo update;
  update.keep = 0.7;
  update.sign[1] = -1;
  update.along_s[0] = 0.4, update.along_s[1] = -0.3;
  update.along_v[0] = 1.1, update.along_v[1] = 0.2;
  return update;
}

// Rows of the matrix, read off by products with unit vectors.
Vector entries(SharedMatrix& matrix, std::size_t n) {
  Vector all, unit(n), column(n), other(n);
  for (std::size_t j = 0; j < n; ++j) {
    unit[j] = 1;
    matrix.sweep(unit.data(), unit.data(), column.data(), other.data());
    all.insert(all.end(), column.begin(), column.end());
    unit[j] = 0;
  }
  return all;
}

// Sizes around the lanes of a sum and the block of a column.
TEST(SharedMatrix, AgreesWithPlainLoops) {
  for (std::size_t n : {1, 2, 31, 33, 257}) {
    std::mt19937 random(static_cast<unsigned>(n));
    const Vector s = random_vector(n, random), v = random_vector(n, random), x = random_vector(n, random),
                 y = random_vector(n, random);
    SharedMatrix matrix(static_cast<std::int64_t>(n), nullptr);
    matrix.set_diagonal(2);
    Vector plain(n * n), mx(n), my(n);
    for (std::size_t i = 0; i < n; ++i) plain[i * n + i] = 2;
    for (int round = 0; round < 3; ++round) {
      const RankTwo update = example();
      matrix.update(update, s.data(), v.data());
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          double sum = update.keep * plain[i * n + j];
          for (int k = 0; k < 2; ++k)
            sum += update.sign[k] * (update.along_s[k] * s[i] + update.along_v[k] * v[i]) *
                   (update.along_s[k] * s[j] + update.along_v[k] * v[j]);
          plain[i * n + j] = sum;
        }
      matrix.sweep(x.data(), y.data(), mx.data(), my.data());
      const Vector px = times(plain, x), py = times(plain, y);
      const double bound = 100 * static_cast<double>(n) * rounding;  // entries and components of the order of ten
      for (std::size_t i = 0; i < n; ++i) {
        EXPECT_NEAR(mx[i], px[i], bound) << n;
        EXPECT_NEAR(my[i], py[i], bound) << n;
      }
    }
  }
}

TEST(SharedMatrix, IsSymmetricToTheLastBit) {
  constexpr std::size_t n = 77;
  std::mt19937 random(3);
  SharedMatrix matrix(n, nullptr);
  matrix.set_diagonal(0.3);
  Vector mx(n), my(n);
  for (int round = 0; round < 20; ++round) {
    const Vector s = random_vector(n, random), v = random_vector(n, random);
    matrix.update(example(), s.data(), v.data());
    matrix.sweep(s.data(), v.data(), mx.data(), my.data());
  }
  const Vector all = entries(matrix, n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j) ASSERT_EQ(all[i * n + j], all[j * n + i]) << i << " " << j;
}

// The product with the matrix to come is known before its rows are.
TEST(SharedMatrix, CarriesAProductOver) {
  constexpr std::size_t n = 40;
  std::mt19937 random(5);
  const Vector s = random_vector(n, random), v = random_vector(n, random), x = random_vector(n, random);
  SharedMatrix matrix(n, nullptr);
  matrix.set_diagonal(1);
  Vector early(n), late(n), other(n);
  matrix.sweep(x.data(), x.data(), early.data(), other.data());
  Vector same = early;
  matrix.carry_over(x.data(), same.data());
  EXPECT_EQ(same, early) << "no update waits";
  matrix.update(example(), s.data(), v.data());
  matrix.carry_over(x.data(), early.data());
  matrix.sweep(x.data(), x.data(), late.data(), other.data());
  for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(early[i], late[i], 100 * n * rounding);
  EXPECT_NE(early, same);
}

TEST(SharedMatrix, SharesItsBytesAmongRanks) {
  for (std::int64_t size : {3, 256, 1000}) {
    const std::int64_t vectors = 8 * (4 * ((size + 255) / 256 * 256) + 2 * size);
    std::int64_t elements = 0;
    for (int rank = 0; rank < 4; ++rank) elements += (SharedMatrix::bytes(size, rank, 4) - vectors) / 8;
    EXPECT_EQ(elements, (SharedMatrix::bytes(size, 0, 1) - vectors) / 8);
    EXPECT_GE(elements, size * size);
    EXPECT_LE(elements, size * (size + 2 * 256));
  }
}

}  // namespace
}  // namespace jetpinn
