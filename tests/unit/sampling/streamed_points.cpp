#include "jetpinn/sampling/streamed_points.hpp"

#include "jetpinn/io/point_table.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using testing::expect_error;

constexpr std::int64_t rows = 9000;

class Streamed : public ::testing::Test {
 protected:
  const testing::TemporaryFolder folder_;
  const std::string file_ = folder_.file("set.h5");
  PointTable table_;
  const SegmentOrder order_{rows, 1000, 3, 1};

  // x is the number of the row, of which the others are functions.
  void SetUp() override {
    table_.names = {"t", "x", "u"};
    table_.columns.assign(3, std::vector<double>(rows));
    for (std::int64_t i = 0; i < rows; ++i) {
      const auto x = static_cast<double>(i);
      table_.columns[0][static_cast<std::size_t>(i)] = 0.5 * x;
      table_.columns[1][static_cast<std::size_t>(i)] = x;
      table_.columns[2][static_cast<std::size_t>(i)] = 3 - x;
    }
  }
  StoredPointsOptions options() const {
    StoredPointsOptions options;
    options.file = file_;
    options.data = {{"velocity", "u"}};
    options.lower = {0, 0};
    options.upper = {rows, rows};
    return options;
  }
  StreamedPoints points(int rank = 0, int ranks = 1) const {
    std::vector<std::int64_t> slots;
    for (std::int64_t slot = rank; slot < order_.slots(); slot += ranks) slots.push_back(slot);
    return StreamedPoints(options(), {"t", "x"}, order_, slots);
  }
  StreamedPoints written() const {
    write_point_table(file_, table_);
    return points();
  }
};

// Places of points come from columns too; those that nobody reads are zero.
TEST_F(Streamed, NormalsGoWithTheirRows) {
  table_.names.insert(table_.names.end(), {"n_t", "n_x"});
  table_.columns.resize(5);
  for (std::size_t i = 0; i < rows; ++i) {
    table_.columns[3].push_back(i % 3 == 0 ? 0.6 : -0.8);
    table_.columns[4].push_back(i % 3 == 0 ? 0.803 : 0.6);
  }
  StoredPointsOptions with_normals = options();
  with_normals.attributes = {{"sdf", ""}, {"n_t", "n_t"}, {"n_x", "n_x"}};
  std::vector<std::int64_t> slots;
  for (std::int64_t slot = 0; slot < order_.slots(); ++slot) slots.push_back(slot);
  const auto first = [&] {
    write_point_table(file_, table_);
    StreamedPoints points(with_normals, {"t", "x"}, order_, slots);
    TermPoints taken;
    points.take({0, 0}, taken);
    return taken;
  };
  const TermPoints taken = first();
  const auto count = static_cast<std::size_t>(taken.local_count);
  ASSERT_EQ(taken.attribute_columns, 3);
  ASSERT_EQ(taken.attributes.size(), 3 * count);
  for (std::size_t i = 0; i < count; ++i) {
    const bool third = static_cast<std::int64_t>(taken.coordinate(1)[i]) % 3 == 0;
    ASSERT_EQ(taken.attributes[i], 0);
    ASSERT_NEAR(taken.attributes[count + i], third ? 0.6 / std::hypot(0.6, 0.803) : -0.8, 1e-15);
    ASSERT_NEAR(taken.attributes[2 * count + i], third ? 0.803 / std::hypot(0.6, 0.803) : 0.6, 1e-15);
    ASSERT_EQ(taken.data[i], 3 - taken.coordinate(1)[i]);
  }
  for (double& component : table_.columns[4]) component = 0;
  expect_error(Status::usage, {"of " + file_, "the normal (n_t, n_x)", "within 1 %"}, first);
}

TEST_F(Streamed, AnEpochTrainsOnEveryRowOnceAndRanksShareIt) {
  write_point_table(file_, table_);
  for (const int ranks : {1, 2, 3}) {
    std::vector<std::unique_ptr<StreamedPoints>> of_ranks;
    for (int rank = 0; rank < ranks; ++rank) of_ranks.emplace_back(new StreamedPoints(points(rank, ranks)));
    for (const std::int64_t epoch : {0, 1}) {
      std::vector<int> seen(rows, 0);
      RowsRead all;
      for (StreamPlace place{epoch, 0}; place.step < order_.steps(); ++place.step) {
        std::int64_t of_step = 0;
        std::set<std::int64_t> blocks;
        for (const auto& stream : of_ranks) {
          TermPoints taken;
          const RowsRead read = stream->take(place, taken);
          EXPECT_EQ(read.rows, taken.local_count);
          EXPECT_EQ(taken.local_count, rows_of(taken.blocks));
          EXPECT_EQ(taken.global_count, order_.points_of(place.step));
          ASSERT_EQ(static_cast<std::int64_t>(taken.coordinates.size()), 2 * taken.local_count);
          for (std::int64_t i = 0; i < taken.local_count; ++i) {
            const double x = taken.coordinate(1)[i];
            EXPECT_EQ(taken.coordinate(0)[i], 0.5 * x);
            EXPECT_EQ(taken.data[static_cast<std::size_t>(i)], 3 - x);
            ++seen.at(static_cast<std::size_t>(x));
          }
          for (const Block& block : taken.blocks) EXPECT_TRUE(blocks.insert(block.first).second) << "of one rank alone";
          of_step += taken.local_count;
          all.rows += read.rows;
          all.numbers += read.numbers;
        }
        EXPECT_EQ(of_step, order_.points_of(place.step));
      }
      EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), rows);
      EXPECT_EQ(all.rows, rows);
      EXPECT_EQ(all.numbers, static_cast<std::uint64_t>(rows * (rows - 1) / 2));
    }
  }
}

TEST_F(Streamed, AnyPlaceCanBeTakenFirst) {
  StreamedPoints whole = written();
  TermPoints expected, taken;
  for (StreamPlace place{2, 0}; place.step < 5; ++place.step) whole.take(place, expected);
  points().take({2, 4}, taken);
  EXPECT_EQ(taken.coordinates, expected.coordinates);
}

TEST_F(Streamed, ItWaitsWhereAWindowBegins) {
  StreamedPoints stream = written();
  TermPoints taken;
  EXPECT_TRUE(stream.reads_for({0, 0}));
  stream.take({0, 0}, taken);
  std::int64_t of_window = 0;
  for (std::int64_t slot = 0; slot < order_.slots_of(0); ++slot) of_window += order_.rows_in(0, 0, slot).count();
  EXPECT_EQ(stream.read_bytes(), of_window * 3 * 8);
  EXPECT_FALSE(stream.reads_for({0, order_.steps_of_window() - 1}));
  EXPECT_TRUE(stream.reads_for({0, order_.steps_of_window()}));
  EXPECT_TRUE(stream.reads_for({1, 0}));
}

TEST_F(Streamed, RowsOutsideTheDomainAreRefused) {
  table_.columns[1][4711] = rows + 1;
  StreamedPoints stream = written();
  expect_error(Status::usage, {"row 4711", file_, "t = 2355.5, x = 9001", "problem.domain"}, [&] {
    for (StreamPlace place; place.step < order_.steps(); ++place.step) {
      TermPoints taken;
      stream.take(place, taken);
    }
  });
}

TEST_F(Streamed, RoundingAloneTakesNobodyOut) {
  table_.columns[1][0] = -1e-13;
  StreamedPoints stream = written();
  double least = 1;
  for (StreamPlace place; place.step < order_.steps(); ++place.step) {
    TermPoints taken;
    stream.take(place, taken);
    least = std::min(least, *std::min_element(taken.coordinate(1), taken.coordinate(1) + taken.local_count));
  }
  EXPECT_EQ(least, 0);
}

TEST_F(Streamed, WhatIsNotFiniteIsRefused) {
  table_.columns[2][12] = std::numeric_limits<double>::quiet_NaN();
  StreamedPoints stream = written();
  expect_error(Status::usage, {"'u'", "row 12 is not a finite number"}, [&] {
    for (StreamPlace place; place.step < order_.steps(); ++place.step) {
      TermPoints taken;
      stream.take(place, taken);
    }
  });
}

TEST_F(Streamed, AFileThatIsChangedMeanwhileIsRefused) {
  StreamedPoints stream = written();
  TermPoints taken;
  stream.take({0, 0}, taken);
  std::filesystem::last_write_time(file_, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  expect_error(Status::usage, {file_, "was changed"}, [&] { stream.take({3, 0}, taken); });
}

}  // namespace
}  // namespace jetpinn
