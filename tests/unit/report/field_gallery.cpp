#include "jetpinn/report/field_gallery.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

TEST(FieldGallery, RangesLeaveOutWhatIsNotFinite) {
  ValueRange range;
  range.add({NAN, -1, 3, INFINITY});
  EXPECT_EQ(range.low, -1);
  EXPECT_EQ(range.high, 3);
  range.symmetric();
  EXPECT_EQ(range.low, -3);
  ValueRange constant;
  constant.add({2, 2});
  constant.widen();
  EXPECT_LT(constant.low, 2);
  EXPECT_GT(constant.high, 2);
}

TEST(FieldGallery, QuantilesOfMagnitudes) {
  EXPECT_EQ(magnitude_quantile({{-4, 1, NAN}, {2, 3}}, 1), 4);
  EXPECT_EQ(magnitude_quantile({{-4, 1}, {2, 3}}, 0.5), 2);
  EXPECT_EQ(magnitude_quantile({}, 0.5), 0);
}

TEST(FieldGallery, TheLargestValueHasAPlace) {
  Problem problem;
  problem.symbols.coordinates = {"t", "x"};
  Slice slice;
  slice.axes = {0, 1};
  slice.low = {0, -1}, slice.high = {1, 1}, slice.fixed = {0, 0};
  EXPECT_EQ(largest_text(problem, slice, 3, 2, {0, 0, 0, 0, -5, NAN}), "Largest magnitude 5 at t = 0.5, x = 1.");
}

}  // namespace
}  // namespace jetpinn
