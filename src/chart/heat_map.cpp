#include "jetpinn/chart/heat_map.hpp"

#include "jetpinn/chart/frame.hpp"
#include "jetpinn/chart/indexed_png.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

constexpr double bar_gap = 14, bar_width = 14;

Frame frame_of(const HeatMap& picture) {
  Frame frame{440, 0, 76, 354, 32, 252, 12.5, 13.5};
  const double wide = frame.right - frame.left;
  const double ratio = picture.equal_axes ? (picture.y_high - picture.y_low) / (picture.x_high - picture.x_low) : 0.76;
  frame.bottom = frame.top + wide * std::clamp(ratio, 0.3, 1.2);
  frame.height = frame.bottom + 48;
  return frame;
}

std::string png_of(const HeatMap& picture) {
  const auto columns = static_cast<std::size_t>(picture.columns), rows = static_cast<std::size_t>(picture.rows);
  std::vector<std::uint8_t> levels(columns * rows);
  for (std::size_t row = 0; row < rows; ++row)   // the picture begins at the top
    for (std::size_t column = 0; column < columns; ++column)
      levels[(rows - 1 - row) * columns + column] =
          level_of(picture.values[row * columns + column], picture.low, picture.high);
  return indexed_png(picture.map, picture.columns, picture.rows, levels);
}

void draw_colour_bar(SvgCanvas& canvas, const HeatMap& picture, const Frame& frame) {
  std::vector<std::uint8_t> levels(map_levels);
  for (int i = 0; i < map_levels; ++i) levels[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(map_levels - 1 - i);
  const double left = frame.right + bar_gap, right = left + bar_width;
  canvas.image(left, frame.top, right, frame.bottom, indexed_png(picture.map, 1, map_levels, levels));
  const Axis axis{picture.low, picture.high, frame.bottom, frame.top, false};
  const std::vector<double> ticks = axis_ticks(picture.low, picture.high, 5, false);
  const std::vector<std::string> labels = tick_labels(ticks);
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    canvas.line(right, axis(ticks[i]), right + 4, axis(ticks[i]), Paint::ink);
    canvas.text(right + 6, axis(ticks[i]) + 4, labels[i], {0, frame.text_size - 0.5}, Paint::ink);
  }
}

}  // namespace

std::uint8_t level_of(double value, double low, double high) {
  if (!std::isfinite(value)) return transparent_level;
  const double share = high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0.5;
  return static_cast<std::uint8_t>(std::lround(share * (map_levels - 1)));
}

std::string heat_map_svg(const HeatMap& picture, SvgUse use) {
  const Frame frame = frame_of(picture);
  SvgCanvas canvas;
  canvas.box(frame.left, frame.top, frame.right, frame.bottom, Paint::grid);
  canvas.image(frame.left, frame.top, frame.right, frame.bottom, png_of(picture));
  draw_title(canvas, frame, picture.title);
  const Axis x{picture.x_low, picture.x_high, frame.left, frame.right, false},
      y{picture.y_low, picture.y_high, frame.bottom, frame.top, false};
  draw_x_axis(canvas, frame, x, axis_ticks(x.low, x.high, 5, false), picture.x_label, false);
  draw_y_axis(canvas, frame, y, axis_ticks(y.low, y.high, 5, false), picture.y_label, false);
  draw_colour_bar(canvas, picture, frame);
  return canvas.finished(frame.width, frame.height, picture.title, use);
}

}  // namespace jetpinn
