#include "jetpinn/train/assembly.hpp"

#include "support/expect_error.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::problem_of;
using testing::source;
using testing::term;

Assembly assembly_of(const std::string& weight, const std::string& on, std::int64_t points) {
  TermText condition = term("walls", "u", on);
  condition.weight = {source(weight)};
  condition.weight[0].key = "problem.conditions.0.weight";
  SamplingOptions sampling;
  sampling.points["walls"] = points;
  return assemble(problem_of({term("heat", "u_t - u_xx"), condition}), NetworkOptions{}, sampling, 0, 1);
}

TEST(Assembly, WeightsAreLookedAtBeforeATraining) {
  expect_error(Status::usage, {"problem.conditions.0.weight: this weight of term 'walls' is -0.", " at t = 0.", ", x = -1; a weight is a finite number >= 0", "| t - 0.5\n", "| ^~~~~~~"},
               [] { assembly_of("t - 0.5", "x == -1", 100); });
  expect_error(Status::usage, {"is inf at t = 0"}, [] { assembly_of("1/t", "t == 0", 100); });
  // Of a large set some points of each part are looked at.
  expect_error(Status::usage, {"is -1 at", "x = 1;"}, [] { assembly_of("-x", "x == -1 || x == 1", 1000000); });
  EXPECT_NO_THROW(assembly_of("max(t - 0.5, 0)", "x == -1 || x == 1", 1000));
  EXPECT_NO_THROW(assembly_of("abs(t - 0.5)", "t == 0 && x == 0", 1));
}

TEST(Assembly, PointsOfEachPiece) {
  const std::vector<PiecePoints> list = points_per_piece(assembly_of("1", "x == -1 || x == 1 && t < 0.5", 30), 1);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].piece, "x == -1");
  EXPECT_EQ(list[0].points, 20);
  EXPECT_EQ(list[1].piece, "t <= 0.5 && x == 1");
  EXPECT_EQ(list[1].points, 10);
}

}  // namespace
}  // namespace jetpinn
