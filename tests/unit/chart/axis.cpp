#include "jetpinn/chart/axis.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(Axis, TicksAreRound) {
  EXPECT_EQ(axis_ticks(0, 1.06, 6, false), (std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}));
  EXPECT_EQ(axis_ticks(900, 110000, 6, true), (std::vector<double>{1000, 10000, 100000}));
}

TEST(Axis, ManyDecadesHaveFewLabels) {
  const std::vector<double> ticks = axis_ticks(1e-30, 1, 6, true);
  EXPECT_LE(ticks.size(), 10u);
  EXPECT_GE(ticks.size(), 5u);
}

TEST(Axis, LabelsAreShort) {
  EXPECT_EQ(tick_label(-0.0), "0");
  EXPECT_EQ(tick_label(1500000), "1.5M");
  EXPECT_EQ(tick_label(20000), "20k");
  EXPECT_EQ(tick_label(2e11), "2e+11");
}

TEST(Axis, LabelsTellTicksApart) {
  EXPECT_EQ(tick_labels({1.00001, 1.00002}), (std::vector<std::string>{"1.00001", "1.00002"}));
  EXPECT_EQ(tick_labels({0, 1000, 20000}), (std::vector<std::string>{"0", "1000", "20k"}));
}

TEST(Axis, LeadsFromDataToThePicture) {
  const Axis linear{1, 3, 100, 0, false}, logarithmic{1, 100, 0, 10, true};
  EXPECT_DOUBLE_EQ(linear(2), 50);
  EXPECT_DOUBLE_EQ(logarithmic(10), 5);
}

}  // namespace
}  // namespace jetpinn
