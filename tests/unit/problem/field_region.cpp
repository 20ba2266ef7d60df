#include "jetpinn/problem/field_region.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/geometry/box_region.hpp"
#include "support/expect_error.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::source;
using testing::term;

TermText equation(const std::string& residual, const std::string& in = "") {
  static int number = 0;
  TermText result = term("equation_" + std::to_string(number++), residual);
  if (!in.empty()) result.on = source(in);
  return result;
}

// u and v of t in [0, 1] and x in [-1, 1].
Problem problem_of(const std::vector<TermText>& terms) {
  ProblemText text = testing::text_of(terms);
  text.fields = {"u", "v"};
  text.constants = {{"middle", source("0.5")}};
  text.definitions = {{"cold", source("x < 0 && t < middle")}};
  return build_problem(text);
}

bool inside(const PointRegion& region, const Problem& problem, double t, double x) {
  const double place[] = {t, x};
  return BoxRegion(region, problem.graph).inside(place);
}

TEST(FieldRegion, EquationsHoldInTheirRegions) {
  const Problem problem = problem_of(
      {equation("u_t - u_xx", "x < 0"), equation("v_t - v_xx", "x^2 + t^2 > 0.25 && x > 0"), equation("u - v_x", "cold")});
  const PointRegion &left = problem.terms[0].region, &right = problem.terms[1].region, &cold = problem.terms[2].region;
  EXPECT_TRUE(inside(left, problem, 0.7, -1e-9));
  EXPECT_FALSE(inside(left, problem, 0.7, 0));
  EXPECT_TRUE(inside(right, problem, 0.1, 0.6));
  EXPECT_FALSE(inside(right, problem, 0.1, 0.2));
  EXPECT_FALSE(inside(right, problem, 0.9, -0.2));
  EXPECT_TRUE(inside(cold, problem, 0.4, -0.2));
  EXPECT_FALSE(inside(cold, problem, 0.6, -0.2));
}

TEST(FieldRegion, AFieldHasAMeaningWhereItsEquationsHold) {
  const Problem problem = problem_of({equation("u_t - u_xx", "x < -0.5"), equation("u_t + u*u_x", "x > 0.5"),
                                      equation("v_t - v_xx", "x > 0"), term("interface", "u - v", "x == 0")});
  const PointRegion u = field_region(problem, 0).value(), v = field_region(problem, 1).value();
  EXPECT_TRUE(inside(u, problem, 0.3, -0.7));
  EXPECT_FALSE(inside(u, problem, 0.3, 0.2));
  EXPECT_TRUE(inside(u, problem, 0.3, 0.7));
  EXPECT_TRUE(inside(v, problem, 0.3, 0.2));
  EXPECT_FALSE(inside(v, problem, 0.3, -0.7));
}

TEST(FieldRegion, TheWholeDomainIsNoRegion) {
  const Problem problem =
      problem_of({equation("u_t - u_xx", "x < 0"), equation("u + 0*v - 1"), term("walls", "v", "x == 1")});
  EXPECT_FALSE(field_region(problem, 0));
  EXPECT_FALSE(field_region(problem, 1)) << "no equation holds it";
  EXPECT_FALSE(field_region(problem_of({equation("v_x - u", "x < 2")}), 1)) << "all of the domain";
}

TEST(FieldRegion, RefusesWhatIsNoRegion) {
  for (const char* in : {"x == 0", "t < 0.5 && x == 0", "x == t", "boundary", "x <= 0 && x >= 0"})
    testing::expect_error(Status::usage, {"by inequalities, such as t < 0.5", "is a condition"},
                          [&] { problem_of({equation("u_t - v", in)}); });
  testing::expect_error(Status::usage, {"selects nothing"}, [] { problem_of({equation("u_t - v", "x > 2")}); });
  testing::expect_error(Status::usage, {"this is a number"}, [] { problem_of({equation("u_t - v", "x - 1")}); });
  testing::expect_error(Status::usage, {"'u' is a field"}, [] { problem_of({equation("u_t - v", "u > 0")}); });
}

TEST(FieldRegion, IsTheSameInAllStages) {
  for (const char* in : {"x < 0 && t < middle", "cold"}) {
    ProblemText text = testing::text_of({equation("u_t - u_xx", in)});
    text.constants = {{"middle", source("0.5")}};
    text.definitions = {{"cold", source("x < 0 && t < middle")}};
    text.stage_constants = {{{"middle", source("0.2")}}};
    testing::expect_error(Status::usage, {"has another value in stage 0", "the region of an equation is the same"},
                          [&] { build_problem(text); });
  }
}

}  // namespace
}  // namespace jetpinn
