// Pictures as SVG text: small, and sharp at any size.
#pragma once

#include "jetpinn/chart/canvas.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// In a page the colours are those of the page's style (picture_rules), which has some for dark mode; a file carries its own.
enum class SvgUse : char { file, page };

class SvgCanvas : public Canvas {
 public:
  void lines(const std::vector<CanvasPoint>& corners, Paint paint, double thick, bool dashed) override;
  void dots(const std::vector<CanvasPoint>& places, Paint paint, double radius) override;
  void box(double x0, double y0, double x1, double y1, Paint paint) override;
  void text(double x, double y, const std::string& words, const TextStyle& style, Paint paint) override;
  // Stretched to the box; png: the bytes of a file.
  void image(double x0, double y0, double x1, double y1, const std::string& png);

  // The whole picture; `title` is what is read aloud and shown under the pointer.
  std::string finished(double width, double height, const std::string& title, SvgUse use) const;

 private:
  std::string body_;
};

// Rules of CSS for what an SvgCanvas draws.
std::string picture_rules(bool dark);

// For text and attribute values of XML and HTML; control characters are left out.
std::string escaped(const std::string& text);

std::string base64(const std::string& bytes);

}  // namespace jetpinn
