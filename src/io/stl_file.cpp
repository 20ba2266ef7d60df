#include "jetpinn/io/stl_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/utf8.hpp"
#include "jetpinn/io/whole_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

namespace jetpinn {
namespace {

static_assert(std::numeric_limits<float>::is_iec559);

constexpr std::size_t header_bytes = 80, count_bytes = 4, triangle_bytes = 50;  // of a binary file
constexpr const char* export_again = "export the surface again";

[[noreturn]] void fail_stl(const std::string& path, const std::string& reason, const std::string& mend) {
  throw Error(Status::usage, path + ": " + reason + "; " + mend);
}

void require_number_of_triangles(const std::string& path, std::size_t count) {
  if (count == 0) fail_stl(path, "it holds no triangle", export_again);
  if (count > most_triangles)
    fail_stl(path, fmt::format("it holds {} triangles, and {} are the most", count, most_triangles),
             "make the surface coarser");
}

bool same_word(std::string_view word, std::string_view keyword) {
  return std::equal(word.begin(), word.end(), keyword.begin(), keyword.end(),
                    [](unsigned char a, char b) { return std::tolower(a) == b; });
}

// Words between blanks, with the lines on which they stand.
class AsciiStl {
 public:
  AsciiStl(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  std::vector<double> corners() {
    while (next(), !word_.empty()) {
      require("solid");
      skip_line();  // its name
      while (next(), !same_word(word_, "endsolid")) read_facet();
      skip_line();
    }
    require_number_of_triangles(path_, corners_.size() / 9);
    return std::move(corners_);
  }

 private:
  void read_facet() {
    require("facet");
    require_next("normal");
    for (int d = 0; d < 3; ++d) next();  // which some programs leave zero, or not a number
    require_next("outer");
    require_next("loop");
    for (int corner = 0; corner < 3; ++corner) {
      require_next("vertex");
      for (int d = 0; d < 3; ++d) corners_.push_back(next_number());
    }
    require_next("endloop");
    require_next("endfacet");
    if (corners_.size() / 9 > most_triangles) require_number_of_triangles(path_, corners_.size() / 9);
  }

  void next() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) line_ += text_[at_++] == '\n';
    const std::size_t begin = at_;
    while (at_ < text_.size() && !std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    word_ = text_.substr(begin, at_ - begin);
  }
  void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }
  void require_next(std::string_view keyword) {
    next();
    require(keyword);
  }
  void require(std::string_view keyword) {
    if (same_word(word_, keyword)) return;
    if (at_ == text_.size())
      fail_stl(path_, fmt::format("it is cut off: it ends in line {} without endsolid", line_), export_again);
    fail(fmt::format("'{}' is wanted", keyword), export_again);
  }
  double next_number() {
    next();
    std::string_view digits = word_;
    if (digits.size() > 1 && digits[0] == '+') digits.remove_prefix(1);
    double value = 0;
    const auto [end, trouble] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (word_.empty()) require("a number");
    if (end != digits.data() + digits.size() || trouble == std::errc::invalid_argument)
      fail("a number is wanted", export_again);
    if (trouble != std::errc() || !std::isfinite(value)) fail("a finite number is wanted", export_again);
    return value + 0.0;  // -0 is 0
  }
  [[noreturn]] void fail(const std::string& wanted, const std::string& mend) const {
    fail_stl(path_, fmt::format("{} in line {}, and '{}' is there", wanted, line_, shortened(std::string(word_), 40)), mend);
  }

  std::string_view text_, word_;
  const std::string& path_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::vector<double> corners_;
};

double decimal(float value) {
  char text[32];
  const char* const end = std::to_chars(text, text + sizeof text, value).ptr;
  double decimal = 0;
  std::from_chars(text, end, decimal);
  return decimal + 0.0;  // -0 is 0
}

std::uint32_t little_endian(const char* bytes) {
  std::uint32_t value = 0;
  for (int k = 3; k >= 0; --k) value = value << 8 | static_cast<unsigned char>(bytes[k]);
  return value;
}

// That the count says.
std::size_t binary_size(std::string_view bytes) {
  return header_bytes + count_bytes + triangle_bytes * std::size_t{little_endian(bytes.data() + header_bytes)};
}

std::vector<double> binary_corners(std::string_view bytes, const std::string& path) {
  if (bytes.size() < header_bytes + count_bytes)
    fail_stl(path, fmt::format("its {} bytes are neither an ASCII nor a binary STL file", bytes.size()), export_again);
  const std::size_t triangles = little_endian(bytes.data() + header_bytes);
  if (bytes.size() != binary_size(bytes))
    fail_stl(path,
             fmt::format("it names {} triangles, which take {} bytes, and has {} bytes: it is cut off or no STL file",
                         triangles, binary_size(bytes), bytes.size()),
             export_again);
  require_number_of_triangles(path, triangles);
  std::vector<double> corners;
  corners.reserve(9 * triangles);
  for (std::size_t t = 0; t < triangles; ++t)
    for (std::size_t k = 3; k < 12; ++k) {  // behind the normal
      const std::uint32_t bits = little_endian(bytes.data() + header_bytes + count_bytes + triangle_bytes * t + 4 * k);
      float value;
      std::memcpy(&value, &bits, sizeof value);
      if (!std::isfinite(value))
        fail_stl(path, fmt::format("triangle {} has a corner that is not finite", t + 1), export_again);
      corners.push_back(decimal(value));
    }
  return corners;
}

// Some binary files begin with the word as well; their bytes do not.
bool is_ascii(std::string_view bytes) {
  const std::size_t begin = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
  if (!same_word(bytes.substr(begin, 5), "solid")) return false;
  const bool counted = bytes.size() >= header_bytes + count_bytes && bytes.size() == binary_size(bytes);
  return !counted && bytes.substr(0, 1000).find('\0') == std::string_view::npos;
}

}  // namespace

std::vector<double> parse_stl(std::string_view bytes, const std::string& path) {
  return is_ascii(bytes) ? AsciiStl(bytes, path).corners() : binary_corners(bytes, path);
}

std::vector<double> read_stl(const std::string& path) {
  return parse_stl(read_whole_file(path, "triangles (STL)", 8, "make the surface coarser"), path);
}

}  // namespace jetpinn
