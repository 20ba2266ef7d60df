#include "jetpinn/geometry/border.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

TEST(Border, TakesInWhatRoundingTookOut) {
  const std::vector<double> lower = {0, -3}, upper = {1, 3}, room = {1e-12, 1e-6};
  const auto brought = [&](double x, double y) {
    double place[] = {x, y};
    EXPECT_TRUE(bring_inside(lower, upper, room, place)) << x << ", " << y;
    return std::vector<double>(place, place + 2);
  };
  EXPECT_EQ(brought(0.25, 2), (std::vector<double>{0.25, 2}));
  EXPECT_EQ(brought(1 + 1e-13, -3 - 1e-7), (std::vector<double>{1, -3}));
  EXPECT_EQ(brought(-1e-13, 3 + 1e-7), (std::vector<double>{0, 3}));
  for (const auto& [x, y] : {std::pair(1 + 1e-11, 0.0), {0.5, 3 + 1e-5}, {std::numeric_limits<double>::quiet_NaN(), 0}}) {
    double place[] = {x, y};
    EXPECT_FALSE(bring_inside(lower, upper, room, place)) << x << ", " << y;
  }
}

// The number that is next to the border in the stored type is inside, one that a person could mean is not.
TEST(Border, RoomIsThatOfTheStoredType) {
  const float single = std::nextafterf(0.1F, 1);
  EXPECT_GT(rounding_room(0, 0.1, true), static_cast<double>(single) - 0.1);
  EXPECT_LT(rounding_room(0, 0.1, true), 1e-6);
  EXPECT_GT(rounding_room(1e6, 1e6 + 1, false), 1e-10);
  EXPECT_LT(rounding_room(0, 1, false), 1e-11);
}

}  // namespace
}  // namespace jetpinn
