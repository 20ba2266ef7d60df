#include "jetpinn/infer/grid.hpp"

#include "jetpinn/infer/point_batch.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <numbers>

namespace jetpinn {
namespace {

using testing::expect_error;

TEST(Grid, BothEndsAreIncludedAndTheFirstAxisIsSlowest) {
  const PointGrid grid = parse_grid("t=0:1:3, x=-1:1:2", {"t", "x"}, {});
  EXPECT_EQ(grid.rows(), 6);
  std::vector<double> points(12);
  grid.generate(0, 6, points.data(), 6);
  EXPECT_EQ(points, (std::vector<double>{0, 0, 0.5, 0.5, 1, 1, -1, 1, -1, 1, -1, 1}));
  std::vector<double> part(4);
  grid.generate(3, 2, part.data(), 2);
  EXPECT_EQ(part, (std::vector<double>{0.5, 1, 1, -1}));
}

TEST(Grid, OrderIsThatOfTheTextAndColumnsThatOfTheProblem) {
  const PointGrid grid = parse_grid("x=-1:1:2,t=0:1:3", {"t", "x"}, {});
  std::vector<double> points(12);
  grid.generate(0, 6, points.data(), 6);
  EXPECT_EQ(points, (std::vector<double>{0, 0.5, 1, 0, 0.5, 1, -1, -1, -1, 1, 1, 1}));
}

TEST(Grid, LastPointIsTheEndToTheBit) {
  for (std::int64_t count : {2, 7, 49, 1001}) {
    const GridAxis axis{0, -0.1, 0.3, count};
    EXPECT_EQ(axis.at(0), -0.1);
    EXPECT_EQ(axis.at(count - 1), 0.3);
  }
}

TEST(Grid, SingleValuesAndConstantExpressions) {
  const PointGrid grid = parse_grid("t=0.25,x=0:2*pi/k:5", {"t", "x"}, {{"k", 2}});
  EXPECT_EQ(grid.rows(), 5);
  EXPECT_EQ(grid.axes[0].at(0), 0.25);
  EXPECT_EQ(grid.axes[1].last, std::numbers::pi);
}

TEST(Grid, BadTextIsRefused) {
  const auto refuse = [](const std::string& text, const std::vector<std::string>& words) {
    expect_error(Status::usage, words, [&] { parse_grid(text, {"time", "x"}, {}); });
  };
  refuse("time=0:1:3", {"'x' is missing"});
  refuse("time=0:1:3,y=0:1:3,x=0:1:3", {"unknown coordinate 'y'"});
  refuse("tine=0:1:3,x=0:1:3", {"'tine'", "did you mean 'time'"});
  refuse("time=0:1:3,x=0:1:3,x=0:1:3", {"'x' is given twice"});
  refuse("time=0:1:3,x", {"no '='"});
  refuse("time=0:1,x=0:1:3", {"first:last:count"});
  refuse("time=0:1:3:4,x=0:1:3", {"first:last:count"});
  refuse("time=0:one:3,x=0:1:3", {"'one' is not a number"});
  refuse("time=0:1:2.5,x=0:1:3", {"'2.5' is not a number of points"});
  refuse("time=0:1:0,x=0:1:3", {"'0' is not a number of points"});
  refuse("time=0:1:1,x=0:1:3", {"both ends"});
  refuse("time=0:1:9000000000000,x=0:1:9000000000000", {"too many points"});
  refuse("", {"entry is empty"});
}

TEST(SplitList, OnlyTopLevelCommasSeparate) {
  EXPECT_EQ(split_list("u, u_x , d(u*u, x),max(u,[1,2])", "--quantities"),
            (std::vector<std::string>{"u", "u_x", "d(u*u, x)", "max(u,[1,2])"}));
  expect_error(Status::usage, {"--quantities", "empty"}, [] { split_list("u,,v", "--quantities"); });
  expect_error(Status::usage, {"brackets"}, [] { split_list("d(u, x", "--quantities"); });
  expect_error(Status::usage, {"brackets"}, [] { split_list("u), (v", "--quantities"); });
}

TEST(ShareRows, CoversEveryRowOnceAndEvenly) {
  for (std::int64_t rows : {0, 1, 5, 1000, 1001})
    for (int ranks : {1, 2, 3, 7}) {
      std::int64_t next = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        const RowRange range = share_rows(rows, rank, ranks);
        EXPECT_EQ(range.begin, next);
        EXPECT_LE(range.count(), (rows + ranks - 1) / ranks);
        next = range.end;
      }
      EXPECT_EQ(next, rows);
    }
}

TEST(PointBatch, IsMadeOfWholeBlocks) {
  const TermPoints points = make_point_batch(2, 1000, 600, 5000);
  ASSERT_EQ(points.blocks.size(), 3u);
  EXPECT_EQ(points.blocks[2].first, 1512);
  EXPECT_EQ(points.blocks[2].count, 88);
  EXPECT_EQ(points.coordinates.size(), 1200u);
  EXPECT_EQ(points.global_count, 5000);
}

TEST(Grid, ParametersMayBeHeldOrHaveAnAxis) {
  const std::vector<std::string> inputs{"t", "x", "Re"};
  const PointGrid held = parse_grid("x=-1:1:2,t=0.5", inputs, {}, {{2, 20, 20, 1}}, 1);
  ASSERT_EQ(held.axes.size(), 3u);
  EXPECT_EQ(held.axes[2].coordinate, 2);
  std::vector<double> rows(6);
  held.generate(0, 2, rows.data(), 2);
  EXPECT_EQ(rows, (std::vector<double>{0.5, 0.5, -1, 1, 20, 20}));
  EXPECT_EQ(parse_grid("x=-1:1:2,Re=10:100:4,t=0.5", inputs, {}, {}, 1).rows(), 8);
  expect_error(Status::usage, {"the parameter 'Re' has no value", "--at Re=VALUE"},
               [&] { parse_grid("x=-1:1:2,t=0.5", inputs, {}, {}, 1); });
  expect_error(Status::usage, {"the coordinate 't' is missing"}, [&] {
    parse_grid("x=-1:1:2", inputs, {}, {{2, 20, 20, 1}}, 1);
  });
  expect_error(Status::usage, {"the parameter 'Re' is given twice"}, [&] {
    parse_grid("x=-1:1:2,t=0,Re=10", inputs, {}, {{2, 20, 20, 1}}, 1);
  });
}

}  // namespace
}  // namespace jetpinn
