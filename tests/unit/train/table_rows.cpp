#include "jetpinn/train/table_rows.hpp"

#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/memory_plan.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/expect_error.hpp"
#include "support/table_case.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::WaveText;

class Table : public ::testing::Test {
 protected:
  Problem problem(const WaveText& text = {}) const {
    write_point_table(file_, table_);
    return testing::wave_problem(file_, text);
  }
  TableRows rows(const WaveText& text = {}, std::uint64_t seed = 3) const {
    const Problem made = problem(text);
    return read_table_rows(made, made.terms[1], seed);
  }
  static Assembly assembled(Problem problem, int ranks = 1) {
    SamplingOptions sampling;
    sampling.points = {{"wave", 300}};
    NetworkOptions network;
    network.hidden = {5};
    return assemble(std::move(problem), network, sampling, 3, ranks);
  }
  void refused(const std::vector<std::string>& words, const WaveText& text = {}) const {
    expect_error(Status::usage, words, [&] { rows(text); });
  }

  const testing::TemporaryFolder folder_;
  const std::string file_ = folder_.file("wave.h5");
  PointTable table_ = testing::wave_table();
};

TEST_F(Table, RowsInsideTheDomainArePoints) {
  table_.columns[2][5] = 1.5;
  table_.columns[2][7] = -1e-6;
  table_.columns[2][9] = 1 + 1e-14;  // rounding
  const TableRows found = rows();
  EXPECT_EQ(found.outside, 2);
  EXPECT_TRUE(found.held_out->empty());
  EXPECT_EQ(found.trained->size(), 698u);
  EXPECT_EQ(std::count(found.trained->begin(), found.trained->end(), 5), 0);
  EXPECT_EQ(std::count(found.trained->begin(), found.trained->end(), 7), 0);
  EXPECT_TRUE(std::is_sorted(found.trained->begin(), found.trained->end()));
  const TermPoints points = make_points(assembled(problem()), 0, 0).terms[1];
  ASSERT_EQ(points.local_count, 698);
  for (std::int64_t i = 0; i < points.local_count; ++i) {
    const auto row = static_cast<std::size_t>((*found.trained)[static_cast<std::size_t>(i)]);
    EXPECT_EQ(points.coordinate(0)[i], row == 9 ? 1 : table_.columns[2][row]) << row;
    EXPECT_EQ(points.data[static_cast<std::size_t>(i)], table_.columns[1][row]) << row;
  }
}

TEST_F(Table, HoldsOutAShareOfItsRowsBySeedAlone) {
  const TableRows found = rows({.holdout = 0.2});
  std::set<std::int64_t> all(found.trained->begin(), found.trained->end());
  EXPECT_NEAR(static_cast<double>(found.held_out->size()), 140, 5 * std::sqrt(700 * 0.2 * 0.8));
  for (const std::int64_t row : *found.held_out) {
    EXPECT_TRUE(all.insert(row).second) << row << " is trained on as well";
    EXPECT_TRUE(is_held_out(3, row, 0.2));
    EXPECT_TRUE(is_held_out(3, row, 0.5)) << "a larger share holds the same rows and more";
  }
  EXPECT_EQ(all.size(), 700u);
  EXPECT_NE(*rows({.holdout = 0.2}, 4).held_out, *found.held_out);
  table_.columns[1][0] = 7;  // values do not count
  EXPECT_EQ(*rows({.holdout = 0.2}).held_out, *found.held_out);
}

// Ten rows a tool, in no order.
std::vector<double> tools_of(std::int64_t rows) {
  std::vector<double> tools;
  for (std::int64_t row = 0; row < rows; ++row) tools.push_back(static_cast<double>(7 * row % rows / 10));
  return tools;
}

TEST_F(Table, HoldsOutRowsOfEqualValuesTogether) {
  table_.names.push_back("tool");
  table_.columns.push_back(tools_of(700));
  const TableRows found = rows({.holdout = 0.3, .holdout_by = "tool"});
  std::set<double> trained, held_out;
  for (const std::int64_t row : *found.trained) trained.insert(table_.columns[3][static_cast<std::size_t>(row)]);
  for (const std::int64_t row : *found.held_out) {
    const double tool = table_.columns[3][static_cast<std::size_t>(row)];
    held_out.insert(tool);
    EXPECT_TRUE(is_group_held_out(3, tool, 0.3));
  }
  for (const double tool : held_out) EXPECT_EQ(trained.count(tool), 0u) << tool;
  EXPECT_EQ(found.trained->size() + found.held_out->size(), 700u);
  EXPECT_EQ(found.groups, 70);
  EXPECT_EQ(found.groups_held_out, static_cast<std::int64_t>(held_out.size()));
  EXPECT_NEAR(static_cast<double>(held_out.size()), 21, 5 * std::sqrt(70 * 0.3 * 0.7));
  const Problem made = problem({.holdout = 0.3, .holdout_by = "tool"});
  EXPECT_NE(
      table_sentence(made.terms[1], found).find("held out (" + std::to_string(held_out.size()) + " of 70 values of tool)"),
      std::string::npos);

  // The values decide, not where they stand; another seed decides otherwise.
  for (auto& column : table_.columns) std::reverse(column.begin(), column.end());
  const auto tools_held_out = [&](std::uint64_t seed) {
    const TableRows other = rows({.holdout = 0.3, .holdout_by = "tool"}, seed);
    std::set<double> tools;
    for (const std::int64_t row : *other.held_out) tools.insert(table_.columns[3][static_cast<std::size_t>(row)]);
    return tools;
  };
  EXPECT_EQ(tools_held_out(3), held_out);
  EXPECT_NE(tools_held_out(4), held_out);
}

TEST_F(Table, AGroupingColumnIsNoDataAndIsKeptWithThem) {
  table_.names.push_back("tool");
  table_.columns.push_back(tools_of(700));
  const WaveText text{.holdout = 0.3, .holdout_by = "tool"};
  const Problem made = problem(text);
  EXPECT_EQ(make_points(assembled(problem(text)), 0, 0).terms[1].data_columns, 2);  // u and su
  const std::string copy = folder_.file("copy.h5");
  copy_table(made, made.terms[1], copy);
  const Problem again = testing::wave_problem(copy, text);
  EXPECT_EQ(*read_table_rows(again, again.terms[1], 3).held_out, *rows(text).held_out);
  EXPECT_EQ(table_hash(again, again.terms[1]), table_hash(made, made.terms[1]));
  for (const char* read : {"su", "x"}) {  // a column that expressions read too, and a coordinate
    const TableRows found = rows({.holdout = 0.5, .holdout_by = read}, 5);
    EXPECT_GT(found.groups, 1) << read;
  }
}

TEST_F(Table, GroupsThatCannotBeAreNamed) {
  table_.names.push_back("tool");
  table_.columns.push_back(tools_of(700));
  refused({"no column 'tol'", "did you mean 'tool'?"}, {.holdout = 0.3, .holdout_by = "tol"});
  refused({"holdout = 0.001 leaves 700 of 700 rows", "in 70 values of 'tool'"}, {.holdout = 0.001, .holdout_by = "tool"});
  table_.columns[3].assign(700, 4.0);
  refused({"'tool' has one value in all rows", "leave holdout_by away"}, {.holdout = 0.3, .holdout_by = "tool"});
}

// On any number of ranks they train on the same rows, and none of those held out.
TEST_F(Table, NoRankTrainsOnARowHeldOut) {
  const TableRows found = rows({.holdout = 0.3});
  const auto values_of = [&](const RowNumbers& numbers) {
    std::multiset<double> values;
    for (const std::int64_t row : *numbers) values.insert(table_.columns[2][static_cast<std::size_t>(row)]);
    return values;
  };
  for (int ranks : {1, 2, 3}) {
    const Assembly assembly = assembled(problem({.holdout = 0.3}), ranks);
    EXPECT_EQ(assembly.counts[1], static_cast<std::int64_t>(found.trained->size()));
    EXPECT_EQ(assembly.independent[1], static_cast<std::int64_t>(found.held_out->size()));
    std::multiset<double> trained, independent;
    for (int rank = 0; rank < ranks; ++rank) {
      const TermPoints own = make_points(assembly, rank, 0).terms[1],
                       aside = make_independent_points(assembly, rank).terms[1];
      trained.insert(own.coordinates.begin(), own.coordinates.end());
      independent.insert(aside.coordinates.begin(), aside.coordinates.end());
      EXPECT_EQ(aside.data_columns, 2);
    }
    EXPECT_EQ(trained, values_of(found.trained)) << ranks;
    EXPECT_EQ(independent, values_of(found.held_out)) << ranks;
  }
}

TEST_F(Table, ResidualsAreDividedBySigma) {
  for (const auto& [weight, factor] : {std::pair("", 1.0), std::pair("1 + x + data.u", 0.0)}) {
    const Assembly assembly = assembled(problem({.weight = weight}));
    const TermPoints points = make_points(assembly, 0, 0).terms[1];
    ASSERT_EQ(points.weight_columns, 1);
    for (std::size_t i = 0; i < points.weight.size(); ++i) {
      const double sigma = table_.columns[0][i], own = factor > 0 ? factor : 1 + table_.columns[2][i] + table_.columns[1][i];
      EXPECT_NEAR(points.weight[i], own / (sigma * sigma), 1e-14 * points.weight[i]) << i;
    }
  }
  const Assembly constant = assembled(problem({.sigma = "0.1"}));
  EXPECT_NEAR(make_points(constant, 0, 0).terms[1].weight[0], 100, 1e-11);
}

TEST_F(Table, WhatCannotBeUsedIsNamed) {
  refused({file_, "no column 'v'", "it has su, u, x"}, {.residual = "u - data.v"});
  refused({"no column 'sv'", "did you mean 'su'?"}, {.sigma = "data.sv"});
  table_.columns[0][12] = 0;
  refused({"sigma of 'measured' is 0 in row 12", file_, "above zero"});
  table_.columns[0][12] = -1;
  refused({"is -1 in row 12"});
  table_ = testing::wave_table();
  table_.columns[1][33] = std::nan("");
  refused({file_, "'u'", "row 33", "not a finite number"});
  refused({"in row 0", "above zero"}, {.residual = "u - x", .sigma = "log(x)"});
  table_ = testing::wave_table();
  table_.names[2] = "X";
  refused({file_, "no column for the coordinate 'x'", "did you mean 'X'?"});
  table_ = testing::wave_table(0);
  refused({file_, "no rows"});
}

TEST_F(Table, ColumnsOfOneLength) {
  hdf5::OutputFile file(file_);
  const std::vector<double> values(5, 0.5);
  file.write("x", {5}, values.data());
  file.write("u", {4}, values.data());
  file.write("su", {5}, values.data());
  file.commit();
  const Problem made = testing::wave_problem(file_);
  expect_error(Status::usage, {file_, "'u'", "4 rows", "'x' has 5"}, [&] { read_table_rows(made, made.terms[1], 3); });
}

TEST_F(Table, TooManyRowsOutsideAreRefused) {
  for (std::size_t row = 0; row < 70; ++row) table_.columns[2][row] = 5;
  EXPECT_EQ(rows().outside, 70) << "a tenth";
  table_.columns[2][70] = 5;
  refused({"71 of 700 rows", file_, "10 %", "problem.domain"});
}

TEST_F(Table, AShareThatLeavesNothingIsRefused) {
  table_ = testing::wave_table(2);
  refused({"holdout = 0.001", "2 of 2 rows"}, {.holdout = 0.001});
}

TEST_F(Table, HashAndCopyAreThoseOfTheNumbers) {
  table_.columns[2][9] = 1 + 1e-14;
  const Problem made = problem({.holdout = 0.1});
  testing::write_csv(folder_.file("wave.csv"), table_);
  const Problem csv = testing::wave_problem(folder_.file("wave.csv"));
  const std::uint64_t hash = table_hash(made, made.terms[1]);
  EXPECT_EQ(table_hash(csv, csv.terms[1]), hash);
  copy_table(csv, csv.terms[1], folder_.file("copy.h5"));
  const Problem copy = testing::wave_problem(folder_.file("copy.h5"), {.holdout = 0.1});
  EXPECT_EQ(table_hash(copy, copy.terms[1]), hash);
  EXPECT_EQ(*read_table_rows(copy, copy.terms[1], 3).trained, *read_table_rows(made, made.terms[1], 3).trained);
  for (std::size_t column = 0; column < 3; ++column) {
    table_ = testing::wave_table();
    table_.columns[column][400] += 1e-9;
    const Problem other = problem();
    EXPECT_NE(table_hash(other, other.terms[1]), hash) << column;
  }
}

// A side for each row, and the distance of each to the ends.
void add_places(PointTable& table) {
  table.names.insert(table.names.end(), {"n_x", "sdf"});
  table.columns.resize(5);
  for (std::size_t i = 0; i < table.columns[2].size(); ++i) {
    table.columns[3].push_back(i % 2 == 0 ? 1 : -1);
    table.columns[4].push_back(-std::min(table.columns[2][i], 1 - table.columns[2][i]));
  }
}

TEST_F(Table, NormalsAndDistancesAreColumns) {
  add_places(table_);
  table_.columns[3][6] = 1.004;  // rounded
  const TermPoints normals = make_points(assembled(problem({.residual = "dn(u) - data.u"})), 0, 0).terms[1];
  ASSERT_EQ(normals.attribute_columns, 2);
  ASSERT_EQ(normals.data_columns, 2);
  const TermPoints distances = make_points(assembled(problem({.residual = "sdf*u - 1", .sigma = "1 - sdf"})), 0, 0).terms[1];
  ASSERT_EQ(distances.attribute_columns, 1);
  for (std::size_t i = 0; i < 700; ++i) {
    ASSERT_EQ(normals.attributes[i], 0) << "nobody reads the distance";
    ASSERT_EQ(normals.attributes[700 + i], i % 2 == 0 ? 1 : -1);
    ASSERT_EQ(distances.attributes[i], table_.columns[4][i]);
    ASSERT_NEAR(distances.weight[i], std::pow(1 - table_.columns[4][i], -2), 1e-14);
  }
}

TEST_F(Table, RowsHeldOutHaveTheirNormals) {
  add_places(table_);
  const WaveText text{.residual = "dn(u) - data.n_x", .holdout = 0.2};
  const Assembly held = assembled(problem(text));
  const TermPoints points = make_independent_points(held, 0).terms[1];
  ASSERT_EQ(points.local_count, static_cast<std::int64_t>(held.tables[1].held_out->size()));
  for (std::size_t i = 0; i < static_cast<std::size_t>(points.local_count); ++i)
    EXPECT_EQ(points.attributes[static_cast<std::size_t>(points.local_count) + i], points.data[i]);
}

// A copy has the numbers of the file, so that it says the same where it is read again.
TEST_F(Table, NormalsAreHashedAndCopied) {
  add_places(table_);
  table_.columns[3][6] = 1.004;
  const WaveText text{.residual = "dn(u) - data.n_x - data.u"};
  const Problem made = problem(text);
  const std::uint64_t hash = table_hash(made, made.terms[1]);
  copy_table(made, made.terms[1], folder_.file("copy.h5"));
  const Problem copy = testing::wave_problem(folder_.file("copy.h5"), text);
  EXPECT_EQ(table_hash(copy, copy.terms[1]), hash);
  table_.columns[3][7] = 1;
  const Problem other = problem(text);
  EXPECT_NE(table_hash(other, other.terms[1]), hash);
}

TEST_F(Table, WithoutNormalsNoneAreRead) {
  const WaveText text{.residual = "dn(u) - 1"};
  refused({file_, "has no column 'n_x': this term reads normals", "it has su, u, x"}, text);
  refused({file_, "has no column 'sdf', the signed distance"}, {.residual = "sdf*u - 1"});
  add_places(table_);
  table_.columns[3][41] = 0;
  refused({"row 41 of " + file_, "(n_x) = (0) has length 0"}, text);
  table_.columns[2][41] = 2;  // outside the domain, and left out
  EXPECT_EQ(rows(text).trained->size(), 699u);
  table_.columns[3][50] = std::nan("");
  refused({file_, "'n_x'", "row 50", "not a finite number"}, text);
  table_.columns[3][50] = -1.02;
  refused({"row 50 of " + file_, "length 1.02"}, text);
}

TEST_F(Table, IsPlannedWithWhatItTakes) {
  TrainingOptions training;
  training.stages.resize(1);
  const MemoryPlan without = plan_memory(assembled(problem()), training, {}, 0),
                   with = plan_memory(assembled(problem({.holdout = 0.3})), training, {}, 0);
  const auto held = static_cast<std::int64_t>(rows({.holdout = 0.3}).held_out->size());
  EXPECT_EQ(without.points, 8 * (300 + 700 * 4)) << "x, u, su and the weight";
  EXPECT_EQ(without.points - with.points, 8 * held * 4);
  EXPECT_GE(with.independent - without.independent, 8 * held * 4);
  testing::write_csv(folder_.file("wave.csv"), table_);
  const MemoryPlan csv = plan_memory(assembled(testing::wave_problem(folder_.file("wave.csv"))), training, {}, 0);
  EXPECT_EQ(csv.spare - without.spare, 8 * 3 * 700) << "the values of the text";
}

}  // namespace
}  // namespace jetpinn
