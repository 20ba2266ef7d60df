#include "jetpinn/chart/canvas.hpp"

#include <array>

namespace jetpinn {
namespace {

constexpr Colour rgb(int hex) { return {(hex >> 16 & 255) / 255.0, (hex >> 8 & 255) / 255.0, (hex & 255) / 255.0}; }

// Okabe and Ito's palette, told apart by colour-blind readers too; on dark paper the same hues, lighter. Then
// paper, ink, soft ink, grid, failure.
constexpr std::array<Colour, Paint::count> light{rgb(0x0072b2), rgb(0xd55e00), rgb(0x009e73), rgb(0xcc79a7), rgb(0x56b4e9),
                                                 rgb(0xe69f00), rgb(0x8c8c8c), rgb(0x404040), rgb(0xffffff), rgb(0x222222),
                                                 rgb(0x8c8c8c), rgb(0xe0e0e0), rgb(0xb3261e)};
constexpr std::array<Colour, Paint::count> dark_paper{
    rgb(0x5aaee6), rgb(0xff9a4d), rgb(0x3fcf9f), rgb(0xe59cc6), rgb(0x9bd8ff), rgb(0xffc54d), rgb(0xa8a8a8),
    rgb(0xdcdcdc), rgb(0x16181c), rgb(0xe6e6e6), rgb(0x9a9a9a), rgb(0x34383f), rgb(0xff8a80)};

// Characters, not bytes: the first byte of each is not 10xxxxxx.
bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

Colour colour_of(Paint paint, bool dark) { return (dark ? dark_paper : light)[static_cast<std::size_t>(paint.number)]; }

void Canvas::cross(double x, double y, Paint paint) {
  constexpr double r = 5;
  line(x - r, y - r, x + r, y + r, paint, 2);
  line(x - r, y + r, x + r, y - r, paint, 2);
}

double text_width(const std::string& words, double size) {
  int characters = 0;
  for (const char c : words) characters += begins_character(c);
  return 0.6 * size * characters;
}

std::string fitted(const std::string& words, double size, double width) {
  if (text_width(words, size) <= width) return words;
  std::string cut;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (begins_character(words[i]) && text_width(cut + "....", size) > width) break;
    cut += words[i];
  }
  return cut + "...";
}

}  // namespace jetpinn
