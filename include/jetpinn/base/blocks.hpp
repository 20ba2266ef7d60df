// Rows shared by ranks: in whole blocks, each of them one rank's, or in ranges of about equal length.
#pragma once

#include "jetpinn/base/types.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// A run of consecutive rows of a set, such as the points of one term.
struct Block {
  std::int64_t first = 0;   // global index of its first row
  std::int64_t count = 0;   // <= block_points
};

std::int64_t rows_of(const std::vector<Block>& blocks);

// Neighbouring blocks joined to runs that hold at most `most` rows, in the order of `blocks`. most >= block_points.
std::vector<Block> joined_blocks(const std::vector<Block>& blocks, std::int64_t most);

// Rows of `rows` that rank `rank` of `ranks` takes: [begin, end), shares differ by at most one.
struct RowRange {
  std::int64_t begin = 0, end = 0;
  std::int64_t count() const { return end - begin; }
};
RowRange share_rows(std::int64_t rows, int rank, int ranks);

}  // namespace jetpinn
