// What pictures are drawn on: as SVG text (chart/svg_canvas.hpp), or by Cairo for PNG
// (chart/cairo_canvas.hpp). y grows downwards.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

// A colour by its purpose: pages show another one in dark mode. 0 .. 7: of the palette.
struct Paint {
  enum Purpose : int { series = 0, paper = 8, ink, soft, grid, failure, count };
  int number = 0;

  static Paint of_series(int index) { return {index % paper}; }
  Paint() = default;
  Paint(int n) : number(n) {}
};

struct Colour {
  double red = 0, green = 0, blue = 0;   // sRGB, 0 .. 1
};
Colour colour_of(Paint paint, bool dark = false);

struct CanvasPoint {
  double x = 0, y = 0;
};

struct TextStyle {
  double anchor = 0;      // 0 begins at x, 0.5 is centred, 1 ends at x
  double size = 12.5;
  bool bold = false;
  bool upwards = false;   // turned by a right angle
};

class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual void lines(const std::vector<CanvasPoint>& corners, Paint paint, double thick, bool dashed) = 0;
  virtual void dots(const std::vector<CanvasPoint>& places, Paint paint, double radius) = 0;
  virtual void box(double x0, double y0, double x1, double y1, Paint paint) = 0;
  virtual void text(double x, double y, const std::string& words, const TextStyle& style, Paint paint) = 0;

  void line(double x0, double y0, double x1, double y1, Paint paint, double thick = 1) {
    lines({{x0, y0}, {x1, y1}}, paint, thick, false);
  }
  void cross(double x, double y, Paint paint);
};

// Width of words in the usual fonts, a little more than most take.
double text_width(const std::string& words, double size);
// Cut to what fits in `width`, with "..." at the end.
std::string fitted(const std::string& words, double size, double width);

}  // namespace jetpinn
