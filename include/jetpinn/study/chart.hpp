// Charts of measurements: lines with error bars, and stacked bars; drawn once, as SVG for the page and as PNG for a paper.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

struct ChartPoint {
  double x = 0, y = 0;
  double low = 0, high = 0;   // error bar; low == high: none
  bool hole = false;          // not measured: the line is broken, and a cross of its colour stands on the axis at x
};

struct ChartSeries {
  enum class Style : char { measured, curve, ideal };   // dots joined by a line with error bars; a dashed line; a grey line
  std::string name;
  Style style = Style::measured;
  int colour = 0;             // of a palette, any number
  std::vector<ChartPoint> points;
};

struct Chart {
  std::string title, x_label, y_label;   // labels with units
  bool logarithmic_x = false, logarithmic_y = false;
  std::vector<double> x_ticks;           // empty: chosen
  double y_least = 0;                    // the axis reaches at least up to this
  std::vector<ChartSeries> series;
};

struct BarChart {
  std::string title, x_label, y_label;
  std::vector<std::string> bars;         // their names; a line break is one
  std::vector<std::string> parts;        // from the bottom up
  std::vector<std::vector<double>> values;   // [bars, parts]; empty: a hole
};

struct Picture {
  std::string name;   // of its files, as in speed-up
  std::string svg, png;
};

bool charts_available();                 // built with Cairo

// Empty without Cairo, and for a chart without a point to draw.
std::string chart_svg(const Chart& chart);
std::string chart_svg(const BarChart& chart);
std::string chart_png(const Chart& chart);
std::string chart_png(const BarChart& chart);

// Round numbers that divide [low, high] into about `count` parts.
std::vector<double> axis_ticks(double low, double high, int count, bool logarithmic);
// 0.001, 250, 10k, 1.5M.
std::string tick_label(double value);

}  // namespace jetpinn
