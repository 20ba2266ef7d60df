#include "jetpinn/train/points_file.hpp"

#include "jetpinn/io/point_table.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/assembly_case.hpp"
#include "support/expect_error.hpp"
#include "support/shared_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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
    EXPECT_EQ(column(path, "corner/n_x"), std::vector<double>{1}) << "a wall, at the first moment alone";
  });
}

// In space, normals are those that expressions see: of faces of the box, at one moment or at all, and of borders of shapes.
TEST(PointsFile, NormalsAreThoseOfExpressions) {
  ProblemText text = testing::text_of({term("heat", "u_t - u_xx"), term("walls", "dn(u)", "x == 1 || x == -1 && t == 0.5"),
                                       term("rod", "dn(u) + sdf", "rod && t < 0.5"), term("ends", "u", "t == 0 || x == 1"),
                                       term("inner", "u", "t == 0 && x == 0")});
  ShapeText::Points between{{}, {{testing::source("-0.5"), testing::source("0.25")}}};
  text.geometry.shapes["rod"] = {{}, {{"interval", between}}};
  const SharedFolder folder;
  const auto assembly = [&](int ranks) { return assemble(build_problem(text), NetworkOptions{}, {}, 3, ranks); };
  const std::string path = folder.file("normals.h5");
  write_points(test::world(), assembly(test::world().size()), "", path, {});
  test::world().agree("test", [&] {
    const PointSet points = make_points(assembly(1), 0, 0);
    for (const std::size_t t : {1, 2}) {
      const TermPoints& term = points.terms[t];
      const std::vector<double> seen(term.attributes.begin() + term.local_count,
                                     term.attributes.begin() + 2 * term.local_count);
      const std::string group = t == 1 ? "walls" : "rod";
      EXPECT_EQ(column(path, group + "/n_x"), seen) << group;
      EXPECT_EQ(column(path, group + "/n_t"), std::vector<double>(seen.size(), 0)) << group;
      EXPECT_GT(std::count(seen.begin(), seen.end(), 1), 0) << group;
      EXPECT_EQ(std::count(seen.begin(), seen.end(), 1) + std::count(seen.begin(), seen.end(), -1), term.local_count)
          << group;
    }
    const std::vector<double> n_t = column(path, "ends/n_t"), n_x = column(path, "ends/n_x"),
                              at = column(path, "ends/patch");
    for (std::size_t i = 0; i < at.size(); ++i) {
      EXPECT_EQ(n_t[i], at[i] == 0 ? -1 : 0);
      EXPECT_EQ(n_x[i], at[i] == 0 ? 0 : 1);
    }
    EXPECT_FALSE(PointTableReader(path, {}).has("inner/patch"));
    EXPECT_FALSE(PointTableReader(path, {}).has("heat/n_x"));
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
