#include "jetpinn/chart/colour_map.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

void expect_colour(const Colour& colour, int hex) {
  EXPECT_NEAR(255 * colour.red, hex >> 16 & 255, 0.6);
  EXPECT_NEAR(255 * colour.green, hex >> 8 & 255, 0.6);
  EXPECT_NEAR(255 * colour.blue, hex & 255, 0.6);
}

TEST(ColourMap, AnchorsOfViridis) {
  expect_colour(map_colour(ColourMap::sequential, 0), 0x440154);
  expect_colour(map_colour(ColourMap::sequential, 0.5), 0x21918c);
  expect_colour(map_colour(ColourMap::sequential, 1), 0xfde725);
  expect_colour(map_colour(ColourMap::sequential, 7), 0xfde725);
}

// Every step is lighter than the one before, by about the same.
TEST(ColourMap, LightnessGrowsEvenly) {
  constexpr int steps = 32;
  const double whole = lightness(map_colour(ColourMap::sequential, 1)) - lightness(map_colour(ColourMap::sequential, 0));
  for (int i = 0; i < steps; ++i) {
    const double step = lightness(map_colour(ColourMap::sequential, (i + 1.0) / steps)) -
                        lightness(map_colour(ColourMap::sequential, 1.0 * i / steps));
    EXPECT_NEAR(step, whole / steps, 0.25 * whole / steps) << i;   // viridis itself is even in CAM02, not in OKLab
  }
}

TEST(ColourMap, DivergingIsEquallyDarkOnBothSides) {
  expect_colour(map_colour(ColourMap::diverging, 0.5), 0xf5f5f5);
  for (const double distance : {0.1, 0.25, 0.4, 0.5}) {
    const Colour below = map_colour(ColourMap::diverging, 0.5 - distance),
                 above = map_colour(ColourMap::diverging, 0.5 + distance);
    EXPECT_NEAR(lightness(below), lightness(above), 5e-3);   // what sRGB cannot show is cut
    EXPECT_NEAR(lightness(below), 0.97 - 1.1 * distance, 5e-3);
    EXPECT_GT(below.blue, below.red);
    EXPECT_GT(above.red, above.blue);
  }
}

}  // namespace
}  // namespace jetpinn
