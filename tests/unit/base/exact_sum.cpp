#include "jetpinn/base/exact_sum.hpp"

#include "jetpinn/base/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace jetpinn {
namespace {

// Addends of all magnitudes that the grid knows, both signs.
std::vector<double> wild_values(int count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> mantissa(-1, 1), exponent(-110, 54);
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = std::ldexp(mantissa(random), static_cast<int>(exponent(random)));
  return values;
}

double sum_of(const std::vector<double>& values) {
  ExactSum sum(1);
  for (double value : values) sum.add(0, value);
  return sum.value(0);
}

TEST(ExactSum, AnyOrderGivesTheSameBits) {
  auto values = wild_values(1000, 1);
  const double expected = sum_of(values);
  std::mt19937_64 random(2);
  for (int trial = 0; trial < 20; ++trial) {
    std::shuffle(values.begin(), values.end(), random);
    EXPECT_EQ(sum_of(values), expected);
  }
}

TEST(ExactSum, AnySplitOverRanksGivesTheSameBits) {
  const auto values = wild_values(997, 3);
  const double expected = sum_of(values);
  for (std::size_t ranks : {1, 2, 3, 7, 64}) {
    std::vector<std::int64_t> total;
    for (std::size_t rank = 0; rank < ranks; ++rank) {
      ExactSum share(1);
      for (std::size_t i = rank; i < values.size(); i += ranks) share.add(0, values[i]);
      const auto& integers = share.exchange();
      total.resize(integers.size());
      for (std::size_t i = 0; i < integers.size(); ++i) total[i] += integers[i];
    }
    ExactSum joined(1);
    joined.exchange() = total;
    joined.finish_exchange();
    EXPECT_EQ(joined.value(0), expected) << ranks << " ranks";
  }
}

// Ranges that went ahead and the rest, summed over ranks each on their own, are what one exchange of everything sums.
TEST(ExactSum, PartsOfAnExchangeMayGoAhead) {
  constexpr std::int64_t entries = 11;
  const auto values = wild_values(3 * entries, 6);
  const auto fill = [&](ExactSum& sum, std::int64_t first, std::int64_t end) {
    for (std::int64_t e = first; e < end; ++e)
      for (std::int64_t i = 0; i < 3; ++i) sum.add(e, values[static_cast<std::size_t>(3 * e + i)]);
  };
  ExactSum whole(entries), parts(entries);
  for (int round = 0; round < 2; ++round) {   // the second finds nothing left of the first
    whole.clear(), parts.clear();
    fill(whole, 0, entries);
    fill(parts, 6, 9);
    parts.begin_exchange(6, 3);
    std::vector<std::int64_t> ahead;
    for (int l = 0; l < ExactSum::limbs; ++l) ahead.insert(ahead.end(), parts.row(l) + 6, parts.row(l) + 9);
    EXPECT_THROW(parts.add(8, 1.0), Error);                  // it is on its way
    EXPECT_THROW(parts.begin_exchange(3, 2), Error);         // does not adjoin
    fill(parts, 4, 6);
    parts.begin_exchange(4, 2);
    fill(parts, 0, 4), fill(parts, 9, entries);
    EXPECT_EQ(parts.exchange(), whole.exchange());
    for (int l = 0; l < ExactSum::limbs; ++l)                // what went ahead was left alone
      for (int i = 0; i < 3; ++i) EXPECT_EQ(parts.row(l)[6 + i], ahead[static_cast<std::size_t>(3 * l + i)]);
    parts.finish_exchange(), whole.finish_exchange();
    for (std::int64_t e = 0; e < entries; ++e) EXPECT_EQ(parts.value(e), whole.value(e)) << e;
  }
}

TEST(ExactSum, AnExchangeSendsAsManyIntegersAsAreAnnounced) {
  for (std::int64_t apart_from : {0, 5, 11}) {
    ExactSum sum(11, apart_from);
    EXPECT_EQ(static_cast<std::int64_t>(sum.exchange().size()), ExactSum::integers(11, apart_from)) << apart_from;
  }
}

TEST(ExactSum, EqualSumsHaveEqualLimbs) {
  auto values = wild_values(500, 4);
  ExactSum one(1), other(1);
  for (double value : values) one.add(0, value);
  std::reverse(values.begin(), values.end());
  for (double value : values) other.add(0, value);
  EXPECT_EQ(one.exchange(), other.exchange());
}

TEST(ExactSum, LargeTermsCancelWithoutATrace) {
  EXPECT_EQ(sum_of({0x1p54, 0x1p-104, -0x1p54}), 0x1p-104);
  EXPECT_EQ(sum_of({-0x1p54, 3.0, 0x1p-60, 0x1p54}), 3.0 + 0x1p-60);
  EXPECT_EQ(sum_of({1e15, -1.0, -1e15, 1.0}), 0.0);
  EXPECT_FALSE(std::signbit(sum_of({-1.5, 1.5})));
}

TEST(ExactSum, SingleAddendsComeBackAsTheyWere) {
  // 53 bits above the grid: magnitudes from 2^-52 up; below, the nearest multiple of 2^-104.
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> mantissa(0.5, 1), exponent(-50, 54);
  for (int i = 0; i < 2000; ++i) {
    const double value = std::ldexp(i % 2 ? mantissa(random) : -mantissa(random), static_cast<int>(exponent(random)));
    EXPECT_EQ(sum_of({value}), value);
  }
  EXPECT_EQ(sum_of({0x1p-104}), 0x1p-104);
  EXPECT_EQ(sum_of({-0x1.8p-104}), -0x1p-103);  // a tie goes to the even multiple
  EXPECT_EQ(sum_of({0x1p-106}), 0.0);
  EXPECT_EQ(sum_of({-0.0}), 0.0);
}

TEST(ExactSum, RoundsToNearestAtEveryMagnitude) {
  // 1 + 2^-53 is a tie and goes to even; anything beyond, however small, decides it.
  for (int exponent : {-40, -20, 0, 20, 40, 50}) {
    const double unit = std::ldexp(1.0, exponent);
    EXPECT_EQ(sum_of({unit, unit * 0x1p-53}), unit);
    EXPECT_EQ(sum_of({unit, unit * 0x1p-53, 0x1p-104}), unit * (1 + 0x1p-52)) << exponent;
    EXPECT_EQ(sum_of({-unit, -unit * 0x1p-53, -0x1p-104}), -unit * (1 + 0x1p-52)) << exponent;
    EXPECT_EQ(sum_of({-unit, -unit * 0x1p-53, 0x1p-104}), -unit) << exponent;
  }
}

TEST(ExactSum, RangeAddsEntryByEntry) {
  for (int count : {0, 1, 7, 8, 63, 597}) {
    const auto values = wild_values(count, 6);
    ExactSum range(count + 5), single(count + 5);
    for (int repeat = 0; repeat < 3; ++repeat) {
      range.add(2, values.data(), count);
      for (int i = 0; i < count; ++i) single.add(2 + i, values[static_cast<std::size_t>(i)]);
    }
    EXPECT_EQ(range.exchange(), single.exchange());
  }
}

TEST(ExactSum, ManyAdditionsDoNotWrap) {
  // More than 2^23 additions force carries on the way.
  ExactSum sum(1);
  const double value = -(0x1p30 - 0x1p-20);
  const int count = (1 << 23) + (1 << 20);
  for (int i = 0; i < count; ++i) sum.add(0, value);
  EXPECT_EQ(sum.value(0), value * count);
}

TEST(ExactSum, WhatTheGridCannotHoldRaisesTheFlag) {
  for (double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, 0x1p55, -0x1p60, std::numeric_limits<double>::max()}) {
    ExactSum sum(2);
    sum.add(0, 1.0);
    EXPECT_FALSE(sum.overflowed());
    sum.add(1, bad);
    EXPECT_TRUE(sum.overflowed());
    EXPECT_TRUE(std::isnan(sum.value(0)));
    sum.exchange();
    sum.finish_exchange();
    EXPECT_TRUE(sum.overflowed());
    sum.clear();
    sum.add(0, 2.0);
    EXPECT_EQ(sum.value(0), 2.0);
  }
}

TEST(ExactSum, SumsThatLeaveTheRangeRaiseTheFlag) {
  ExactSum sum(1);
  const double largest = std::nextafter(0x1p55, 0);
  for (int i = 0; i < (1 << 21) + 8; ++i) sum.add(0, largest);
  sum.normalize();
  EXPECT_TRUE(sum.overflowed());
}

// One term's loss is not a number, over ranks or not: the other's still is one, and what stands before them is none.
TEST(ExactSum, EntriesApartTellOfTheirOwnOverflow) {
  constexpr std::int64_t entries = 5, apart = 2;
  ExactSum sum(entries, apart), other(entries, apart);
  const double values[] = {1, 2, 3, std::nan(""), 5};
  sum.add(0, values, entries);
  other.add(4, 0.5);
  for (int ranks = 1; ranks <= 2; ++ranks) {
    EXPECT_TRUE(sum.overflowed());
    for (std::int64_t entry : {0, 1, 3}) EXPECT_TRUE(std::isnan(sum.value(entry))) << entry;
    EXPECT_EQ(sum.value(2), 3);
    EXPECT_EQ(sum.value(4), ranks == 1 ? 5 : 5.5);
    std::vector<std::int64_t>& mine = sum.exchange();
    const std::vector<std::int64_t>& theirs = other.exchange();
    for (std::size_t i = 0; i < mine.size(); ++i) mine[i] += theirs[i];
    sum.finish_exchange();
  }
  sum.clear();
  sum.add(3, 7);
  EXPECT_EQ(sum.value(3), 7);
  for (int i = 0; i < (1 << 21) + 8; ++i) sum.add(4, std::nextafter(0x1p55, 0));
  sum.normalize();
  EXPECT_TRUE(std::isnan(sum.value(4)));
  EXPECT_EQ(sum.value(3), 7);
}

}  // namespace
}  // namespace jetpinn
