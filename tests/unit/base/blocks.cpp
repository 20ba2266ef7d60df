#include "jetpinn/base/blocks.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

std::vector<std::vector<std::int64_t>> listed(const std::vector<Block>& blocks) {
  std::vector<std::vector<std::int64_t>> list;
  for (const Block& block : blocks) list.push_back({block.first, block.count});
  return list;
}

TEST(Blocks, NeighboursAreJoinedUpToALimit) {
  const std::vector<Block> blocks = {{0, 256}, {256, 256}, {512, 256}, {1024, 256}, {1280, 7}};
  EXPECT_EQ(rows_of(blocks), 4 * 256 + 7);
  using Runs = std::vector<std::vector<std::int64_t>>;
  EXPECT_EQ(listed(joined_blocks(blocks, 100000)), (Runs{{0, 768}, {1024, 263}}));
  EXPECT_EQ(listed(joined_blocks(blocks, 512)), (Runs{{0, 512}, {512, 256}, {1024, 263}}));
  EXPECT_EQ(listed(joined_blocks(blocks, 256)), (Runs{{0, 256}, {256, 256}, {512, 256}, {1024, 256}, {1280, 7}}));
  EXPECT_EQ(listed(joined_blocks({}, 512)), Runs{});
}

TEST(Blocks, SharesCoverAllRowsAndDifferByOneAtMost) {
  for (const std::int64_t rows : {0, 1, 5, 12, 1001})
    for (int ranks = 1; ranks < 8; ++ranks) {
      std::int64_t next = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        const RowRange share = share_rows(rows, rank, ranks);
        EXPECT_EQ(share.begin, next);
        EXPECT_TRUE(share.count() == rows / ranks || share.count() == rows / ranks + 1);
        next = share.end;
      }
      EXPECT_EQ(next, rows);
    }
}

}  // namespace
}  // namespace jetpinn
