#include "jetpinn/gate/selection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <random>
#include <vector>

namespace jetpinn {
namespace {

std::vector<double> awkward_significances(std::size_t count) {
  std::mt19937_64 words(7);
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) {
    const double u = static_cast<double>(words() >> 11) * 0x1p-53;
    values.push_back(i % 17 == 3 ? 0 : std::pow(-std::log(1 - u), 3));  // a few are large
  }
  return values;
}

// Runs of starts in [0, 2^32) with equal choices: each begins where a running sum and the start make a multiple of 2^32.
std::map<std::int64_t, std::int64_t> runs_of_starts(const std::vector<std::int64_t>& probabilities) {
  std::vector<std::int64_t> begins{0};
  std::int64_t sum = 0;
  for (const std::int64_t p : probabilities) begins.push_back((certain - ((sum += p) & (certain - 1))) & (certain - 1));
  std::sort(begins.begin(), begins.end());
  std::map<std::int64_t, std::int64_t> lengths;
  for (std::size_t b = 0; b < begins.size(); ++b) {
    const std::int64_t length = (b + 1 < begins.size() ? begins[b + 1] : certain) - begins[b];
    if (length > 0) lengths[begins[b]] = length;
  }
  return lengths;
}

TEST(Selection, ProbabilitiesFollowTheFormulaWithinTheirBounds) {
  const double infinite = std::numeric_limits<double>::infinity();
  const auto p = inclusion_probabilities({0, 1, 4, 1e9, infinite}, 8, 0.012, 0.2);
  const double expected[] = {0.012, 0.112, 0.412, 1, 1};
  for (std::size_t i = 0; i < p.size(); ++i)
    EXPECT_NEAR(static_cast<double>(p[i]) / static_cast<double>(certain), expected[i], 0x1p-32);
  EXPECT_EQ(p[3], certain);
  EXPECT_EQ(p[4], certain);
  // Without an even share a sample of no significance keeps the least one: weights stay finite.
  EXPECT_EQ(inclusion_probabilities({0}, 8, 0, 0)[0], 1);
  // Drawn evenly, significance does not matter, even where it is none.
  for (const std::int64_t one : inclusion_probabilities({0, 1, infinite}, 1, 0.25, 1)) EXPECT_EQ(one, certain / 4);
}

// Over all 2^32 starts, by runs of equal choices: each sample is taken in exactly its share of them.
TEST(Selection, EverySampleIsTakenWithItsProbability) {
  const auto p = inclusion_probabilities(awkward_significances(97), 6, 0.012, 0.2);
  std::vector<std::int64_t> times(p.size());
  for (const auto& [start, length] : runs_of_starts(p))
    for (const std::int64_t i : take_samples(p, 0, start)) times[static_cast<std::size_t>(i)] += length;
  EXPECT_EQ(times, p);
}

TEST(Selection, WeightedSumsAreUnbiasedAndPlainOnesAreNot) {
  const std::vector<double> significances = awkward_significances(63);
  const auto p = inclusion_probabilities(significances, 5, 0.02, 0.2);
  double truth = 0, weighted = 0, plain = 0;
  for (const double s : significances) truth += s * s;
  for (const auto& [start, length] : runs_of_starts(p)) {
    const auto taken = take_samples(p, 0, start);
    double own = 0, alike = 0;
    for (const std::int64_t i : taken) {
      const double f = std::pow(significances[static_cast<std::size_t>(i)], 2);
      own += importance_weight(p[static_cast<std::size_t>(i)]) * f;
      alike += f / static_cast<double>(taken.size());
    }
    const double share = static_cast<double>(length) / static_cast<double>(certain);
    weighted += share * own;
    plain += share * alike;
  }
  EXPECT_NEAR(weighted, truth, 1e-12 * truth);  // 63 addends, each rounded a few times
  EXPECT_GT(plain, 2 * truth / 63);             // what is significant counts more
}

TEST(Selection, TheNumberTakenIsTheSumOfTheProbabilitiesToWithinOne) {
  const auto p = inclusion_probabilities(awkward_significances(1000), 20, 0.012, 0.2);
  const std::int64_t sum = sum_of(p);
  for (const std::int64_t start : {std::int64_t{0}, certain / 3, certain - 1}) {
    const auto taken = take_samples(p, 0, start);
    EXPECT_EQ(static_cast<std::int64_t>(taken.size()), taken_of(0, sum, start));
    EXPECT_LE(std::abs(static_cast<double>(taken.size()) - static_cast<double>(sum) / static_cast<double>(certain)), 1);
    EXPECT_TRUE(std::is_sorted(taken.begin(), taken.end()));
  }
  const std::vector<std::int64_t> all(5, certain);
  EXPECT_EQ(take_samples(all, 0, certain - 1).size(), 5u);
}

TEST(Selection, DoesNotDependOnHowSamplesAreShared) {
  const auto p = inclusion_probabilities(awkward_significances(597), 9, 0.012, 0.2);
  const std::int64_t start = 1234567890;
  const auto whole = take_samples(p, 0, start);
  for (int ranks = 2; ranks <= 4; ++ranks) {
    std::vector<std::int64_t> joined;
    std::int64_t before = 0;
    for (int rank = 0; rank < ranks; ++rank) {
      const std::size_t begin = p.size() * static_cast<std::size_t>(rank) / static_cast<std::size_t>(ranks),
                        end = p.size() * static_cast<std::size_t>(rank + 1) / static_cast<std::size_t>(ranks);
      const std::vector<std::int64_t> own(p.begin() + static_cast<std::ptrdiff_t>(begin),
                                          p.begin() + static_cast<std::ptrdiff_t>(end));
      for (const std::int64_t i : take_samples(own, before, start)) joined.push_back(static_cast<std::int64_t>(begin) + i);
      before += sum_of(own);
    }
    EXPECT_EQ(joined, whole) << ranks;
  }
}

}  // namespace
}  // namespace jetpinn
