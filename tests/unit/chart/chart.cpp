#include "jetpinn/chart/chart.hpp"

#include "jetpinn/chart/cairo_canvas.hpp"
#include "support/not_run.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

using Style = ChartSeries::Style;

Chart with_hole() {
  Chart chart;
  chart.title = "title";
  chart.series = {{"measured", Style::measured, 0, {{1, 2, 1, 3, false}, {2, 0, 0, 0, true}, {4, 3, 0, 0, false}}}};
  return chart;
}

TEST(Chart, WithoutPointsIsEmpty) {
  Chart chart;
  chart.title = "title";
  EXPECT_EQ(chart_svg(chart), "");
  EXPECT_EQ(chart_png(chart), "");
}

TEST(Chart, AHoleIsACrossAndBreaksTheLine) {
  const std::string svg = chart_svg(with_hole());
  EXPECT_NE(svg.find("not measured"), std::string::npos);
  Chart whole = with_hole();
  whole.series[0].points[1] = {2, 2.5, 0, 0, false};
  EXPECT_EQ(chart_svg(whole).find("not measured"), std::string::npos);
}

TEST(Chart, IsAPngToo) {
  if (!png_available()) JETPINN_NOT_RUN("built without Cairo");
  EXPECT_EQ(chart_png(with_hole()).substr(1, 3), "PNG");
}

// A straight line stays one: its places in the picture are known.
TEST(Chart, ALineLiesWhereItsPointsAre) {
  Chart chart;
  chart.layout = ChartLayout::compact;
  chart.from_zero = false;
  chart.room_x = false;
  chart.series = {{"", Style::line, 2, {{0, 0}, {1, 1}, {2, 2}}}};
  const std::string svg = chart_svg(chart, SvgUse::page);
  // x from 76 to 426; y from 252 to 32 with a room of 0.06 of 2 on both sides: 220 * 0.06 / 1.12 = 11.8.
  EXPECT_NE(svg.find("<path class=\"s-2\" stroke-width=\"1.8\" d=\"M76 240.2L251 142L426 43.8\"/>"), std::string::npos)
      << svg;
}

TEST(Chart, WhatIsNotFiniteOrNotPositiveBreaksALogarithmicLine) {
  Chart chart;
  chart.logarithmic_y = true;
  chart.series = {{"", Style::line, 0, {{0, 1}, {1, 0.1}, {2, 0}, {3, NAN}, {4, 1}, {5, 0.1}}}};
  const std::string svg = chart_svg(chart);
  std::size_t lines = 0;
  for (std::size_t at = svg.find("class=\"s-0\""); at != std::string::npos; at = svg.find("class=\"s-0\"", at + 1)) ++lines;
  EXPECT_EQ(lines, 2u);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
}

TEST(Chart, NamesCannotLeaveTheirPlace) {
  Chart chart = with_hole();
  chart.title = chart.x_label = chart.series[0].name = "</svg><script>";
  EXPECT_EQ(chart_svg(chart).find("<script"), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
