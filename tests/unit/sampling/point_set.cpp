#include "jetpinn/sampling/point_set.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(PointSet, APieceHasAllColumns) {
  TermPoints points;
  points.dimensions = 2;
  points.global_count = 900;
  points.local_count = 4;
  points.blocks = {{256, 4}};
  points.coordinates = {0, 1, 2, 3, 10, 11, 12, 13};
  points.weight_columns = 1;
  points.weight = {20, 21, 22, 23};
  points.attribute_columns = 2;
  points.attributes = {30, 31, 32, 33, 40, 41, 42, 43};
  points.data_columns = 3;
  points.data = {50, 51, 52, 53, 60, 61, 62, 63, 70, 71, 72, 73};
  points.term_weight = 3;
  points.point_weight = {80, 81, 82, 83};
  const TermPoints piece = piece_of(points, 1, 2);
  EXPECT_EQ(piece.term_weight, 3);
  EXPECT_EQ(piece.point_weight, (std::vector<double>{81, 82}));
  EXPECT_EQ(piece.own_weight_at(1, 0), 21);
  EXPECT_EQ(piece.weight_at(1, 0), 21 * 3 * 81);
  EXPECT_EQ(piece.dimensions, 2);
  EXPECT_EQ(piece.global_count, 900);
  EXPECT_EQ(piece.local_count, 2);
  ASSERT_EQ(piece.blocks.size(), 1u);
  EXPECT_EQ(piece.blocks[0].count, 2);
  EXPECT_EQ(piece.coordinates, (std::vector<double>{1, 2, 11, 12}));
  EXPECT_EQ(piece.weight_columns, 1);
  EXPECT_EQ(piece.weight, (std::vector<double>{21, 22}));
  EXPECT_EQ(piece.attribute_columns, 2);
  EXPECT_EQ(piece.attributes, (std::vector<double>{31, 32, 41, 42}));
  EXPECT_EQ(attributes_of(piece, 1), (std::vector<double>{32, 42}));
  EXPECT_EQ(piece.data_columns, 3);
  EXPECT_EQ(piece.data, (std::vector<double>{51, 52, 61, 62, 71, 72}));
  EXPECT_EQ(piece_of(points, 4, 0).coordinates.size(), 0u);
}

// Ranks hold blocks 1, 2 and 4 of five; a batch is of blocks 0, 2 and 4, the last of 3 points.
TEST(PointSet, PointsOfBlocksAreThoseThatARankHolds) {
  TermPoints points;
  points.dimensions = 2;
  points.global_count = 4 * block_points + 3;
  points.blocks = {{block_points, block_points}, {2 * block_points, block_points}, {4 * block_points, 3}};
  points.local_count = rows_of(points.blocks);
  points.weight_columns = 1;
  for (const int column : {0, 1, 2})
    for (const Block& block : points.blocks)
      for (std::int64_t i = block.first; i < block.first + block.count; ++i)
        (column < 2 ? points.coordinates : points.weight).push_back(static_cast<double>(10000 * column + i));
  points.second = points.coordinates;
  const std::vector<Block> batch = {{0, block_points}, {2 * block_points, block_points}, {4 * block_points, 3}};
  const TermPoints some = points_of_blocks(points, batch);
  EXPECT_EQ(some.global_count, 2 * block_points + 3);
  EXPECT_EQ(some.local_count, block_points + 3);
  ASSERT_EQ(some.blocks.size(), 2u);
  EXPECT_EQ(some.blocks[0].first, 2 * block_points);
  EXPECT_EQ(some.blocks[1].count, 3);
  for (std::int64_t i = 0; i < some.local_count; ++i) {
    const double row = static_cast<double>(i < block_points ? 2 * block_points + i : 3 * block_points + i);
    EXPECT_EQ(some.coordinate(0)[i], row);
    EXPECT_EQ(some.coordinate(1)[i], 10000 + row);
    EXPECT_EQ(some.weight[static_cast<std::size_t>(i)], 20000 + row);
  }
  EXPECT_EQ(some.second, some.coordinates);
  EXPECT_EQ(points_of_blocks(points, {{0, block_points}}).local_count, 0);
}

}  // namespace
}  // namespace jetpinn
