#include "jetpinn/classify/image_batches.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace jetpinn {
namespace {

std::vector<std::int64_t> images_of_epoch(const ImageBatches& batches, std::int64_t epoch) {
  std::vector<std::int64_t> all;
  for (std::int64_t step = epoch * batches.steps_of_epoch(); batches.epoch_of(step) == epoch; ++step) {
    const std::vector<std::int64_t> images = batches.images_of(step);
    all.insert(all.end(), images.begin(), images.end());
  }
  return all;
}

TEST(ImageBatches, AnEpochHasEachImageOnceInAnOrderOfItsOwn) {
  const ImageBatches batches(103, 10, 4);
  EXPECT_EQ(batches.steps_of_epoch(), 11);
  EXPECT_EQ(batches.images_of(10).size(), 3u);
  std::vector<std::int64_t> first = images_of_epoch(batches, 0), second = images_of_epoch(batches, 1), sorted = first;
  EXPECT_NE(first, second);
  EXPECT_NE(first, images_of_epoch(ImageBatches(103, 10, 5), 0));
  std::vector<std::int64_t> all(103);
  std::iota(all.begin(), all.end(), 0);
  std::sort(sorted.begin(), sorted.end());
  std::sort(second.begin(), second.end());
  EXPECT_EQ(sorted, all);
  EXPECT_EQ(second, all);
}

TEST(ImageBatches, EpochsEndBehindTheirLastStep) {
  const ImageBatches batches(103, 10, 4);
  EXPECT_FALSE(batches.ends_epoch(0));
  EXPECT_FALSE(batches.ends_epoch(10));
  EXPECT_TRUE(batches.ends_epoch(11));
  EXPECT_TRUE(batches.ends_epoch(22));
}

TEST(ImageBatches, RanksShareTheBlocksOfAStep) {
  for (const int ranks : {1, 2, 3, 5}) {
    std::int64_t next = 0;
    for (int rank = 0; rank < ranks; ++rank)
      for (const Block& block : blocks_of_rank(103, 32, rank, ranks)) {
        EXPECT_EQ(block.first, next);
        EXPECT_EQ(block.first % 32, 0);
        next += block.count;
      }
    EXPECT_EQ(next, 103);
  }
}

}  // namespace
}  // namespace jetpinn
