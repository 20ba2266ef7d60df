#include "jetpinn/sampling/stored_normals.hpp"

#include "jetpinn/io/point_table.hpp"
#include "jetpinn/sampling/stored_points.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

TEST(StoredNormals, LengthsNearOneAreBroughtToIt) {
  std::vector<double> exact{0.6, 0.8}, rounded{0.6004, 0.8003};
  EXPECT_TRUE(make_unit(exact));
  EXPECT_EQ(exact, (std::vector<double>{0.6, 0.8})) << "to the last bit";
  EXPECT_TRUE(make_unit(rounded));
  EXPECT_NEAR(std::hypot(rounded[0], rounded[1]), 1, 4e-16);
  EXPECT_NEAR(rounded[0] / rounded[1], 0.6004 / 0.8003, 4e-16);
  for (std::vector<double> other :
       {std::vector<double>{0, 0}, {0.7, 0.8}, {NAN, 1}, {INFINITY, 0}, {1e200, 1e200}, {0.98, 0}}) {
    const std::vector<double> before = other;
    EXPECT_FALSE(make_unit(other));
    EXPECT_TRUE(std::isnan(other[0]) || other == before);
  }
}

TEST(StoredNormals, TheyAreFoundByTheirNames) {
  EXPECT_EQ(normal_components({{"sdf", ""}, {"n_x", "n_x"}, {"n_y", "n_y"}}), (std::vector<std::size_t>{1, 2}));
  EXPECT_TRUE(normal_components({{"sdf", "sdf"}}).empty());
}

// Points of a table get them with their other columns; what has no column stays zero, and a row without a normal is named.
TEST(StoredNormals, PointsOfATableBringThem) {
  const testing::TemporaryFolder folder;
  const std::string file = folder.file("cloud.h5");
  PointTable table{{"x", "y", "n_x", "n_y"}, {{1, 0, 0.6}, {0, 1, 0.8}, {1, 0, 0.603}, {0, -1, 0.804}}};
  write_point_table(file, table);
  const StoredPointsOptions options{file, "", {{"sdf", ""}, {"n_x", "n_x"}, {"n_y", "n_y"}}, {}};
  const auto filled = [&](StoredPointsOptions of) {
    const StoredPoints source(std::move(of), {"x", "y"});
    TermPoints points = make_room(2, source.columns(), source.count(), {{0, source.count()}});
    source.fill(points);
    return points.attributes;
  };
  const std::vector<double> all = filled(options);
  ASSERT_EQ(all.size(), 9U);
  EXPECT_EQ(std::vector<double>(all.begin(), all.begin() + 5), (std::vector<double>{0, 0, 0, 1, 0}));
  EXPECT_NEAR(all[5], 0.6, 4e-16);
  EXPECT_EQ(all[7], -1);
  EXPECT_NEAR(all[8], 0.8, 4e-16);
  table.columns[2][1] = table.columns[3][1] = 0;
  write_point_table(file, table);
  testing::expect_error(Status::usage, {"row 1 of " + file, "(n_x, n_y) = (0, 0) has length 0", "within 1 %"},
                        [&] { filled(options); });
  StoredPointsOptions some = options;
  some.rows = std::make_shared<const std::vector<std::int64_t>>(std::vector<std::int64_t>{0, 2});
  EXPECT_EQ(filled(some).size(), 6U) << "a row that is no point is not looked at";
}

}  // namespace
}  // namespace jetpinn
