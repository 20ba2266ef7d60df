// Where the domain is cut for pictures: lines and planes in it, with an even grid of points on each.
#pragma once

#include "jetpinn/problem/problem.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct Slice {
  std::vector<int> axes;             // the one or two coordinates that vary; the first points to the right
  std::vector<double> low, high;     // [dimensions] of those that vary
  std::vector<double> fixed;         // [dimensions] values of the others
  std::int64_t count = 0;            // points along each axis

  bool line() const { return axes.size() == 1; }
  std::int64_t rows() const { return line() ? count : count * count; }
  double at(int axis, std::int64_t i) const;   // place of node i along axes[axis]
  // [dimensions * rows], coordinate by coordinate; the first axis varies fastest.
  std::vector<double> coordinates() const;
};

// The picture or the curve of the whole domain: one coordinate is a line, two are a plane. Of three or more: time and two
// others, the plane of those at four times; else planes through the middle, of the first three coordinates in pairs, at
// the last time where there is one.
std::vector<Slice> domain_slices(const Problem& problem);

// For time and one other coordinate: lines along it at five times.
std::vector<Slice> time_lines(const Problem& problem);

// A flat piece of a region where it is a line or a plane, else its first two free coordinates through the middle of the
// others; count 0: it is a point.
Slice piece_slice(const Piece& piece);

// "t = 0.5, z = 0": the coordinates that are fixed; a long list ends in "...".
std::string where_text(const Problem& problem, const Slice& slice);

}  // namespace jetpinn
