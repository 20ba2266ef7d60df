#include "jetpinn/chart/cairo_canvas.hpp"
#include "jetpinn/chart/chart.hpp"
#include "jetpinn/chart/frame.hpp"

#include <algorithm>
#include <numeric>
#include <sstream>

namespace jetpinn {
namespace {

bool drawable(const BarChart& chart) { return !chart.bars.empty() && !chart.parts.empty(); }

void draw(Canvas& canvas, const BarChart& chart, const Frame& frame) {
  double most = 0;
  for (const auto& values : chart.values) most = std::max(most, std::accumulate(values.begin(), values.end(), 0.0));
  const Axis y{0, most > 0 ? 1.06 * most : 1, frame.bottom, frame.top, false};
  draw_title(canvas, frame, chart.title);
  draw_x_axis(canvas, frame, {}, {}, "", false);
  canvas.text((frame.left + frame.right) / 2, frame.height - 14, chart.x_label, {0.5, frame.text_size}, Paint::ink);
  draw_y_axis(canvas, frame, y, axis_ticks(0, y.high, 6, false), chart.y_label, true);
  const double slot = (frame.right - frame.left) / static_cast<double>(chart.bars.size());
  const double small = std::min(frame.text_size, std::max(7.5, slot / 5.0));
  for (std::size_t b = 0; b < chart.bars.size(); ++b) {
    const double middle = frame.left + (static_cast<double>(b) + 0.5) * slot, half = std::min(0.36 * slot, 34.0);
    double base = 0;
    for (std::size_t p = 0; p < chart.values[b].size(); ++p) {
      canvas.box(middle - half, y(base + chart.values[b][p]), middle + half, y(base), Paint::of_series(static_cast<int>(p)));
      base += chart.values[b][p];
    }
    if (chart.values[b].empty()) canvas.cross(middle, frame.bottom, Paint::failure);
    std::istringstream lines(chart.bars[b]);
    double below = frame.bottom + 16;
    for (std::string line; std::getline(lines, line); below += small + 2)
      canvas.text(middle, below, line, {0.5, small}, Paint::ink);
  }
  double entry = frame.top + 8;
  for (std::size_t p = chart.parts.size(); p-- > 0; entry += 20) {
    canvas.box(frame.right + 16, entry - 10, frame.right + 36, entry + 2, Paint::of_series(static_cast<int>(p)));
    canvas.text(frame.right + 44, entry, chart.parts[p], {0, frame.text_size}, Paint::ink);
  }
}

}  // namespace

std::string chart_svg(const BarChart& chart, SvgUse use) {
  if (!drawable(chart)) return "";
  const Frame frame;
  SvgCanvas canvas;
  draw(canvas, chart, frame);
  return canvas.finished(frame.width, frame.height, chart.title, use);
}

std::string chart_png(const BarChart& chart) {
  if (!drawable(chart)) return "";
  const Frame frame;
  return draw_png(frame.width, frame.height, [&](Canvas& canvas) { draw(canvas, chart, frame); });
}

}  // namespace jetpinn
