#include "jetpinn/sampling/adaptive_choice.hpp"

#include "jetpinn/base/blocks.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

namespace jetpinn {
namespace {

using test::world;

constexpr std::int64_t count = 1000;

// What a rank holds of numbers that all know.
struct Share {
  explicit Share(const std::vector<double>& all)
      : range(share_rows(static_cast<std::int64_t>(all.size()), world().rank(), world().size())),
        own(all.begin() + range.begin, all.begin() + range.end) {}

  RowRange range;
  std::vector<double> own;
};

std::vector<double> numbers() {
  std::vector<double> all;
  for (std::int64_t i = 0; i < count; ++i)
    all.push_back(std::exp(10 * std::sin(static_cast<double>(i))) * (i % 7 == 0 ? 1 : 1e-3));
  return all;
}

// Numbers over all ranks of what each of them chose of its share.
std::vector<double> joined(const Share& share, const std::vector<std::int64_t>& positions) {
  std::vector<double> own;
  for (const std::int64_t position : positions) own.push_back(static_cast<double>(share.range.begin + position));
  std::vector<double> all = world().gather_rows("test", own);
  double size = static_cast<double>(all.size());
  world().max("test", &size, 1);
  all.resize(static_cast<std::size_t>(size));
  world().broadcast("test", all.data(), static_cast<std::int64_t>(all.size() * sizeof(double)));
  return all;
}

// The same by sorting; of equal numbers the first.
std::vector<double> largest_alone(const std::vector<double>& all, std::int64_t wanted) {
  std::vector<double> order(all.size());
  std::iota(order.begin(), order.end(), 0.0);
  const auto at = [&](double i) { return all[static_cast<std::size_t>(i)]; };
  std::stable_sort(order.begin(), order.end(), [&](double a, double b) { return at(a) > at(b); });
  order.resize(static_cast<std::size_t>(wanted));
  std::sort(order.begin(), order.end());
  return order;
}

TEST(AdaptiveChoice, TheLargestAreThoseOfOneRank) {
  std::vector<double> ties(count, 2.5), mixed = numbers();
  for (std::size_t i = 0; i < mixed.size(); i += 3) mixed[i] = i % 2 == 0 ? -mixed[i] : -0.0;
  mixed[17] = mixed[401] = -std::numeric_limits<double>::infinity();
  for (const std::vector<double>& all : {numbers(), ties, mixed})
    for (const std::int64_t wanted : {std::int64_t{0}, std::int64_t{1}, std::int64_t{333}, count - 1, count}) {
      const Share share(all);
      EXPECT_EQ(joined(share, largest_of_ranks(world(), share.own, wanted)), largest_alone(all, wanted)) << wanted;
    }
  const Share share(numbers());
  EXPECT_THROW(largest_of_ranks(world(), share.own, count + 1), std::exception);
}

TEST(AdaptiveChoice, TheNthIsThatOfOneRank) {
  std::vector<double> all = numbers(), sorted;
  for (std::size_t i = 0; i < all.size(); i += 3) all[i] = -all[i];
  sorted = all;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  const Share share(all);
  for (const std::int64_t n : {std::int64_t{1}, std::int64_t{2}, std::int64_t{500}, count})
    EXPECT_EQ(nth_of_ranks(world(), share.own, n), sorted[static_cast<std::size_t>(n - 1)]);
}

// Sums of f max(1, t / q) over a sample are those of f over all, in the mean.
TEST(AdaptiveChoice, APrioritySampleIsUnbiased) {
  constexpr int rounds = 2000, chosen = 20;
  std::vector<double> drawn_by, f;
  double sum = 0;
  for (int i = 0; i < 100; ++i) {
    drawn_by.push_back(i % 10 == 0 ? 8 : 0.5);
    f.push_back(1 + 0.01 * i);
    sum += f.back();
  }
  double mean = 0, square = 0;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    const std::vector<double> keys = priority_keys(drawn_by, {7, 3, round}, 0);
    std::vector<double> sorted = keys;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    double estimate = 0;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (keys[i] > sorted[chosen]) estimate += f[i] * std::max(1.0, sorted[chosen] / drawn_by[i]);
    mean += estimate / rounds;
    square += estimate * estimate / rounds;
  }
  EXPECT_NEAR(mean, sum, 5 * std::sqrt((square - mean * mean) / rounds));
}

TEST(AdaptiveChoice, ARankMayHoldNothing) {
  const std::vector<double> own =
      world().rank() == world().size() - 1 ? std::vector<double>{3, 1, 2} : std::vector<double>{};
  const std::vector<std::int64_t> chosen = largest_of_ranks(world(), own, 2);
  EXPECT_EQ(chosen, own.empty() ? std::vector<std::int64_t>{} : (std::vector<std::int64_t>{0, 2}));
  const ScoreMoments moments = score_moments(world(), own);
  EXPECT_EQ(moments.count, 3);
  EXPECT_EQ(moments.largest, 3);
  EXPECT_NEAR(moments.mean, 2, 1e-15);
}

// The bits of one rank, which a test of one rank writes down: sums do not depend on how numbers are shared.
TEST(AdaptiveChoice, MomentsAreExact) {
  const std::vector<double> all = numbers();
  const ScoreMoments moments = score_moments(world(), Share(all).own);
  long double sum = 0, squares = 0, powers = 0;
  const double largest = *std::max_element(all.begin(), all.end());
  for (const double number : all) {
    sum += number;
    squares += static_cast<long double>(number) * number;
    powers += std::pow(static_cast<long double>(number) / largest, 1.5L);
  }
  EXPECT_EQ(moments.count, count);
  EXPECT_EQ(moments.largest, largest);
  EXPECT_NEAR(moments.mean, static_cast<double>(sum / count), 1e-15 * moments.mean);
  EXPECT_NEAR(moments.rms, static_cast<double>(std::sqrt(squares / count)), 1e-15 * moments.rms);
  const double mean = mean_power(world(), Share(all).own, moments, 1.5);
  EXPECT_NEAR(mean, static_cast<double>(powers / count), 1e-15 * mean);
  // Other shares, the same bits: all numbers on the last rank.
  const std::vector<double> own = world().rank() == world().size() - 1 ? all : std::vector<double>{};
  EXPECT_EQ(score_moments(world(), own).mean, moments.mean);
  EXPECT_EQ(score_moments(world(), own).rms, moments.rms);
  EXPECT_EQ(mean_power(world(), own, moments, 1.5), mean);
}

// A pole in one point of one rank: the moments are those of the others, and it is drawn last.
TEST(AdaptiveChoice, WhatIsNoNumberIsCountedAndNeverDrawn) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    std::vector<double> own{1, 3};
    if (world().root()) own[0] = bad;
    const ScoreMoments moments = score_moments(world(), own);
    EXPECT_EQ(moments.count, 2 * world().size());
    EXPECT_EQ(moments.finite, 2 * world().size() - 1);
    EXPECT_EQ(moments.largest, 3);
    EXPECT_NEAR(moments.mean, (4.0 * world().size() - 1) / static_cast<double>(moments.finite), 1e-15);
    const double mean = mean_power(world(), own, moments, 2);
    EXPECT_TRUE(std::isfinite(mean) && mean > 0);
    const std::vector<double> drawn_by = densities(own, moments, mean, 2, 0);
    EXPECT_EQ(drawn_by[0] == 0, world().root());
    for (const std::vector<double>& keys : {sampling_keys(drawn_by, {1, 1, 1}, 0), priority_keys(drawn_by, {1, 1, 1}, 0)}) {
      const std::vector<std::int64_t> all_others = largest_of_ranks(world(), keys, moments.finite);
      EXPECT_EQ(all_others, world().root() ? std::vector<std::int64_t>{1} : (std::vector<std::int64_t>{0, 1}));
    }
  }
  const ScoreMoments none = score_moments(world(), {std::nan("")});
  EXPECT_EQ(none.finite, 0);
  const ScoreMoments zeros = score_moments(world(), {0, 0});
  EXPECT_EQ(zeros.largest, 0);
  EXPECT_EQ(zeros.mean, 0);
  const ScoreMoments huge = score_moments(world(), {1e300, 1e300});
  EXPECT_NEAR(huge.rms, 1e300, 1e285);
}

// By all ranks' scores, on every rank.
std::vector<double> densities_of(const std::vector<double>& scores, double power, double offset) {
  const std::vector<double> own = Share(scores).own;
  const ScoreMoments moments = score_moments(world(), own);
  return densities(scores, moments, mean_power(world(), own, moments, power), power, offset);
}

// A tenth of the points has nine times the density of the others: p = 9/18 for all of them together. Of one point drawn,
// that is its share; of samples without replacement the share of a fixed number by Horvitz and Thompson's own formula is
// below it.
TEST(AdaptiveChoice, PointsAreDrawnByTheirDensity) {
  constexpr int rounds = 2000;
  std::vector<double> scores(100, 1.0);
  for (std::size_t i = 0; i < 10; ++i) scores[i] = 3;
  const std::vector<double> drawn_by = densities_of(scores, 2, 0);
  double hits = 0;
  for (std::uint32_t round = 0; round < rounds; ++round)
    hits += largest_alone(sampling_keys(drawn_by, {7, 1, round}, 0), 1)[0] < 10;
  EXPECT_NEAR(hits / rounds, 0.5, 5 * std::sqrt(0.25 / rounds));
}

// The offset draws alike: with offset c the density is p / mean(p) + c.
TEST(AdaptiveChoice, TheOffsetDrawsAlike) {
  constexpr int rounds = 2000;
  std::vector<double> scores(100, 0.0);
  for (std::size_t i = 0; i < 10; ++i) scores[i] = 5;
  const std::vector<double> drawn_by = densities_of(scores, 1, 1);  // of the ten 10 + 1, of the others 1
  double hits = 0;
  for (std::uint32_t round = 0; round < rounds; ++round)
    hits += largest_alone(sampling_keys(drawn_by, {7, 2, round}, 0), 1)[0] < 10;
  EXPECT_NEAR(hits / rounds, 110.0 / 200, 5 * std::sqrt(0.25 / rounds));
}

TEST(AdaptiveChoice, KeysDoNotDependOnTheShares) {
  const std::vector<double> all = numbers();
  const PointKey key{3, 5, 8};
  const std::vector<double> alone = sampling_keys(all, key, 0);
  const Share share(all);
  const std::vector<double> own = sampling_keys(share.own, key, share.range.begin);
  for (std::size_t i = 0; i < own.size(); ++i) EXPECT_EQ(own[i], alone[static_cast<std::size_t>(share.range.begin) + i]);
}

}  // namespace
}  // namespace jetpinn
