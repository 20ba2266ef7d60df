#include "jetpinn/study/chart.hpp"

#ifndef JETPINN_CAIRO

namespace jetpinn {
bool charts_available() { return false; }
std::string chart_svg(const Chart&) { return ""; }
std::string chart_svg(const BarChart&) { return ""; }
std::string chart_png(const Chart&) { return ""; }
std::string chart_png(const BarChart&) { return ""; }
}  // namespace jetpinn

#else

#include <cairo-svg.h>
#include <cairo.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <sstream>

namespace jetpinn {
namespace {

// Points of a picture; the legend stands to the right of the plot, where it covers nothing.
constexpr double width = 760, height = 430;
constexpr double left = 78, right = 560, top = 44, bottom = 366;
constexpr double text_size = 12.5, title_size = 15;
constexpr double png_scale = 2;

struct Colour {
  double red, green, blue;
};
// Okabe and Ito's palette: told apart by colour-blind readers too.
constexpr std::array<Colour, 8> palette = {{{0.00, 0.45, 0.70}, {0.84, 0.37, 0.00}, {0.00, 0.62, 0.45}, {0.80, 0.47, 0.65},
                                            {0.34, 0.71, 0.91}, {0.90, 0.62, 0.00}, {0.55, 0.55, 0.55}, {0.25, 0.25, 0.25}}};
constexpr Colour ink{0.13, 0.13, 0.13}, grid{0.88, 0.88, 0.88}, grey{0.55, 0.55, 0.55}, failure{0.75, 0.10, 0.10};

Colour colour_of(int number) { return palette[static_cast<std::size_t>(number) % palette.size()]; }

struct Pen {
  cairo_t* cr;

  void colour(const Colour& c) const { cairo_set_source_rgb(cr, c.red, c.green, c.blue); }
  void line(double x0, double y0, double x1, double y1, const Colour& c, double thick = 1) const {
    colour(c);
    cairo_set_line_width(cr, thick);
    cairo_move_to(cr, x0, y0);
    cairo_line_to(cr, x1, y1);
    cairo_stroke(cr);
  }
  // anchor: 0 begins at x, 0.5 is centred, 1 ends at x.
  void text(double x, double y, const std::string& words, double anchor = 0, double size = text_size, bool bold = false, const Colour& c = ink) const {
    colour(c);
    cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, size);
    cairo_text_extents_t extents;
    cairo_text_extents(cr, words.c_str(), &extents);
    cairo_move_to(cr, x - anchor * extents.x_advance, y);
    cairo_show_text(cr, words.c_str());
  }
  void cross(double x, double y, const Colour& c) const {
    constexpr double r = 5;
    line(x - r, y - r, x + r, y + r, c, 2);
    line(x - r, y + r, x + r, y - r, c, 2);
  }
  void dot(double x, double y, const Colour& c) const {
    colour(c);
    cairo_arc(cr, x, y, 3.6, 0, 2 * 3.14159265358979);
    cairo_fill(cr);
  }
  void box(double x0, double y0, double x1, double y1, const Colour& c) const {
    colour(c);
    cairo_rectangle(cr, x0, y0, x1 - x0, y1 - y0);
    cairo_fill(cr);
  }
  void dashed(bool on) const {
    constexpr double dash[] = {6, 4};
    cairo_set_dash(cr, dash, on ? 2 : 0, 0);
  }
  void paper(const std::string& title, const std::string& x_label, const std::string& y_label) const {
    box(0, 0, width, height, {1, 1, 1});
    text(left, 24, title, 0, title_size, true);
    text((left + right) / 2, height - 14, x_label, 0.5);
    cairo_save(cr);
    cairo_translate(cr, 18, (top + bottom) / 2);
    cairo_rotate(cr, -3.14159265358979 / 2);
    text(0, 0, y_label, 0.5);
    cairo_restore(cr);
  }
};

// An axis from data to the picture.
struct Axis {
  double low = 0, high = 1, from = 0, to = 1;
  bool logarithmic = false;

  double operator()(double value) const {
    const double share = logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return from + share * (to - from);
  }
};


// Range of the data with room around it.
Axis axis_of(const Chart& chart, bool horizontal) {
  const bool logarithmic = horizontal ? chart.logarithmic_x : chart.logarithmic_y;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points) {
      if (point.hole && !horizontal) continue;
      for (const double value : horizontal ? std::array{point.x, point.x} : std::array{point.low < point.high ? point.low : point.y, point.low < point.high ? point.high : point.y})
        if (std::isfinite(value) && (!logarithmic || value > 0)) low = std::min(low, value), high = std::max(high, value);
    }
  if (!(low <= high)) low = logarithmic ? 1 : 0, high = logarithmic ? 10 : 1;
  if (!horizontal && !logarithmic) low = std::min(low, 0.0), high = std::max(high, chart.y_least);
  Axis axis;
  axis.logarithmic = logarithmic;
  if (logarithmic) {
    const double room = std::max(std::pow(high / low, 0.06), 1.15);
    axis.low = low / room, axis.high = high * room;
  } else {
    const double room = high > low ? 0.06 * (high - low) : std::max(1.0, 0.1 * std::abs(high));
    axis.low = horizontal || low < 0 ? low - room : 0, axis.high = high + room;
  }
  axis.from = horizontal ? left : bottom;
  axis.to = horizontal ? right : top;
  return axis;
}

void draw_axes(const Pen& pen, const Chart& chart, const Axis& x, const Axis& y) {
  const std::vector<double> across = chart.x_ticks.empty() ? axis_ticks(x.low, x.high, 6, x.logarithmic) : chart.x_ticks;
  for (const double tick : across) {
    pen.line(x(tick), top, x(tick), bottom, grid);
    pen.text(x(tick), bottom + 18, tick_label(tick), 0.5);
  }
  for (const double tick : axis_ticks(y.low, y.high, 6, y.logarithmic)) {
    pen.line(left, y(tick), right, y(tick), grid);
    pen.text(left - 8, y(tick) + 4, tick_label(tick), 1);
  }
  pen.line(left, bottom, right, bottom, ink, 1.2);
  pen.line(left, top, left, bottom, ink, 1.2);
}

void draw_series(const Pen& pen, const ChartSeries& series, const Axis& x, const Axis& y) {
  const bool measured = series.style == ChartSeries::Style::measured;
  const Colour colour = series.style == ChartSeries::Style::ideal ? grey : colour_of(series.colour);
  pen.dashed(series.style == ChartSeries::Style::curve);
  const ChartPoint* last = nullptr;
  for (const ChartPoint& point : series.points) {
    if (last && !point.hole) pen.line(x(last->x), y(last->y), x(point.x), y(point.y), colour, measured ? 1.8 : 1.4);
    last = point.hole ? nullptr : &point;
  }
  pen.dashed(false);
  for (const ChartPoint& point : series.points) {
    if (point.hole) {
      pen.cross(x(point.x), bottom, colour);
      continue;
    }
    if (!measured) continue;
    if (point.high > point.low) {
      pen.line(x(point.x), y(point.low), x(point.x), y(point.high), colour, 1.4);
      for (const double end : {point.low, point.high}) pen.line(x(point.x) - 4, y(end), x(point.x) + 4, y(end), colour, 1.4);
    }
    pen.dot(x(point.x), y(point.y), colour);
  }
}

void draw_legend(const Pen& pen, const Chart& chart) {
  double y = top + 8;
  bool holes = false;
  for (const ChartSeries& series : chart.series) {
    for (const ChartPoint& point : series.points) holes = holes || point.hole;
    if (series.name.empty()) continue;
    const Colour colour = series.style == ChartSeries::Style::ideal ? grey : colour_of(series.colour);
    pen.dashed(series.style == ChartSeries::Style::curve);
    pen.line(right + 16, y - 4, right + 42, y - 4, colour, 1.8);
    pen.dashed(false);
    if (series.style == ChartSeries::Style::measured) pen.dot(right + 29, y - 4, colour);
    pen.text(right + 50, y, series.name);
    y += 20;
  }
  if (!holes) return;
  pen.cross(right + 29, y - 4, ink);
  pen.text(right + 50, y, "not measured");
}

bool drawable(const Chart& chart) {
  return std::any_of(chart.series.begin(), chart.series.end(), [](const ChartSeries& s) { return !s.points.empty(); });
}

void draw(cairo_t* cr, const Chart& chart) {
  const Pen pen{cr};
  pen.paper(chart.title, chart.x_label, chart.y_label);
  const Axis x = axis_of(chart, true), y = axis_of(chart, false);
  draw_axes(pen, chart, x, y);
  for (const ChartSeries& series : chart.series) draw_series(pen, series, x, y);
  draw_legend(pen, chart);
}

bool drawable(const BarChart& chart) { return !chart.bars.empty() && !chart.parts.empty(); }

void draw(cairo_t* cr, const BarChart& chart) {
  const Pen pen{cr};
  pen.paper(chart.title, chart.x_label, chart.y_label);
  double most = 0;
  for (const auto& values : chart.values) {
    double sum = 0;
    for (const double value : values) sum += value;
    most = std::max(most, sum);
  }
  const Axis y{0, most > 0 ? 1.06 * most : 1, bottom, top, false};
  for (const double tick : axis_ticks(0, y.high, 6, false)) {
    pen.line(left, y(tick), right, y(tick), grid);
    pen.text(left - 8, y(tick) + 4, tick_label(tick), 1);
  }
  const double slot = (right - left) / static_cast<double>(chart.bars.size());
  const double small = std::min(text_size, std::max(7.5, slot / 5.0));
  for (std::size_t b = 0; b < chart.bars.size(); ++b) {
    const double middle = left + (static_cast<double>(b) + 0.5) * slot, half = std::min(0.36 * slot, 34.0);
    double base = 0;
    for (std::size_t p = 0; p < chart.values[b].size(); ++p) {
      pen.box(middle - half, y(base + chart.values[b][p]), middle + half, y(base), colour_of(static_cast<int>(p)));
      base += chart.values[b][p];
    }
    if (chart.values[b].empty()) pen.cross(middle, bottom, failure);
    std::istringstream lines(chart.bars[b]);
    double below = bottom + 16;
    for (std::string line; std::getline(lines, line); below += small + 2) pen.text(middle, below, line, 0.5, small);
  }
  pen.line(left, bottom, right, bottom, ink, 1.2);
  pen.line(left, top, left, bottom, ink, 1.2);
  double entry = top + 8;
  for (std::size_t p = chart.parts.size(); p-- > 0; entry += 20) {
    pen.box(right + 16, entry - 10, right + 36, entry + 2, colour_of(static_cast<int>(p)));
    pen.text(right + 44, entry, chart.parts[p]);
  }
}

cairo_status_t append(void* text, const unsigned char* data, unsigned size) {
  static_cast<std::string*>(text)->append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
using Context = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;

template <typename AnyChart>
std::string svg_of(const AnyChart& chart) {
  if (!drawable(chart)) return "";
  std::string text;
  {
    const Surface surface(cairo_svg_surface_create_for_stream(append, &text, width, height), cairo_surface_destroy);
    const Context context(cairo_create(surface.get()), cairo_destroy);
    draw(context.get(), chart);
    cairo_surface_finish(surface.get());
  }
  return text;
}

template <typename AnyChart>
std::string png_of(const AnyChart& chart) {
  if (!drawable(chart)) return "";
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(png_scale * width), static_cast<int>(png_scale * height)), cairo_surface_destroy);
  const Context context(cairo_create(surface.get()), cairo_destroy);
  cairo_scale(context.get(), png_scale, png_scale);
  draw(context.get(), chart);
  std::string bytes;
  cairo_surface_write_to_png_stream(surface.get(), append, &bytes);
  return bytes;
}

}  // namespace

bool charts_available() { return true; }
std::string chart_svg(const Chart& chart) { return svg_of(chart); }
std::string chart_svg(const BarChart& chart) { return svg_of(chart); }
std::string chart_png(const Chart& chart) { return png_of(chart); }
std::string chart_png(const BarChart& chart) { return png_of(chart); }

}  // namespace jetpinn

#endif
