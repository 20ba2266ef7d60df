// Every kind of audit meets terms whose points and columns a table holds.
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/audit/initial_scales.hpp"

#include "support/audit_case.hpp"
#include "support/table_case.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace jetpinn {
namespace {

using testing::WaveText;

class AuditTables : public ::testing::Test {
 protected:
  AuditTables() { write_point_table(file_, table_); }

  Assembly assembly(const WaveText& text) const {
    NetworkOptions network;
    network.hidden = {8, 8};
    return assemble(testing::wave_problem(file_, text), network, {}, 3, 1);
  }

  const testing::TemporaryFolder folder_;
  const std::string file_ = folder_.file("wave.h5");
  const PointTable table_ = testing::wave_table();
};

TEST_F(AuditTables, ColumnsWhereverTheyStandAreNoTrouble) {
  for (const char* residual :
       {"u - data.u", "data.u*u_x - u", "u/data.su - x", "u^2 - max(data.u, x)", "u - where(data.u < 0.5, 0, 1)"}) {
    const Assembly problem = assembly({.residual = residual, .weight = "1 + data.u^2", .holdout = 0.1});
    NetworkOptions network;
    network.periodic = {"x"};
    const AuditInput input{problem, network, {}, {}};
    for (const Warning& warning : audit_alone(input)) EXPECT_EQ(warning.kind, "periodic") << residual << warning.text;
  }
}

// With a network of zeros the residual is -data.u, at the rows of the table.
TEST_F(AuditTables, ScalesAreThoseAtItsRows) {
  const Assembly problem = assembly({});
  AuditInput input{problem, {}, {}, {}};
  input.start.assign(static_cast<std::size_t>(problem.network.parameters), 0.0);
  const InitialScales scales = initial_scales(input);
  double weighted = 0, unweighted = 0;
  const std::size_t rows = table_.columns[0].size();
  for (std::size_t row = 0; row < rows; ++row) {
    const double u = table_.column("u")[row], sigma = table_.column("su")[row];
    weighted += u * u / (sigma * sigma), unweighted += u * u;
  }
  ASSERT_EQ(scales.residuals.size(), 2u);
  EXPECT_NEAR(scales.residuals[1].unweighted * static_cast<double>(rows), unweighted, 1e-12 * unweighted);
  EXPECT_NEAR(scales.residuals[1].weighted * static_cast<double>(rows), weighted, 1e-12 * weighted);
}

TEST_F(AuditTables, AWeightThatIsZeroInAllRowsIsNamed) {
  const auto found = [&](const char* weight) { return audit_weights({assembly({.weight = weight}), {}, {}, {}}); };
  const Warnings zero = found("step(data.su - 9)");
  ASSERT_EQ(zero.size(), 1u);
  EXPECT_NE(zero[0].text.find("all weights of 'measured' are zero (problem.conditions.0.weight)"), std::string::npos)
      << zero[0].text;
  EXPECT_TRUE(found("step(data.su - 0.9)").empty());
}

// Rows lie evenly on [0, 1]. Those within a hundredth of the shape are silent.
TEST_F(AuditTables, RowsOffTheShapesAreCounted) {
  const auto found = [&](double end) {
    Problem problem = testing::wave_problem(file_);
    problem.shape = make_box({0}, {end});
    return audit_table_rows({assemble(std::move(problem), {}, {}, 3, 1), {}, {}, {}});
  };
  const Warnings half = found(0.5);
  ASSERT_EQ(half.size(), 1u);
  EXPECT_NE(half[0].text.find(" of 700 rows of " + file_ +
                              " (problem.conditions.0.points) lie outside the domain that the "
                              "shapes make, such as row 1, and 'measured'"),
            std::string::npos)
      << half[0].text;
  EXPECT_NEAR(std::stod(half[0].text), 0.49 * 700, 3);
  EXPECT_TRUE(found(0.995).empty());
  EXPECT_TRUE(audit_table_rows({assembly({}), {}, {}, {}}).empty());
}

TEST_F(AuditTables, WhatWasMeasuredIsOneValue) {
  PointTable flat = table_;
  std::fill(flat.columns[1].begin(), flat.columns[1].end(), 0.25);
  write_point_table(file_, flat);
  const Warnings found = audit_columns({assembly({.holdout = 0.1}), {}, {}, {}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].text.find("'u' is 0.25 in all rows of " + file_ + " (problem.conditions.0.points)"), std::string::npos)
      << found[0].text;
  EXPECT_TRUE(audit_columns({assembly({}), {}, {}, {}}).empty());  // a wall may be of one value, and judges nothing
  flat.columns[1].back() = 0.5;
  write_point_table(file_, flat);
  EXPECT_TRUE(audit_columns({assembly({.holdout = 0.1}), {}, {}, {}}).empty());
}

TEST_F(AuditTables, ACoordinateIsOneValueAndNothingElseSpeaksOfIt) {
  PointTable tables = table_;
  tables.names.push_back("hardness");
  tables.columns.emplace_back(table_.rows(), 0.5);
  write_point_table(file_, tables);
  const auto texts = [&](const std::string& equation, const std::string& wall = "") {
    ProblemText text;
    text.coordinates = {"x", "hardness"};
    text.fields = {"u"};
    text.domain["x"] = text.domain["hardness"] = {testing::source("0"), testing::source("1")};
    TermText measured = testing::term("measured", "u - data.u");
    measured.equation = false;
    measured.points = testing::source(file_);
    text.terms = {testing::term("wave", equation), measured};
    if (!wall.empty()) text.terms.push_back(testing::term("wall", "u", wall));
    NetworkOptions network;
    network.hidden = {8};
    return audit_columns({assemble(build_problem(text), network, {}, 3, 1), network, {}, {}});
  };
  const Warnings found = texts("d(u, x, x) + pi^2*u");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].text.find("'hardness' is 0.5 in all rows of"), std::string::npos) << found[0].text;
  EXPECT_TRUE(texts("d(u, x, x) + hardness*u").empty());
  EXPECT_TRUE(texts("d(u, x, x) + d(u, hardness)").empty());
  EXPECT_TRUE(texts("d(u, x, x) + pi^2*u", "x == 0").empty());
  tables.columns[3].back() = 0.75;
  write_point_table(file_, tables);
  EXPECT_TRUE(texts("d(u, x, x) + pi^2*u").empty());
}

TEST_F(AuditTables, ACondition) {
  const Assembly problem = assembly({});
  EXPECT_TRUE(audit_conditions({problem, {}, {}, {}}).empty());
}

}  // namespace
}  // namespace jetpinn
