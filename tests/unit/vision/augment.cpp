#include "jetpinn/vision/augment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

namespace jetpinn {
namespace {

constexpr ImageShape small{1, 3, 4};

ImageSet numbered(std::int64_t count = 1) {
  ImageSet set{small, 1, {}, std::vector<std::int32_t>(static_cast<std::size_t>(count))};
  for (std::int64_t i = 0; i < count * small.values(); ++i) set.pixels.push_back(static_cast<std::uint8_t>(i + 1));
  return set;
}

// With scales that leave pixels as they are.
std::vector<float> changed(const ImageChange& change, std::int64_t cutout = 0) {
  std::vector<float> out(static_cast<std::size_t>(small.values()), -1);
  normalise(numbered(), 0, change, cutout, {{0}, {1}}, out.data());
  return out;
}

TEST(Augment, ChangesAnImageAsItSays) {
  EXPECT_EQ(changed({}), (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  EXPECT_EQ(changed({true}), (std::vector<float>{4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9}));
  EXPECT_EQ(changed({false, 1, 2}), (std::vector<float>{0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 5, 6}));
  EXPECT_EQ(changed({true, 0, -1}), (std::vector<float>{3, 2, 1, 0, 7, 6, 5, 0, 11, 10, 9, 0}));
  EXPECT_EQ(changed({false, 0, 0, 0, 1}, 3), (std::vector<float>{0, 0, 0, 4, 0, 0, 0, 8, 9, 10, 11, 12}));
}

using Change = std::tuple<bool, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

Change change(const AugmentOptions& options, std::uint64_t seed, std::int64_t epoch, std::int64_t index) {
  const ImageChange c = change_of(options, small, seed, epoch, index);
  return {c.mirrored, c.down, c.right, c.cut_row, c.cut_column};
}

TEST(Augment, IsAFunctionOfSeedEpochAndIndex) {
  const AugmentOptions options{true, 2, 1};
  const Change first = change(options, 1, 2, 3);
  change(options, 7, 7, 7);
  EXPECT_EQ(change(options, 1, 2, 3), first);
  // 600 possible changes: of 40 by one number alone, few are alike.
  const auto different = [&](auto&& at) {
    std::set<Change> seen;
    for (int k = 0; k < 40; ++k) seen.insert(at(k));
    return seen.size();
  };
  EXPECT_GT(different([&](int k) { return change(options, static_cast<std::uint64_t>(k), 2, 3); }), 30u);
  EXPECT_GT(different([&](int k) { return change(options, 1, k, 3); }), 30u);
  EXPECT_GT(different([&](int k) { return change(options, 1, 2, k); }), 30u);
}

TEST(Augment, DrawsAllShiftsAndNoOthers) {
  std::set<std::int64_t> down, right;
  for (std::int64_t index = 0; index < 300; ++index) {
    const ImageChange c = change_of({false, 2, 0}, small, 0, 0, index);
    EXPECT_FALSE(c.mirrored);
    EXPECT_LT(c.cut_row, 0);
    down.insert(c.down), right.insert(c.right);
  }
  EXPECT_EQ(down, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  EXPECT_EQ(right, down);
}

TEST(Augment, ScalesBringAChannelToMeanZeroAndDeviationOne) {
  const ImageSet set = numbered(5);
  const ChannelScales scales = scales_of(set);
  double sum = 0, squares = 0;
  std::vector<float> out(static_cast<std::size_t>(small.values()));
  for (std::int64_t i = 0; i < set.count(); ++i) {
    normalise(set, i, {}, 0, scales, out.data());
    for (const double value : out) sum += value, squares += value * value;
  }
  const double n = static_cast<double>(set.count() * small.values());
  EXPECT_NEAR(sum / n, 0, 1e-6);  // each of 60 values is rounded to fp32
  EXPECT_NEAR(squares / n, 1, 1e-6);
  EXPECT_EQ(scales_of({{1, 1, 2}, 1, {9, 9}, {0}}).deviation[0], 1) << "a channel without contrast";
}

}  // namespace
}  // namespace jetpinn
