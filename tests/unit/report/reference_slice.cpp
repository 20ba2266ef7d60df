#include "jetpinn/report/reference_slice.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

Slice unit_square() {
  Slice slice;
  slice.axes = {0, 1};
  slice.low = {0, 0};
  slice.high = {1, 1};
  slice.fixed = {0, 0};
  return slice;
}

// Uneven distances are kept: each pixel shows the nearest point.
TEST(ReferenceSlice, PointsOfAGridAreCells) {
  std::vector<double> a, b, values;
  for (const double y : {0.0, 1.0})
    for (const double x : {0.0, 0.1, 1.0}) a.push_back(x), b.push_back(y), values.push_back(10 * y + x);
  const Raster raster = raster_of(a, b, values, unit_square());
  EXPECT_EQ(raster.columns, 3);
  EXPECT_EQ(raster.rows, 2);
  EXPECT_EQ(raster.values, (std::vector<double>{0.1, 0.1, 1, 10.1, 10.1, 11}));   // middles of the pixels: 1/6, 1/2, 5/6
}

TEST(ReferenceSlice, ScatteredPointsAreDots) {
  const Raster raster = raster_of({0.2, 0.7, 0.9}, {0.1, 0.5, 0.3}, {1, 2, 3}, unit_square());
  const auto at = [&](double x, double y) {
    return raster.values[static_cast<std::size_t>(std::llround(y * static_cast<double>(raster.rows - 1)) * raster.columns +
                                                  std::llround(x * static_cast<double>(raster.columns - 1)))];
  };
  EXPECT_EQ(at(0.7, 0.5), 2);
  EXPECT_TRUE(std::isnan(at(0.2, 0.5)));
}

}  // namespace
}  // namespace jetpinn
