#include "jetpinn/chart/svg_canvas.hpp"

#include "jetpinn/base/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace jetpinn {
namespace {

constexpr std::array<const char*, Paint::count> names{"0", "1",     "2",   "3",    "4",    "5",      "6",
                                                      "7", "paper", "ink", "soft", "grid", "failure"};

const char* name_of(Paint paint) { return names[static_cast<std::size_t>(paint.number)]; }

std::string hex(const Colour& colour) {
  const auto byte = [](double value) { return static_cast<int>(std::lround(255 * value)); };
  return fmt::format("#{:02x}{:02x}{:02x}", byte(colour.red), byte(colour.green), byte(colour.blue));
}

// A tenth of a point is finer than any screen shows.
std::string number(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string place(double x, double y) { return number(x) + " " + number(y); }

}  // namespace

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (c == '\'') out += "&#39;";
    else if ((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\n' || c == '\t') out += c;
  }
  return out;
}

std::string base64(const std::string& bytes) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) { return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u; };
    const unsigned word = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (int k = 0; k < 4; ++k)
      out += i + static_cast<std::size_t>(k) > bytes.size() ? '=' : digits[word >> (18 - 6 * k) & 63];
  }
  return out;
}

std::string picture_rules(bool dark) {
  std::string rules;
  for (int n = 0; n < Paint::count; ++n) {
    const std::string colour = hex(colour_of(n, dark));
    rules += fmt::format(".s-{0}{{stroke:{1};fill:none}}.f-{0}{{fill:{1};stroke:none}}\n",
                         names[static_cast<std::size_t>(n)], colour);
  }
  return rules;
}

void SvgCanvas::lines(const std::vector<CanvasPoint>& corners, Paint paint, double thick, bool dashed) {
  if (corners.size() < 2) return;
  std::string path;
  for (const CanvasPoint& corner : corners) path += (path.empty() ? "M" : "L") + place(corner.x, corner.y);
  body_ += fmt::format("<path class=\"s-{}\" stroke-width=\"{}\"{} d=\"{}\"/>\n", name_of(paint), number(thick),
                       dashed ? " stroke-dasharray=\"6 4\"" : "", path);
}

// Lines without length and with round ends: one element for any number of dots.
void SvgCanvas::dots(const std::vector<CanvasPoint>& places, Paint paint, double radius) {
  if (places.empty()) return;
  std::string path;
  for (const CanvasPoint& dot : places) path += "M" + place(dot.x, dot.y) + "h0";
  body_ += fmt::format("<path class=\"s-{}\" stroke-width=\"{}\" stroke-linecap=\"round\" d=\"{}\"/>\n", name_of(paint),
                       number(2 * radius), path);
}

void SvgCanvas::box(double x0, double y0, double x1, double y1, Paint paint) {
  body_ +=
      fmt::format("<rect class=\"f-{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", name_of(paint),
                  number(std::min(x0, x1)), number(std::min(y0, y1)), number(std::abs(x1 - x0)), number(std::abs(y1 - y0)));
}

void SvgCanvas::text(double x, double y, const std::string& words, const TextStyle& style, Paint paint) {
  const char* anchor = style.anchor == 0 ? "" : style.anchor == 1 ? " text-anchor=\"end\"" : " text-anchor=\"middle\"";
  const std::string turned = style.upwards ? fmt::format(" transform=\"rotate(-90 {})\"", place(x, y)) : "";
  body_ +=
      fmt::format("<text class=\"f-{}\" x=\"{}\" y=\"{}\" font-size=\"{}\"{}{}{}>{}</text>\n", name_of(paint), number(x),
                  number(y), number(style.size), style.bold ? " font-weight=\"bold\"" : "", anchor, turned, escaped(words));
}

void SvgCanvas::image(double x0, double y0, double x1, double y1, const std::string& png) {
  body_ += fmt::format(
      "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" "
      "xlink:href=\"data:image/png;base64,{}\"/>\n",
      number(x0), number(y0), number(x1 - x0), number(y1 - y0), base64(png));
}

std::string SvgCanvas::finished(double width, double height, const std::string& title, SvgUse use) const {
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" role=\"img\" viewBox=\"0 0 "
      "{0} {1}\" width=\"{0}\" height=\"{1}\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\">\n<title>{2}</title>\n",
      number(width), number(height), escaped(title));
  if (use == SvgUse::file) {
    svg = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- jetpinn {} -->\n", version) + svg + "<style>" +
          picture_rules(false) + "</style>\n";
    svg += fmt::format("<rect class=\"f-paper\" width=\"{}\" height=\"{}\"/>\n", number(width), number(height));
  }
  return svg + body_ + "</svg>\n";
}

}  // namespace jetpinn
