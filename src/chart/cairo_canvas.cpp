#include "jetpinn/chart/cairo_canvas.hpp"

#ifndef JETPINN_CAIRO

namespace jetpinn {
bool png_available() { return false; }
std::string draw_png(double, double, const std::function<void(Canvas&)>&) { return ""; }
}  // namespace jetpinn

#else

#include <cairo.h>

#include <memory>

namespace jetpinn {
namespace {

constexpr double scale = 2, pi = 3.14159265358979;

class CairoCanvas : public Canvas {
 public:
  explicit CairoCanvas(cairo_t* cr) : cr_(cr) {}

  void lines(const std::vector<CanvasPoint>& corners, Paint paint, double thick, bool dashed) override {
    colour(paint);
    constexpr double dash[] = {6, 4};
    cairo_set_dash(cr_, dash, dashed ? 2 : 0, 0);
    cairo_set_line_width(cr_, thick);
    for (const CanvasPoint& corner : corners) cairo_line_to(cr_, corner.x, corner.y);   // the first one begins the path
    cairo_stroke(cr_);
  }
  void dots(const std::vector<CanvasPoint>& places, Paint paint, double radius) override {
    colour(paint);
    for (const CanvasPoint& place : places) {
      cairo_arc(cr_, place.x, place.y, radius, 0, 2 * pi);
      cairo_fill(cr_);
    }
  }
  void box(double x0, double y0, double x1, double y1, Paint paint) override {
    colour(paint);
    cairo_rectangle(cr_, x0, y0, x1 - x0, y1 - y0);
    cairo_fill(cr_);
  }
  void text(double x, double y, const std::string& words, const TextStyle& style, Paint paint) override {
    colour(paint);
    cairo_save(cr_);
    cairo_translate(cr_, x, y);
    if (style.upwards) cairo_rotate(cr_, -pi / 2);
    cairo_select_font_face(cr_, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr_, style.size);
    cairo_text_extents_t extents;
    cairo_text_extents(cr_, words.c_str(), &extents);
    cairo_move_to(cr_, -style.anchor * extents.x_advance, 0);
    cairo_show_text(cr_, words.c_str());
    cairo_new_path(cr_);  // the text leaves a current point, from which the next line would begin
    cairo_restore(cr_);
  }

 private:
  void colour(Paint paint) {
    const Colour c = colour_of(paint);
    cairo_set_source_rgb(cr_, c.red, c.green, c.blue);
  }
  cairo_t* cr_;
};

cairo_status_t append(void* text, const unsigned char* data, unsigned size) {
  static_cast<std::string*>(text)->append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

bool png_available() { return true; }

std::string draw_png(double width, double height, const std::function<void(Canvas&)>& draw) {
  using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
  using Context = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;
  const Surface surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(scale * width), static_cast<int>(scale * height)),
      cairo_surface_destroy);
  const Context context(cairo_create(surface.get()), cairo_destroy);
  cairo_scale(context.get(), scale, scale);
  CairoCanvas canvas(context.get());
  canvas.box(0, 0, width, height, Paint::paper);
  draw(canvas);
  std::string bytes;
  cairo_surface_write_to_png_stream(surface.get(), append, &bytes);
  return bytes;
}

}  // namespace jetpinn

#endif
