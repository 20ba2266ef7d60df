#include "jetpinn/sampling/stored_points.hpp"

#include "support/column_case.hpp"
#include "support/expect_error.hpp"
#include "support/stored_case.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace jetpinn {
namespace {

using testing::expect_error;

class Stored : public ::testing::Test {
 protected:
  const testing::TemporaryFolder folder_;
  const std::string file_ = folder_.file("set.h5");
  PointTable table_ = testing::stored_table();

  StoredPoints points() const {
    write_point_table(file_, table_);
    return StoredPoints(testing::stored_options(file_), {"t", "x"});
  }
  static TermPoints filled(const PointSource& source, std::vector<Block> blocks) {
    TermPoints points = make_room(2, source.columns(), source.count(), std::move(blocks));
    source.fill(points);
    return points;
  }
};

TEST_F(Stored, EveryColumnGoesToItsPlaceWhateverTheBlocks) {
  const StoredPoints source = points();
  EXPECT_EQ(source.count(), testing::stored_rows);
  EXPECT_TRUE(source.columns().weight);
  EXPECT_EQ(source.columns().attributes, (std::vector<std::string>{"normal_t", "normal_x", "signed_distance"}));
  EXPECT_EQ(source.columns().data, (std::vector<std::string>{"u", "su"}));
  for (int ranks = 1; ranks <= 3; ++ranks)
    for (int rank = 0; rank < ranks; ++rank) {
      const std::vector<Block> blocks = testing::blocks_in_turns(testing::stored_rows, rank, ranks);
      const TermPoints own = filled(source, blocks);
      EXPECT_EQ(own.local_count, rows_of(blocks));
      const auto of = [&](const std::vector<double>& values, int k) { return values.data() + k * own.local_count; };
      const std::vector<const double*> columns = {own.coordinate(0),     own.coordinate(1),     own.weight.data(),
                                                  of(own.attributes, 0), of(own.attributes, 1), of(own.attributes, 2),
                                                  of(own.data, 0),       of(own.data, 1)};
      std::int64_t i = 0;
      for (const Block& block : blocks)
        for (std::int64_t row = block.first; row < block.first + block.count; ++row, ++i)
          for (std::size_t c = 0; c < table_.names.size(); ++c)
            ASSERT_EQ(columns[c][i], table_.columns[c][static_cast<std::size_t>(row)]) << table_.names[c] << " " << row;
    }
}

TEST_F(Stored, SomeRowsAreItsPoints) {
  write_point_table(file_, table_);
  StoredPointsOptions options = testing::stored_options(file_);
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 1; row < testing::stored_rows; row += row % 7 == 0 ? 40 : 1) rows.push_back(row);
  options.rows = std::make_shared<const std::vector<std::int64_t>>(rows);
  options.lower = {0, -0.5}, options.upper = {1, 0.5};
  const StoredPoints source(options, {"t", "x"});
  ASSERT_EQ(source.count(), static_cast<std::int64_t>(rows.size()));
  for (int rank : {0, 1}) {
    const std::vector<Block> blocks = testing::blocks_in_turns(source.count(), rank, 2);
    const TermPoints own = filled(source, blocks);
    std::size_t i = 0;
    for (const Block& block : blocks)
      for (std::int64_t point = block.first; point < block.first + block.count; ++point, ++i) {
        const auto row = static_cast<std::size_t>(rows[static_cast<std::size_t>(point)]);
        ASSERT_EQ(own.coordinate(1)[i], std::clamp(table_.column("x")[row], -0.5, 0.5)) << row;
        ASSERT_EQ(own.data[i], table_.column("measured")[row]) << row;
        ASSERT_EQ(own.weight[i], table_.column("w")[row]) << row;
      }
  }
}

TEST_F(Stored, AnyCoordinatesMayBeAskedFor) {
  const StoredPoints source = points();
  std::vector<double> out(2 * 10, -7);
  source.generate(300, 5, out.data(), 10);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(out[10 + i], table_.column("x")[300 + i]);
  EXPECT_EQ(out[15], -7) << "what is not asked for stays";
}

TEST_F(Stored, WhatIsNotAskedForTakesNoMemory) {
  write_point_table(file_, table_);
  const StoredPoints source({file_, "", {}, {{"u", "measured"}}}, {"t", "x"});
  const TermPoints own = filled(source, testing::blocks_in_turns(testing::stored_rows, 0, 1));
  EXPECT_EQ(own.weight_columns, 0);
  EXPECT_TRUE(own.weight.empty());
  EXPECT_EQ(own.attribute_columns, 0);
  EXPECT_TRUE(own.attributes.empty());
  EXPECT_EQ(own.data_columns, 1);
}

TEST_F(Stored, WhatCannotBeUsedIsNamed) {
  table_.columns[2][400] = -0.25;
  expect_error(Status::usage, {file_, "'w'", "row 400", "-0.25", ">= 0"},
               [&] { filled(points(), testing::blocks_in_turns(testing::stored_rows, 0, 1)); });
  table_ = testing::stored_table();
  table_.columns[6][7] = std::nan("");
  expect_error(Status::usage, {file_, "'measured'", "row 7"},
               [&] { filled(points(), testing::blocks_in_turns(testing::stored_rows, 0, 1)); });
  table_ = testing::stored_table();
  table_.names[6] = "other";
  expect_error(Status::usage, {file_, "'measured'"}, [&] { points(); });
  table_ = testing::stored_table(0);
  expect_error(Status::usage, {file_, "no points"}, [&] { points(); });
}

}  // namespace
}  // namespace jetpinn
