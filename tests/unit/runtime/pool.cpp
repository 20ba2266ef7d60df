#include "jetpinn/runtime/pool.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

namespace jetpinn {
namespace {

constexpr std::int64_t mebibyte = std::int64_t{1} << 20;

TEST(Pool, PiecesAreAlignedZeroedAndTheirOwn) {
  Pool pool;
  double* small = pool.allocate<double>(3);
  double* large = pool.allocate<double>(mebibyte);   // a slab of its own
  float* last = pool.allocate<float>(5);
  for (const void* piece : {static_cast<void*>(small), static_cast<void*>(large), static_cast<void*>(last)})
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(piece) % 64, 0u);
  EXPECT_EQ(large[0], 0);
  EXPECT_EQ(large[mebibyte - 1], 0);
  std::memset(large, 0xff, mebibyte * sizeof(double));
  EXPECT_EQ(small[2], 0);
  EXPECT_EQ(last[4], 0);
  EXPECT_EQ(pool.bytes(), 3 * 8 + mebibyte * 8 + 5 * 4);
}

// More than any address space holds: a plan is to say so, not to fail.
TEST(Pool, PlanningCountsWithoutTakingAnything) {
  Pool pool(Pool::Use::planning);
  constexpr std::int64_t huge = std::int64_t{1} << 55;
  const double *first = pool.allocate<double>(3), *second = pool.allocate<double>(huge / 8),
               *third = pool.allocate<double>(1);
  EXPECT_GE(second, first + 3);
  EXPECT_GE(third, second + huge / 8);
  EXPECT_EQ(pool.bytes(), 24 + huge + 8);
  EXPECT_EQ(pool.unused(), 0);
}

TEST(Pool, HoldsNothingThatNobodyHas) {
  Pool pool;
  EXPECT_EQ(pool.unused(), 0);
  double* first = pool.allocate<double>(3);
  EXPECT_GT(pool.unused(), mebibyte);
  pool.seal();
  EXPECT_EQ(pool.unused(), 0);
  first[2] = 1;   // what was given out stays
  double* second = pool.allocate<double>(4);
  second[3] = 2;
  EXPECT_GT(pool.unused(), mebibyte);
  pool.seal();
  pool.seal();
  EXPECT_EQ(pool.unused(), 0);
  EXPECT_EQ(first[2] + second[3], 3);
}

}  // namespace
}  // namespace jetpinn
