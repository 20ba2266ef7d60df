#include "jetpinn/train/points_file.hpp"

#include "jetpinn/io/point_table.hpp"
#include "support/assembly_case.hpp"
#include "support/expect_error.hpp"
#include "support/shared_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::SharedFolder;
using testing::term;

std::vector<double> column(const std::string& path, const std::string& name) {
  return read_point_table(path, {name}).columns[0];
}

std::vector<double> coordinate(const TermPoints& points, int d) {
  return {points.coordinate(d), points.coordinate(d) + points.local_count};
}

TEST(PointsFile, HoldsThePointsOfATrainingWhateverTheRanks) {
  const SharedFolder folder;
  const Assembly assembly = testing::shared_assembly(test::world().size());
  const std::string path = folder.file("points.h5");
  EXPECT_EQ(write_points(test::world(), assembly, "", path, {{"sample", "test"}}), assembly.points());
  test::world().agree("test", [&] {
    const PointSet points = make_points(testing::shared_assembly(1), 0, 0);
    for (std::size_t t = 0; t < points.terms.size(); ++t) {
      const std::string group = assembly.problem->terms[t].name;
      EXPECT_EQ(column(path, group + "/t"), coordinate(points.terms[t], 0)) << group;
      EXPECT_EQ(column(path, group + "/x"), coordinate(points.terms[t], 1)) << group;
    }
    // Faces say which one a point belongs to, and where is outside.
    const std::vector<double> x = column(path, "walls/x"), n = column(path, "walls/n_x"),
                              patch = column(path, "walls/patch");
    for (std::size_t i = 0; i < x.size(); ++i) {
      EXPECT_EQ(n[i], x[i]);  // the walls are x = -1 and x = 1
      EXPECT_EQ(patch[i], x[i] < 0 ? 0 : 1);
    }
    EXPECT_EQ(column(path, "walls/n_t"), std::vector<double>(x.size(), 0));
    EXPECT_EQ(column(path, "start/n_t"), std::vector<double>(column(path, "start/t").size(), -1));
    EXPECT_FALSE(PointTableReader(path, {}).has("heat/n_x"));
    EXPECT_FALSE(PointTableReader(path, {}).has("corner/patch"));
  });
}

TEST(PointsFile, OneTermLiesAtTheRoot) {
  const SharedFolder folder;
  const Assembly assembly = testing::shared_assembly(test::world().size());
  EXPECT_EQ(write_points(test::world(), assembly, "walls", folder.file("walls.h5"), {}), 2 * block_points);
  expect_error(Status::usage, {test::world().root() ? "'wals' is not a term; did you mean 'walls'?" : "reported an error"},
               [&] { write_points(test::world(), assembly, "wals", folder.file("other.h5"), {}); });
  test::world().agree("test", [&] {
    EXPECT_EQ(column(folder.file("walls.h5"), "t"), coordinate(make_points(testing::shared_assembly(1), 0, 0).terms[1], 0));
    EXPECT_EQ(PointTableReader(folder.file("walls.h5"), {}).names(),
              (std::vector<std::string>{"n_t", "n_x", "patch", "t", "x"}));
  });
}

TEST(PointsFile, LinkedPointsAndColumnsOfTablesAreThere) {
  const SharedFolder folder;
  TermText periodic = term("periodic", "u - other(u)", "x == -1");
  periodic.pair = testing::source("x == 1");
  const Assembly pairs = assemble(testing::problem_of({term("heat", "u_t - u_xx"), periodic}), NetworkOptions{},
                                  SamplingOptions{}, 3, test::world().size());
  write_points(test::world(), pairs, "periodic", folder.file("pairs.h5"), {});
  const Assembly placed = assemble(testing::problem_of({term("heat", "u_t - sdf*u_xx"), term("walls", "dn(u)", "x == 1")}),
                                   NetworkOptions{}, SamplingOptions{}, 3, test::world().size());
  write_points(test::world(), placed, "", folder.file("placed.h5"), {});
  Assembly stored;
  test::world().agree("test", [&] {  // a table of its own for each rank: the same numbers
    stored = testing::stored_assembly(folder.file("table-" + std::to_string(test::world().rank())), test::world().size());
  });
  write_points(test::world(), stored, "initial", folder.file("stored.h5"), {});
  test::world().agree("test", [&] {
    const std::string file = folder.file("pairs.h5");
    EXPECT_EQ(column(file, "other_t"), column(file, "t"));
    EXPECT_EQ(column(file, "other_x"), std::vector<double>(column(file, "x").size(), 1));
    const std::vector<double> x = column(folder.file("placed.h5"), "heat/x"),
                              distance = column(folder.file("placed.h5"), "heat/sdf");
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(distance[i], std::abs(x[i]) - 1);
    EXPECT_FALSE(PointTableReader(folder.file("placed.h5"), {}).has("walls/sdf")) << "nobody reads it there";
    const PointTable table = testing::stored_table();
    EXPECT_EQ(column(folder.file("stored.h5"), "x"), table.column("x"));
  });
}

}  // namespace
}  // namespace jetpinn
