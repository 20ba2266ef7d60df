// Charts: lines with error bars, curves, clouds of dots, and stacked bars; drawn once, as SVG for
// a page and as PNG for a paper.
#pragma once

#include "jetpinn/chart/svg_canvas.hpp"

#include <string>
#include <vector>

namespace jetpinn {

struct ChartPoint {
  double x = 0, y = 0;
  double low = 0, high = 0;   // error bar; low == high: none
  bool hole = false;          // not measured: the line is broken, and a cross of its colour stands on the axis at x
};

struct ChartSeries {
  // Dots joined by a line, with error bars; a dashed line; a grey line; a line; dots alone, large or small.
  enum class Style : char { measured, curve, ideal, line, dots, cloud };
  std::string name;
  Style style = Style::measured;
  int colour = 0;             // of a palette, any number
  std::vector<ChartPoint> points;   // lines are broken where one is not finite
};

// wide: for a page's whole width, the legend to the right of the plot. compact: readable on a telephone, the legend below.
enum class ChartLayout : char { wide, compact };

struct ChartMark {
  double x = 0;
  std::string label;
};

struct Chart {
  std::string title, x_label, y_label;   // labels with units
  ChartLayout layout = ChartLayout::wide;
  bool logarithmic_x = false, logarithmic_y = false;
  bool room_x = true;                    // beside the data
  std::vector<double> x_ticks;           // empty: chosen
  bool from_zero = true;                 // a linear y axis includes 0 ...
  double y_least = 0;                    // ... and reaches at least up to this
  std::vector<ChartMark> marks;          // grey upright lines
  std::vector<ChartSeries> series;
};

struct BarChart {
  std::string title, x_label, y_label;
  std::vector<std::string> bars;         // their names; a line break is one
  std::vector<std::string> parts;        // from the bottom up
  std::vector<std::vector<double>> values;   // [bars, parts]; empty: a hole
};

struct Picture {
  std::string name;                // of its files, as in speed-up
  std::string svg, inlined, png;   // files, and the SVG for a page; png is empty without Cairo
};

// Empty for a chart without a point to draw; a PNG also without Cairo.
std::string chart_svg(const Chart& chart, SvgUse use = SvgUse::file);
std::string chart_svg(const BarChart& chart, SvgUse use = SvgUse::file);
std::string chart_png(const Chart& chart);
std::string chart_png(const BarChart& chart);

template <typename AnyChart>
Picture draw_picture(const std::string& name, const AnyChart& chart) {
  return {name, chart_svg(chart), chart_svg(chart, SvgUse::page), chart_png(chart)};
}

}  // namespace jetpinn
