// Every kind of audit meets terms whose points and columns a table holds.
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/audit/initial_scales.hpp"

#include "support/audit_case.hpp"
#include "support/table_case.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>

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

TEST_F(AuditTables, ACondition) {
  const Assembly problem = assembly({});
  EXPECT_TRUE(audit_conditions({problem, {}, {}, {}}).empty());
}

}  // namespace
}  // namespace jetpinn
