#include "jetpinn/chart/heat_map.hpp"

#include "jetpinn/chart/indexed_png.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

TEST(HeatMap, LevelsOfValues) {
  EXPECT_EQ(level_of(-1, -1, 1), 0);
  EXPECT_EQ(level_of(0, -1, 1), 127);
  EXPECT_EQ(level_of(5, -1, 1), 254);
  EXPECT_EQ(level_of(NAN, -1, 1), transparent_level);
  EXPECT_EQ(level_of(3, 3, 3), 127);   // a constant field is in the middle
}

// The first row of the values lies at the bottom, as y does.
TEST(HeatMap, TheFirstRowIsAtTheBottom) {
  HeatMap picture;
  picture.columns = 2, picture.rows = 2;
  picture.values = {0, 0.25, 0.5, 1};
  const std::string svg = heat_map_svg(picture, SvgUse::page);
  EXPECT_NE(svg.find(base64(indexed_png(ColourMap::sequential, 2, 2, {127, 254, 0, 64}))), std::string::npos);
}

TEST(HeatMap, EqualAxesKeepTheirProportion) {
  HeatMap picture;
  picture.columns = picture.rows = 1;
  picture.values = {0};
  picture.equal_axes = true;
  picture.x_high = 2;
  EXPECT_NE(heat_map_svg(picture, SvgUse::page).find("width=\"278\" height=\"139\""), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
