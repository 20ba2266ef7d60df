// Values on a grid, from the order in which a table holds them to the order in which files want them.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace jetpinn {

// One direction of the grid. A table of such a grid varies fastest along the last of its axes.
struct ReorderAxis {
  std::int64_t count = 1;
  std::int64_t step = 0;    // between neighbours in the file, in values; 1: the file varies fastest along this axis
  bool reversed = false;    // the file begins with the last one
  bool frame = false;       // each place along this axis is a file of its own, `step` is unused
};

// of the table
using ReadRows = std::function<void(std::int64_t first, std::int64_t count, double* out)>;
// into a file
using WriteRun = std::function<void(std::int64_t frame, std::int64_t first, std::int64_t count, const double* values)>;

// Moves every value once, in boxes of at most `box_values`: long runs of the table are read, long
// runs of the files are written.
void reorder(const std::vector<ReorderAxis>& axes, const ReadRows& read, const WriteRun& write,
             std::int64_t box_values = std::int64_t{1} << 22);

}  // namespace jetpinn
