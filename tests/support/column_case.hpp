// Columns whose rows the ranks share, for the tests of states and checkpoints. A value tells its column and its row.
#pragma once

#include "jetpinn/base/state.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn::testing {

// The blocks of `rows` rows that belong to a rank when the ranks take turns, a run of `run` blocks each.
inline std::vector<Block> blocks_in_turns(std::int64_t rows, int rank, int ranks, std::int64_t run = 1) {
  std::vector<Block> blocks;
  for (std::int64_t first = 0, k = 0; first < rows; first += block_points, ++k)
    if (k / run % ranks == rank) blocks.push_back({first, std::min(block_points, rows - first)});
  return blocks;
}

// Two columns over one set of rows, and an empty one. Different seeds: different values; some of them are awkward.
struct ColumnCase {
  ColumnCase(int seed, std::int64_t rows, std::vector<Block> own) : rows(rows), blocks(std::move(own)) {
    for (int c = 0; c < 2; ++c)
      for (const Block& block : blocks)
        for (std::int64_t row = block.first; row < block.first + block.count; ++row)
          columns[c].push_back(value(seed, c, row));
  }

  static double value(int seed, int column, std::int64_t row) {
    if (row % 1000 == 17) return -0.0;
    if (row % 1000 == 18) return std::ldexp(1.0 + seed, -1060);
    if (row % 1000 == 19) return std::numeric_limits<double>::infinity();
    return static_cast<double>(seed + 1) / static_cast<double>(3 * row + column + 1);
  }

  State state() {
    return {{"points/heat/x", SharedColumn{&blocks, rows, columns[0].data()}},
            {"points/heat/y", SharedColumn{&blocks, rows, columns[1].data()}},
            {"points/none/x", SharedColumn{&none, 0, nullptr}}};
  }
  void forget() {
    for (auto& column : columns) std::fill(column.begin(), column.end(), std::nan(""));
  }
  // The first row that does not hold what a case of this seed holds, or -1.
  std::int64_t first_wrong(int seed) const {
    std::size_t at = 0;
    for (const Block& block : blocks)
      for (std::int64_t row = block.first; row < block.first + block.count; ++row, ++at)
        for (int c = 0; c < 2; ++c) {
          const double wanted = value(seed, c, row);
          if (columns[c][at] != wanted || std::signbit(columns[c][at]) != std::signbit(wanted)) return row;
        }
    return -1;
  }

  std::int64_t rows;
  std::vector<Block> blocks, none;
  std::vector<double> columns[2];   // [rows of the blocks]
};

}  // namespace jetpinn::testing
