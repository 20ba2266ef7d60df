// Evenly spaced points for predictions: "t=0:1:101,x=-1:1:201".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

struct GridAxis {
  int coordinate = 0;
  double first = 0, last = 0;   // both included
  std::int64_t count = 1;
  double at(std::int64_t i) const;
};

// The axes in the order of the text: the first one varies slowest, like numpy.meshgrid(..., indexing="ij").
struct PointGrid {
  std::vector<GridAxis> axes;
  std::int64_t rows() const;
  // Rows first .. first + count - 1 to out[coordinate * stride + i].
  void generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const;
};

// Each coordinate once, as name=first:last:count or name=value; numbers may be constant expressions
// ("0:2*pi:65"). held: axes of one value that are given elsewhere, parameters among the coordinates; they come last.
// parameters: how many of the coordinates, the last ones, are parameters. Throws Error (usage).
PointGrid parse_grid(const std::string& text, const std::vector<std::string>& coordinates,
                     const std::map<std::string, double>& constants, const std::vector<GridAxis>& held = {},
                     int parameters = 0);

// "u, d(u*u, x)" at its top-level commas, without surrounding blanks. Throws Error (usage) for empty
// entries and unbalanced brackets.
std::vector<std::string> split_list(const std::string& text, const std::string& option);

}  // namespace jetpinn
