// The sum by way of the first ranks of nodes. Nodes are simulated: so many ranks in their order count as one. What every
// kind of sum promises is in gradient_sync.cpp.
#include "jetpinn/comm/hierarchical_sync.hpp"

#include "jetpinn/base/error.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace jetpinn {
namespace {

using test::world;

std::unique_ptr<GradientSync> sync_of(int node_ranks, std::int64_t piece = std::int64_t{1} << 27) {
  GradientSyncOptions options;
  options.kind = GradientSyncKind::hierarchical;
  options.node_ranks = node_ranks;
  options.piece = piece;
  return make_hierarchical_sync(world(), options);
}

template <class T>
void sum(GradientSync& sync, std::vector<T>& buffer) {
  sync.start(Stream{}, buffer.data(), static_cast<std::int64_t>(buffer.size()));
  sync.wait(Stream{}, 60);
}

// 1 on rank 0 and half an epsilon on the others: what remains of them depends on which ones meet first.
double half_epsilon_entry(int rank) { return rank == 0 ? 1 : 0x1p-53; }

TEST(HierarchicalSync, RanksOfANodeAreSummedBeforeNodes) {
  std::vector<double> buffer(70, half_epsilon_entry(world().rank()));
  sum(*sync_of(2), buffer);
  // Pairs have one order; up to four ranks make one or two of them.
  double expected = 0;
  for (int first = 0; first < world().size(); first += 2)
    expected += half_epsilon_entry(first) + (first + 1 < world().size() ? half_epsilon_entry(first + 1) : 0);
  EXPECT_EQ(buffer, std::vector<double>(70, expected));
}

// Nodes of one rank, of all, uneven ones and one that would have room for more; in pieces, the last of which is short.
TEST(HierarchicalSync, EveryRankOfEveryNodeCountsOnce) {
  const int size = world().size();
  for (int node_ranks = 1; node_ranks <= size + 1; ++node_ranks) {
    for (const std::int64_t piece : {7, 64}) {
      std::vector<std::int64_t> buffer(100), expected(100);
      for (std::size_t i = 0; i < buffer.size(); ++i) {
        const auto entry = [&](int rank) { return static_cast<std::int64_t>(i) * 1000 + (std::int64_t{1} << (8 * rank)); };
        buffer[i] = entry(world().rank());
        for (int rank = 0; rank < size; ++rank) expected[i] += entry(rank);
      }
      sum(*sync_of(node_ranks, piece), buffer);
      EXPECT_EQ(buffer, expected) << "nodes of " << node_ranks << " ranks, pieces of " << piece;
    }
  }
}

// All ranks of a test are on one machine: by the memory that they share they are one node.
TEST(HierarchicalSync, RanksThatShareMemoryAreANode) {
  std::vector<double> shared(33), told(33);
  for (std::size_t i = 0; i < shared.size(); ++i)
    shared[i] = told[i] = std::sin(static_cast<double>(i) + 0.1 * world().rank());
  sum(*sync_of(0), shared);
  sum(*sync_of(world().size()), told);
  EXPECT_EQ(shared, told);
}

// Sums by nodes of different sizes go different ways, which do not meet.
TEST(HierarchicalSync, SumsOfDifferentNodesMayBeOnTheirWayTogether) {
  const auto one = sync_of(1, 5), two = sync_of(2, 5), three = sync_of(3, 5);
  std::vector<std::vector<std::int64_t>> buffers;
  for (std::int64_t k = 0; k < 3; ++k) buffers.emplace_back(23, 100 * k + world().rank());
  one->start(Stream{}, buffers[0].data(), 23);
  two->start(Stream{}, buffers[1].data(), 23);
  three->start(Stream{}, buffers[2].data(), 23);
  two->progress();
  three->wait(Stream{}, 60);
  one->wait(Stream{}, 60);
  two->wait(Stream{}, 60);
  const int size = world().size();
  for (std::int64_t k = 0; k < 3; ++k)
    EXPECT_EQ(buffers[static_cast<std::size_t>(k)], std::vector<std::int64_t>(23, size * 100 * k + size * (size - 1) / 2))
        << k;
}

TEST(HierarchicalSync, NoNodeHasANegativeNumberOfRanks) { EXPECT_THROW(sync_of(-1), Error); }

}  // namespace
}  // namespace jetpinn
