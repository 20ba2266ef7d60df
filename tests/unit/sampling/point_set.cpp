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
  const TermPoints piece = piece_of(points, 1, 2);
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
  EXPECT_EQ(piece.data_columns, 3);
  EXPECT_EQ(piece.data, (std::vector<double>{51, 52, 61, 62, 71, 72}));
  EXPECT_EQ(piece_of(points, 4, 0).coordinates.size(), 0u);
}

}  // namespace
}  // namespace jetpinn
