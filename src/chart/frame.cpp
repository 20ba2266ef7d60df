#include "jetpinn/chart/frame.hpp"

#include <algorithm>

namespace jetpinn {

void draw_title(Canvas& canvas, const Frame& frame, const std::string& title) {
  canvas.text(8, frame.title_size + 5, fitted(title, frame.title_size, frame.width - 16), {0, frame.title_size, true, false},
              Paint::ink);
}

void draw_x_axis(Canvas& canvas, const Frame& frame, const Axis& x, const std::vector<double>& ticks,
                 const std::string& label, bool grid) {
  double free_from = 0;   // a label is left out where it would stand on the one before
  const std::vector<std::string> labels = tick_labels(ticks);
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const double tick = ticks[i];
    if (grid) canvas.line(x(tick), frame.top, x(tick), frame.bottom, Paint::grid);
    else canvas.line(x(tick), frame.bottom, x(tick), frame.bottom + 4, Paint::ink);
    const double half = text_width(labels[i], frame.text_size) / 2;
    if (x(tick) - half < free_from) continue;
    const double middle = std::min(x(tick), frame.width - half);   // not beyond the picture's edge
    canvas.text(middle, frame.bottom + frame.text_size + 5, labels[i], {0.5, frame.text_size}, Paint::ink);
    free_from = middle + half + 2;
  }
  canvas.line(frame.left, frame.bottom, frame.right, frame.bottom, Paint::ink, 1.2);
  canvas.text((frame.left + frame.right) / 2, frame.bottom + 2 * frame.text_size + 12,
              fitted(label, frame.text_size, frame.width - 16), {0.5, frame.text_size}, Paint::ink);
}

void draw_y_axis(Canvas& canvas, const Frame& frame, const Axis& y, const std::vector<double>& ticks,
                 const std::string& label, bool grid) {
  const std::vector<std::string> labels = tick_labels(ticks);
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const double tick = ticks[i];
    if (grid) canvas.line(frame.left, y(tick), frame.right, y(tick), Paint::grid);
    else canvas.line(frame.left - 4, y(tick), frame.left, y(tick), Paint::ink);
    canvas.text(frame.left - 7, y(tick) + 4, labels[i], {1, frame.text_size}, Paint::ink);
  }
  canvas.line(frame.left, frame.top, frame.left, frame.bottom, Paint::ink, 1.2);
  TextStyle style{0.5, frame.text_size};
  style.upwards = true;
  canvas.text(frame.text_size + 2, (frame.top + frame.bottom) / 2,
              fitted(label, frame.text_size, frame.bottom - frame.top + 40), style, Paint::ink);
}

}  // namespace jetpinn
