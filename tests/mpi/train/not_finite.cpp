// What is not finite is told alike on every rank, whichever rank holds the points; more ranks
// change neither terms nor counts.
#include "jetpinn/train/not_finite.hpp"

#include "jetpinn/io/point_table.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/problem_text.hpp"
#include "support/shared_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <utility>

namespace jetpinn {
namespace {

using test::world;

Assembly assembly_of(const std::string& residual, std::int64_t points) {
  using testing::term;
  Problem problem = testing::problem_of({term("heat", residual), term("initial", "u", "t == 0")});
  NetworkOptions network;
  network.hidden = {6, 5};
  SamplingOptions sampling;
  sampling.points = {{"heat", points}};
  return assemble(std::move(problem), network, sampling, 1, world().size());
}

struct Diagnosis {
  NotFinite found;
  std::int64_t expected = 0;   // points with t <= limit, over all ranks
};

Diagnosis diagnose(const std::string& residual, double limit, std::int64_t count, const std::string& folder) {
  const Assembly assembly = assembly_of(residual, count);
  std::vector<double> parameters(static_cast<std::size_t>(assembly.network.parameters));
  initialize(assembly.network, 1, parameters.data());
  const PointSet points = make_points(assembly, world().rank(), 0);
  const auto engine = make_engine({.ranks = &world()}, assembly.network, assembly.terms);
  Diagnosis result;
  result.found = diagnose_not_finite(world(), *engine, assembly, points, parameters, folder, Reproducibility::run);
  const TermPoints& heat = points.terms[0];
  for (std::int64_t i = 0; i < heat.local_count; ++i) result.expected += heat.coordinate(0)[i] <= limit;
  world().sum("test", &result.expected, 1);
  return result;
}

void expect_equal_everywhere(const NotFinite& found) {
  for (const std::string& sentence : world().gather("test", found.sentence)) EXPECT_EQ(sentence, found.sentence);
  for (const std::string& layer : world().gather("test", found.layer)) EXPECT_EQ(layer, found.layer);
  for (const std::string& table : world().gather("test", found.table)) EXPECT_EQ(table, found.table);
  for (double points : world().gather("test", static_cast<double>(found.points)))
    EXPECT_EQ(points, static_cast<double>(found.points));
}

// The rows, and that each of them is a point of the term that is not finite.
void expect_table(const std::string& path, std::int64_t rows, double limit) {
  if (!world().root()) return;
  const PointTable table = read_point_table(path, {"t", "x"});
  EXPECT_EQ(table.rows(), rows);
  for (double t : table.columns[0]) EXPECT_LE(t, limit);
  for (std::size_t i = 1; i < table.columns[0].size(); ++i)   // no row came twice
    EXPECT_FALSE(table.columns[0][i] == table.columns[0][i - 1] && table.columns[1][i] == table.columns[1][i - 1]);
}

TEST(NotFinite, CountsAndSavesThePointsOfAllRanks) {
  const testing::SharedFolder folder;
  const Diagnosis d = diagnose("u_t + log(t - 0.3)", 0.3, 1300, folder.path());
  EXPECT_EQ(d.found.terms, std::vector<std::string>{"heat"});
  EXPECT_EQ(d.found.points, d.expected);
  EXPECT_GT(d.expected, 300);
  expect_equal_everywhere(d.found);
  expect_table(d.found.table, d.expected, 0.3);
}

// Two points of one rank alone; the others have nothing to show.
TEST(NotFinite, PointsOfOneRankAreSeenByAll) {
  const testing::SharedFolder folder;
  const Diagnosis d = diagnose("u_t + log(t - 0.002)", 0.002, 1300, folder.path());
  EXPECT_EQ(d.found.points, d.expected);
  EXPECT_GT(d.expected, 0);
  EXPECT_LT(d.expected, 6);
  expect_equal_everywhere(d.found);
  expect_table(d.found.table, d.expected, 0.002);
}

TEST(NotFinite, SavesNoMoreThanAThousandOverAllRanks) {
  const testing::SharedFolder folder;
  const Diagnosis d = diagnose("u_t + log(-1 - t)", 1, 5000, folder.path());
  EXPECT_EQ(d.found.points, 5000);
  expect_equal_everywhere(d.found);
  expect_table(d.found.table, not_finite_points_saved, 1);
}

TEST(NotFinite, AStorageFailureIsToldByAll) {
  const testing::SharedFolder folder;
  const Diagnosis d = diagnose("u_t + log(t - 0.3)", 0.3, 600, folder.file("not there"));
  EXPECT_EQ(d.found.points, d.expected);
  EXPECT_NE(d.found.sentence.find("not saved"), std::string::npos) << d.found.sentence;
  EXPECT_EQ(d.found.table, "");
  expect_equal_everywhere(d.found);
}

}  // namespace
}  // namespace jetpinn
