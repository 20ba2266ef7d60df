#include "jetpinn/sampling/block_batches.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace jetpinn {
namespace {

std::vector<std::int64_t> firsts(const BlockBatches& batches, std::int64_t step) {
  std::vector<std::int64_t> list;
  for (const Block& block : batches.blocks(step)) list.push_back(block.first);
  return list;
}

TEST(BlockBatches, AnEpochHasEveryBlockOnce) {
  for (const std::int64_t count : {1, 256, 257, 300, 2560, 10000, 25613})
    for (const std::int64_t wanted : {1, 256, 300, 1000, 4096, 20000}) {
      const BlockBatches batches(count, wanted, 3, 1);
      for (const std::int64_t epoch : {0, 1, 7}) {
        std::set<std::int64_t> seen;
        std::int64_t points = 0;
        std::size_t least = 1000, most = 0;
        for (std::int64_t step = epoch * batches.number(); step < (epoch + 1) * batches.number(); ++step) {
          const std::vector<Block> taken = batches.blocks(step);
          least = std::min(least, taken.size()), most = std::max(most, taken.size());
          EXPECT_LE(rows_of(taken), batches.largest());
          for (std::size_t b = 0; b < taken.size(); ++b) {
            EXPECT_EQ(taken[b].first % block_points, 0);
            EXPECT_EQ(taken[b].count, std::min(block_points, count - taken[b].first));
            EXPECT_TRUE(b == 0 || taken[b - 1].first < taken[b].first) << "ascending";
            seen.insert(taken[b].first);
            points += taken[b].count;
          }
        }
        EXPECT_EQ(points, count) << wanted;
        EXPECT_EQ(static_cast<std::int64_t>(seen.size()), (count + block_points - 1) / block_points);
        EXPECT_GT(least, 0u);
        EXPECT_LE(most - least, 1u);
      }
    }
}

TEST(BlockBatches, HaveAboutAsManyPointsAsWanted) {
  const BlockBatches batches(10000, 1000, 0, 0);  // 40 blocks, 4 in a batch
  EXPECT_EQ(batches.number(), 10);
  EXPECT_EQ(batches.largest(), 1024);
  EXPECT_EQ(BlockBatches(10000, 1, 0, 0).number(), 40);
  EXPECT_EQ(BlockBatches(10000, 9000, 0, 0).number(), 2);  // not 36 and 4 blocks: batches are of equal size
  for (const std::int64_t wanted : {0, 9985, 10000, 1000000}) {
    const BlockBatches all(10000, wanted, 0, 0);
    EXPECT_EQ(all.number(), 1) << wanted;
    EXPECT_EQ(all.largest(), 10000);
    EXPECT_EQ(rows_of(all.blocks(17)), 10000);
  }
}

// A batch is spread over the set: one block of each run of neighbours.
TEST(BlockBatches, TakeOneBlockOfEachRun) {
  const BlockBatches batches(40 * block_points, 8 * block_points, 5, 0);
  for (std::int64_t step = 0; step < 20; ++step) {
    const std::vector<std::int64_t> taken = firsts(batches, step);
    ASSERT_EQ(taken.size(), 8u);
    for (std::size_t run = 0; run < 8; ++run)
      EXPECT_EQ(taken[run] / (5 * block_points), static_cast<std::int64_t>(run)) << step;
  }
}

TEST(BlockBatches, AreOtherOnesForEverySeedTermAndEpoch) {
  const auto epoch_of = [](std::uint64_t seed, std::uint32_t term, std::int64_t epoch) {
    const BlockBatches batches(64 * block_points, 8 * block_points, seed, term);
    std::vector<std::int64_t> all;
    for (std::int64_t step = 0; step < 8; ++step)
      for (const std::int64_t first : firsts(batches, epoch * 8 + step)) all.push_back(first);
    return all;
  };
  const std::set<std::vector<std::int64_t>> orders = {epoch_of(0, 0, 0), epoch_of(0, 0, 1), epoch_of(0, 1, 0),
                                                      epoch_of(1, 0, 0), epoch_of(0, 0, 2)};
  EXPECT_EQ(orders.size(), 5u);
  EXPECT_EQ(epoch_of(4, 2, 9), epoch_of(4, 2, 9));
}

// Runs are shuffled apart: blocks that meet in one epoch do not in all of them.
TEST(BlockBatches, MixTheirBlocks) {
  const BlockBatches batches(32 * block_points, 8 * block_points, 0, 0);
  std::map<std::int64_t, int> with_first;  // the block of the second run beside block 0
  for (std::int64_t step = 0; step < 400; ++step)
    if (const std::vector<std::int64_t> taken = firsts(batches, step); taken[0] == 0) ++with_first[taken[1]];
  ASSERT_EQ(with_first.size(), 4u);
  for (const auto& [block, times] : with_first) EXPECT_NEAR(times, 25, 5 * 4.4) << block;  // five standard deviations
}

}  // namespace
}  // namespace jetpinn
