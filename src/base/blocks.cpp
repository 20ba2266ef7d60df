#include "jetpinn/base/blocks.hpp"

#include <algorithm>

namespace jetpinn {

std::int64_t rows_of(const std::vector<Block>& blocks) {
  std::int64_t rows = 0;
  for (const Block& block : blocks) rows += block.count;
  return rows;
}

std::vector<Block> joined_blocks(const std::vector<Block>& blocks, std::int64_t most) {
  std::vector<Block> runs;
  for (const Block& block : blocks) {
    const bool follows = !runs.empty() && runs.back().first + runs.back().count == block.first;
    if (follows && runs.back().count + block.count <= most) runs.back().count += block.count;
    else runs.push_back(block);
  }
  return runs;
}

RowRange share_rows(std::int64_t rows, int rank, int ranks) {
  const std::int64_t share = rows / ranks, more = rows % ranks;   // the first `more` ranks take one row more
  const auto begin = [&](std::int64_t r) { return r * share + std::min(r, more); };
  return {begin(rank), begin(rank + 1)};
}

}  // namespace jetpinn
