#include "jetpinn/sampling/sampler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace jetpinn {
namespace {

struct Loads {
  double largest = 0, total = 0, largest_block = 0;
};

// Checks that the ranks hold every point of every term once, in order and in whole blocks.
Loads check_dealt(const std::vector<std::int64_t>& counts, const std::vector<double>& cost, int ranks,
                  decltype(deal_blocks)* deal = deal_blocks) {
  const auto dealt = deal(counts, cost, ranks);
  EXPECT_EQ(dealt.size(), static_cast<std::size_t>(ranks));
  Loads loads;
  std::vector<std::int64_t> next(counts.size());
  for (const auto& rank : dealt) {
    EXPECT_EQ(rank.size(), counts.size());
    double load = 0;
    for (std::size_t t = 0; t < counts.size(); ++t) {
      for (const Block& block : rank[t]) {
        EXPECT_EQ(block.first, next[t]);
        EXPECT_TRUE(block.count == block_points || block.first + block.count == counts[t]);
        EXPECT_GT(block.count, 0);
        next[t] += block.count;
        load += cost[t] * static_cast<double>(block.count);
        loads.largest_block = std::max(loads.largest_block, cost[t] * static_cast<double>(block.count));
      }
    }
    loads.largest = std::max(loads.largest, load);
    loads.total += load;
  }
  EXPECT_EQ(next, counts);
  return loads;
}

TEST(DealBlocks, EveryBlockOnceAndLoadsWithinABlock) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<std::int64_t> counts(1 + random() % 4);
    std::vector<double> cost(counts.size());
    for (auto& count : counts) count = 1 + random() % 5000;
    for (auto& c : cost) c = 1 + random() % 100;
    const int ranks = 1 + static_cast<int>(random() % 9);
    const Loads loads = check_dealt(counts, cost, ranks);
    EXPECT_LE(loads.largest, loads.total / ranks + loads.largest_block);
  }
}

TEST(DealBlocks, EvenWorkIsEvenlyDealt) {
  EXPECT_EQ(check_dealt({block_points * 40}, {3}, 4).largest, block_points * 30);
  // 40 blocks (the last of 16 points) and two short terms on two ranks: half a block off at most.
  const Loads loads = check_dealt({10000, 400, 400}, {9, 3, 3}, 2);
  EXPECT_LE(loads.largest, loads.total / 2 + loads.largest_block / 2);
}

TEST(DealBlocks, MoreRanksThanBlocksLeavesSomeIdle) {
  const auto dealt = deal_blocks({300, 10}, {1, 1}, 7);
  int busy = 0;
  for (const auto& rank : dealt) busy += !rank[0].empty() || !rank[1].empty();
  EXPECT_GE(busy, 2);
  EXPECT_LE(busy, 3);
  EXPECT_EQ(check_dealt({300, 10}, {1, 1}, 7).largest, 256);
}

// Whatever share of its points each term has in a step, no rank has more than a block of each term above the mean.
TEST(DealBlocks, EachTermByItself) {
  std::mt19937 random(2);
  for (int trial = 0; trial < 100; ++trial) {
    std::vector<std::int64_t> counts(1 + random() % 4);
    std::vector<double> cost(counts.size());
    for (auto& count : counts) count = 1 + random() % 5000;
    for (auto& c : cost) c = 1 + random() % 100;
    const int ranks = 1 + static_cast<int>(random() % 9);
    check_dealt(counts, cost, ranks, deal_each_term);
    std::vector<std::size_t> least(counts.size(), 1000), most(counts.size());
    for (const auto& rank : deal_each_term(counts, cost, ranks))
      for (std::size_t t = 0; t < counts.size(); ++t) {
        least[t] = std::min(least[t], rank[t].size());
        most[t] = std::max(most[t], rank[t].size());
      }
    for (std::size_t t = 0; t < counts.size(); ++t) EXPECT_LE(most[t] - least[t], 1u);
  }
  // Short terms go to different ranks.
  const auto dealt = deal_each_term({2560, 100, 100}, {1, 1, 1}, 2);
  EXPECT_NE(dealt[0][1].size(), dealt[0][2].size());
}

// A rank has its share of each term by its speed, or more where blocks are left over, and every block is some rank's.
TEST(DealBlocks, BySpeed) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 100; ++trial) {
    std::vector<std::int64_t> counts(1 + random() % 4);
    std::vector<double> cost(counts.size()), speeds(1 + random() % 7);
    for (auto& count : counts) count = 1 + random() % 20000;
    for (auto& c : cost) c = 1 + random() % 100;
    for (auto& speed : speeds) speed = 0.1 + 0.01 * (random() % 300);
    double sum = 0;
    for (const double speed : speeds) sum += speed;
    const auto dealt = deal_by_speed(counts, cost, speeds);
    ASSERT_EQ(dealt.size(), speeds.size());
    for (std::size_t t = 0; t < counts.size(); ++t) {
      std::int64_t next = 0;
      const double blocks = static_cast<double>((counts[t] + block_points - 1) / block_points);
      for (std::size_t r = 0; r < speeds.size(); ++r) {
        EXPECT_GT(static_cast<double>(dealt[r][t].size()), blocks * speeds[r] / sum - 1 - 1e-9);
        EXPECT_LE(static_cast<double>(dealt[r][t].size()), blocks * speeds[r] / sum + static_cast<double>(speeds.size()));
        for (const Block& block : dealt[r][t]) {
          EXPECT_EQ(block.first, next);
          next += block.count;
        }
      }
      EXPECT_EQ(next, counts[t]);
    }
  }
  const auto dealt = deal_by_speed({40 * block_points}, {2}, {3, 1});
  EXPECT_EQ(dealt[0][0].size(), 30u);
  EXPECT_EQ(dealt[1][0].size(), 10u);
}

}  // namespace
}  // namespace jetpinn
