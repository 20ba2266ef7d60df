#include "jetpinn/chart/chart.hpp"

#include "jetpinn/chart/cairo_canvas.hpp"
#include "jetpinn/chart/frame.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

using Style = ChartSeries::Style;

constexpr double legend_row = 19;

bool shows(const ChartPoint& point, const Chart& chart) {
  return std::isfinite(point.x) && std::isfinite(point.y) && (!chart.logarithmic_x || point.x > 0) &&
         (!chart.logarithmic_y || point.y > 0);
}

Paint paint_of(const ChartSeries& series) {
  return series.style == Style::ideal ? Paint(Paint::soft) : Paint::of_series(series.colour);
}

bool has_holes(const Chart& chart) {
  return std::any_of(chart.series.begin(), chart.series.end(), [](const ChartSeries& series) {
    return std::any_of(series.points.begin(), series.points.end(), [](const ChartPoint& point) { return point.hole; });
  });
}

// Where the entries of the legend stand, in their order; a last one for holes.
std::vector<CanvasPoint> legend_places(const Chart& chart, const Frame& frame, double below) {
  std::vector<CanvasPoint> places;
  double x = 10, y = below;
  for (std::size_t s = 0; s <= chart.series.size(); ++s) {
    const bool wide = chart.layout == ChartLayout::wide;
    if (s < chart.series.size() && chart.series[s].name.empty()) {
      places.push_back({});
      continue;
    }
    const double width = 50 + text_width(s < chart.series.size() ? chart.series[s].name : "not measured", frame.text_size);
    if (!wide && x > 10 && x + width > frame.width) x = 10, y += legend_row;
    places.push_back(wide ? CanvasPoint{frame.right + 16, y} : CanvasPoint{x, y});
    if (wide) y += legend_row;
    else x += width;
  }
  if (!has_holes(chart)) places.pop_back();
  return places;
}

Frame frame_of(const Chart& chart) {
  Frame frame;
  if (chart.layout == ChartLayout::wide) return frame;
  frame = {440, 0, 76, 426, 32, 252, 12.5, 13.5};
  double last = frame.bottom + 42;
  for (const CanvasPoint& place : legend_places(chart, frame, frame.bottom + 62)) last = std::max(last, place.y);
  frame.height = last + 8;
  return frame;
}

// Range of the data with room around it.
Axis axis_of(const Chart& chart, const Frame& frame, bool horizontal) {
  const bool logarithmic = horizontal ? chart.logarithmic_x : chart.logarithmic_y;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points) {
      if (point.hole ? !horizontal : !shows(point, chart)) continue;
      const bool bar = point.low < point.high;
      for (const double value :
           horizontal ? std::array{point.x, point.x} : std::array{bar ? point.low : point.y, bar ? point.high : point.y})
        if (std::isfinite(value) && (!logarithmic || value > 0)) low = std::min(low, value), high = std::max(high, value);
    }
  if (!(low <= high)) low = logarithmic ? 1 : 0, high = logarithmic ? 10 : 1;
  const bool zero = !horizontal && !logarithmic && chart.from_zero;
  if (zero) low = std::min(low, 0.0), high = std::max(high, chart.y_least);
  Axis axis;
  axis.logarithmic = logarithmic;
  if (horizontal && !chart.room_x && high > low) {
    axis.low = low, axis.high = high;
  } else if (logarithmic) {
    const double room = std::max(std::pow(high / low, 0.06), 1.15);
    axis.low = low / room, axis.high = high * room;
  } else {
    const double room = high > low ? 0.06 * (high - low) : std::max(1e-12, std::abs(high) > 0 ? 0.1 * std::abs(high) : 1);
    axis.low = zero && low >= 0 ? 0 : low - room, axis.high = high + room;
  }
  axis.from = horizontal ? frame.left : frame.bottom;
  axis.to = horizontal ? frame.right : frame.top;
  return axis;
}

void draw_line(Canvas& canvas, const Chart& chart, const ChartSeries& series, const Axis& x, const Axis& y) {
  const double thick = series.style == Style::measured || series.style == Style::line ? 1.8 : 1.4;
  std::vector<CanvasPoint> corners;
  const auto end = [&] {
    canvas.lines(corners, paint_of(series), thick, series.style == Style::curve);
    corners.clear();
  };
  for (const ChartPoint& point : series.points) {
    if (!point.hole && shows(point, chart)) corners.push_back({x(point.x), y(point.y)});
    else end();
  }
  end();
}

void draw_series(Canvas& canvas, const Chart& chart, const ChartSeries& series, const Frame& frame, const Axis& x,
                 const Axis& y) {
  const Paint paint = paint_of(series);
  const bool dotted = series.style == Style::dots || series.style == Style::cloud;
  if (!dotted) draw_line(canvas, chart, series, x, y);
  std::vector<CanvasPoint> dots;
  for (const ChartPoint& point : series.points) {
    if (point.hole) canvas.cross(x(point.x), frame.bottom, paint);
    else if (shows(point, chart)) dots.push_back({x(point.x), y(point.y)});
    if (point.hole || !(point.high > point.low)) continue;
    canvas.line(x(point.x), y(point.low), x(point.x), y(point.high), paint, 1.4);
    for (const double end : {point.low, point.high}) canvas.line(x(point.x) - 4, y(end), x(point.x) + 4, y(end), paint, 1.4);
  }
  // A line of a single point would not be seen.
  if (dotted || series.style == Style::measured || dots.size() == 1)
    canvas.dots(dots, paint, series.style == Style::cloud ? 1.2 : series.style == Style::dots ? 2.2 : 3.6);
}

void draw_legend(Canvas& canvas, const Chart& chart, const Frame& frame) {
  const double below = chart.layout == ChartLayout::wide ? frame.top + 8 : frame.bottom + 62;
  const std::vector<CanvasPoint> places = legend_places(chart, frame, below);
  for (std::size_t s = 0; s < places.size(); ++s) {
    const auto [x, y] = places[s];
    const bool hole = s == chart.series.size();
    if (!hole && chart.series[s].name.empty()) continue;
    canvas.text(x + 34, y, fitted(hole ? "not measured" : chart.series[s].name, frame.text_size, frame.width - x - 36),
                {0, frame.text_size}, Paint::ink);
    if (hole) {
      canvas.cross(x + 13, y - 4, Paint::ink);
      continue;
    }
    const ChartSeries& series = chart.series[s];
    const bool dotted = series.style == Style::dots || series.style == Style::cloud;
    if (!dotted) canvas.lines({{x, y - 4}, {x + 26, y - 4}}, paint_of(series), 1.8, series.style == Style::curve);
    if (dotted || series.style == Style::measured) canvas.dots({{x + 13, y - 4}}, paint_of(series), 3.6);
  }
}

bool drawable(const Chart& chart) {
  return std::any_of(chart.series.begin(), chart.series.end(), [](const ChartSeries& s) { return !s.points.empty(); });
}

void draw(Canvas& canvas, const Chart& chart, const Frame& frame) {
  const Axis x = axis_of(chart, frame, true), y = axis_of(chart, frame, false);
  draw_title(canvas, frame, chart.title);
  draw_x_axis(canvas, frame, x, chart.x_ticks.empty() ? axis_ticks(x.low, x.high, 6, x.logarithmic) : chart.x_ticks,
              chart.x_label, true);
  draw_y_axis(canvas, frame, y, axis_ticks(y.low, y.high, 6, y.logarithmic), chart.y_label, true);
  for (const ChartMark& mark : chart.marks) {
    if (!(mark.x >= x.low && mark.x <= x.high)) continue;
    canvas.lines({{x(mark.x), frame.top}, {x(mark.x), frame.bottom}}, Paint::soft, 1, true);
    const bool fits = x(mark.x) + 3 + text_width(mark.label, frame.text_size - 1) < frame.width;
    canvas.text(x(mark.x) + (fits ? 3 : -3), frame.top + frame.text_size, mark.label,
                {fits ? 0.0 : 1.0, frame.text_size - 1}, Paint::soft);
  }
  for (const ChartSeries& series : chart.series) draw_series(canvas, chart, series, frame, x, y);
  draw_legend(canvas, chart, frame);
}

}  // namespace

std::string chart_svg(const Chart& chart, SvgUse use) {
  if (!drawable(chart)) return "";
  const Frame frame = frame_of(chart);
  SvgCanvas canvas;
  draw(canvas, chart, frame);
  return canvas.finished(frame.width, frame.height, chart.title, use);
}

std::string chart_png(const Chart& chart) {
  if (!drawable(chart)) return "";
  const Frame frame = frame_of(chart);
  return draw_png(frame.width, frame.height, [&](Canvas& canvas) { draw(canvas, chart, frame); });
}

}  // namespace jetpinn
