#include "jetpinn/report/loss_curves.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace jetpinn {
namespace {

TEST(LossCurves, ThinningKeepsEndsAndPeaks) {
  Curve curve;
  for (int i = 0; i < 10000; ++i) curve.points.emplace_back(i, i == 4321 ? 100 : i == 777 ? -100 : 1);
  const auto points = thinned(curve, 200);
  EXPECT_LE(points.size(), 200u);
  EXPECT_EQ(points.front().x, 0);
  EXPECT_EQ(points.back().x, 9999);
  EXPECT_TRUE(std::any_of(points.begin(), points.end(), [](const ChartPoint& p) { return p.x == 4321 && p.y == 100; }));
  EXPECT_TRUE(std::any_of(points.begin(), points.end(), [](const ChartPoint& p) { return p.x == 777 && p.y == -100; }));
  EXPECT_TRUE(
      std::is_sorted(points.begin(), points.end(), [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; }));
}

TEST(LossCurves, ShortCurvesStayAsTheyAre) { EXPECT_EQ(thinned({"", {{1, 2}, {3, 4}}}).size(), 2u); }

// A run keeps its colour where another has nothing to show.
TEST(LossCurves, EachRunHasOneColour) {
  RunData first, second;
  first.label = "first", second.label = "second";
  second.loss_curve.points = {{0, 1}, {1, 0.5}};
  const Gallery gallery = compared_curves({first, second});
  EXPECT_NE(gallery.pictures[0].inlined.find("class=\"s-1\""), std::string::npos);
  EXPECT_EQ(gallery.pictures[0].inlined.find("class=\"s-0\""), std::string::npos);
}

TEST(LossCurves, ImagesShowAccuracyGateAndEnergy) {
  RunData run;
  run.images = true;
  run.loss_curve.points = run.validation_curve.points = run.joules.points = {{1, 2}, {2, 1}};
  run.accuracies = {{"images trained on", {{1, 0.2}, {2, 0.4}}}, {"images set aside", {{1, 0.1}, {2, 0.3}}}};
  run.gate = {{"activation", {{1, 1}, {2, 0.1}}}, {"saved", {{1, 0}, {2, 0.5}}}};
  run.joules.name = "modelled";
  std::string names;
  for (const ReportPicture& picture : loss_curves(run).pictures)
    if (!picture.file.empty()) names += picture.name + " ";
  EXPECT_EQ(names, "loss accuracy gate energy ");
}

}  // namespace
}  // namespace jetpinn
