#include "jetpinn/sampling/joined_points.hpp"

#include "jetpinn/sampling/sampler.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace jetpinn {
namespace {

using test::world;

// A rank's points whose columns all tell the number of the point: column k of point n is n + k / 10.
TermPoints numbered(std::int64_t first, std::int64_t count, bool second) {
  TermPoints points;
  points.dimensions = 2;
  points.local_count = count;
  points.blocks = {{first, count}};
  points.weight_columns = 1;
  points.attribute_columns = 2;
  points.data_columns = 1;
  double column = 0;
  const auto fill = [&](int columns) {
    std::vector<double> values;
    for (int k = 0; k < columns; ++k, ++column)
      for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<double>(first + i) + column / 10);
    return values;
  };
  points.coordinates = fill(2);
  points.weight = fill(1);
  points.attributes = fill(2);
  points.data = fill(1);
  if (second) points.second = fill(2);
  return points;
}

void expect_numbered(const TermPoints& points, std::int64_t i, std::int64_t number) {
  const auto at = [&](const std::vector<double>& values, int k) {
    return values[static_cast<std::size_t>(k * points.local_count + i)];
  };
  const auto n = static_cast<double>(number);
  EXPECT_EQ(at(points.coordinates, 0), n);
  EXPECT_EQ(at(points.coordinates, 1), n + 0.1);
  EXPECT_EQ(at(points.weight, 0), n + 0.2);
  EXPECT_EQ(at(points.attributes, 1), n + 0.4);
  EXPECT_EQ(at(points.data, 0), n + 0.5);
  if (!points.second.empty()) {
    EXPECT_EQ(at(points.second, 1), n + 0.7);
  }
}

// Two parts, of which ranks hold unlike shares and some nothing: numbers 0 .. a - 1, then 10000 and on.
TEST(JoinedPoints, PartsFollowOneAnotherInTheOrderOfRanks) {
  const int rank = world().rank(), ranks = world().size();
  for (const bool second : {false, true}) {
    const auto first_of = [](int r) { return std::int64_t{100} * r * (r + 1) / 2; };  // shares of 100, 200, ...
    const std::int64_t kept = first_of(ranks), own = first_of(rank + 1) - first_of(rank);
    const std::int64_t added = 700, mine = rank == ranks - 1 ? added : 0;  // all on the last rank
    const auto blocks = deal_blocks({kept + added}, {1}, ranks);
    std::vector<std::vector<Block>> of_ranks;
    for (const auto& of_rank : blocks) of_ranks.push_back(of_rank[0]);
    const TermPoints joined =
        join_points(world(), {numbered(first_of(rank), own, second), numbered(10000, mine, second)}, of_ranks);
    EXPECT_EQ(joined.global_count, kept + added);
    EXPECT_EQ(joined.second.empty(), !second || joined.local_count == 0);
    std::int64_t i = 0;
    for (const Block& block : of_ranks[static_cast<std::size_t>(rank)])
      for (std::int64_t place = block.first; place < block.first + block.count; ++place, ++i)
        expect_numbered(joined, i, place < kept ? place : 10000 + place - kept);
    EXPECT_EQ(i, joined.local_count);
  }
}

}  // namespace
}  // namespace jetpinn
