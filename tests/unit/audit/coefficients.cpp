#include "jetpinn/base/error.hpp"
#include "support/audit_case.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::term;

// An equation with this residual, its points on a grid that holds the borders t = 0 and x = -1, 0, 1.
AuditCase on_a_grid(const std::string& residual) {
  AuditCase result({term("flow", residual), term("start", "u - sin(pi*x)", "t == 0")});
  result.sampling.method = SamplingMethod::grid;
  result.sampling.points = {{"flow", 21 * 21}};
  return result;
}

std::string refusal(const AuditCase& audit) {
  try {
    audit.warnings("none");
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    return error.what();
  }
  return "";
}

// At x = -1, linked with x = 1: a coefficient at the other point has that point's coordinates.
TEST(AuditCoefficients, OfLinkedPointsAreThoseOfTheirPlace) {
  const auto linked = [](const std::string& residual) {
    AuditCase result({term("flow", "u_t - u_xx"), term("wrap", residual, "x == -1")});
    result.problem.terms[1].pair = testing::source("x == 1");
    return refusal(result);
  };
  EXPECT_EQ(linked("u - other(u/(1 + x))"), "");
  EXPECT_NE(linked("u - other(u/(1 - x))").find("1/(1 - other(x)) of 'wrap'"), std::string::npos)
      << linked("u - other(u/(1 - x))");
  EXPECT_EQ(linked("u - other(u/(2 + t))"), "");
}

TEST(AuditCoefficients, OneThatIsInfiniteIsRefusedWithItsPoint) {
  const std::string text = refusal(on_a_grid("u_t - u_x/t"));
  EXPECT_EQ(text.find("the coefficient 1/t of 'flow' (problem.equations.0.residual) is infinite at 21 of 441 points, first "
                      "at t = 0, x = -1; "),
            0u)
      << text;
  EXPECT_NE(text.find("sampling.method = \"sobol\""), std::string::npos) << text;
  EXPECT_NE(text.find("multiply the residual by t"), std::string::npos) << text;
}

TEST(AuditCoefficients, EachPartThatNoFieldEntersIsLookedAt) {
  for (const auto& [residual, part] : std::vector<std::pair<std::string, std::string>>{
           {"u_t + log(t)*u", "the coefficient log(t) "},
           {"u_t - u_xx - 3/t", "the part 1/t "},
           {"u_t - sqrt(x)", "the part sqrt(x) "},
           {"u_t - t*u*u_x/sin(t)^2", "the coefficient 1/sin(t)^2 "},
           {"u_t - exp(u/t)", "the coefficient 1/t "},
           {"u_t - d(x*u_x/t, x)", "the coefficient 1/t "},
           {"u_t - where(t < 0.5, u/t, u)", "the coefficient 1/t "},
           {"u^(1/t) + u_t", "the part 1/t "}})
    EXPECT_EQ(refusal(on_a_grid(residual)).find(part), 0u) << residual << ": " << refusal(on_a_grid(residual));
}

TEST(AuditCoefficients, WhatIsFiniteWhereItCountsPasses) {
  for (const char* residual : {"u_t - u_x/(1 + t)", "u_t - where(t > 0, u/t, 0)", "u_t - where(t > 0, log(t), 0)",
                               "u_t + u/exp(1/max(t, 1e-3))", "t*u_t - u_x", "u_t - where(u > 9, u/t, 0)",
                               "u_t*exp(-1000*x^2) - u_xx", "u_t - where(x > 0, where(t > 0, u/(x*t), u), u)"})
    EXPECT_TRUE(on_a_grid(residual).silent()) << residual;
}

// sin(pi) is 1.2e-16.
TEST(AuditCoefficients, OneFarAboveItsMedianIsAWarning) {
  AuditCase pole = on_a_grid("u_t - u_xx/sin(pi*(2 + t))^2");
  const std::string text = pole.sentence("coefficient");
  EXPECT_EQ(text.find("the coefficient 1/sin(3.14159*(2 + t))^2 of 'flow' (problem.equations.0.residual) is "), 0u) << text;
  EXPECT_NE(text.find(" times its median"), std::string::npos) << text;
  pole.sampling.method = SamplingMethod::sobol;
  EXPECT_TRUE(pole.silent());
  EXPECT_TRUE(on_a_grid("u_t - exp(40*t)*u_x").of_kind("coefficient").empty());
}

TEST(AuditCoefficients, ConditionsAreLookedAtToo) {
  AuditCase axis({term("flow", "u_t - u_xx"), term("axis", "u_x/x", "x == 0")});
  EXPECT_EQ(
      refusal(axis).find(
          "the coefficient 1/x of 'axis' (problem.conditions.0.residual) is infinite at 100 of 100 points, first at t = "),
      0u)
      << refusal(axis);
}

// A term may have a method of its own.
TEST(AuditCoefficients, TheGridOfOneTermIsNamed) {
  AuditCase one = on_a_grid("u_t - u_x/t");
  one.sampling.method = SamplingMethod::sobol;
  one.sampling.methods = {{"flow", SamplingMethod::grid}};
  EXPECT_NE(refusal(one).find("take sampling.methods.flow = \"sobol\", whose points lie inside"), std::string::npos);
}

// The parts are those of what was written, not of what an output transform makes of it.
TEST(AuditCoefficients, AnOutputTransformChangesNoCoefficient) {
  AuditCase transformed = on_a_grid("u_t - u_xx");
  transformed.output("u", "t*u");
  EXPECT_TRUE(transformed.silent());
}

// The grid's nodes on the walls have the distance 0.
TEST(AuditCoefficients, OfPlacesAreThoseOfTheirPoints) {
  const std::string text = refusal(on_a_grid("u_t - u_x/sdf"));
  EXPECT_EQ(text.find("the coefficient 1/sdf of 'flow' (problem.equations.0.residual) is infinite at 42 of 441 points"), 0u)
      << text;
  EXPECT_NE(text.find("; sdf is 0 on the border: take sampling.method = \"sobol\", whose points lie inside, or multiply the "
                      "residual by sdf"),
            std::string::npos)
      << text;
  EXPECT_EQ(refusal(on_a_grid("u_t - u_x/(1 - sdf)")), "");
  const std::string on_border = refusal(AuditCase({term("flow", "u_t - u_xx"), term("wall", "u/sdf", "x == 1")}));
  EXPECT_EQ(
      on_border.find("the coefficient 1/sdf of 'wall' (problem.conditions.0.residual) is infinite at 100 of 100 points"), 0u)
      << on_border;
  EXPECT_NE(on_border.find("; sdf is 0 on the border, where all points of this condition lie: leave it out here"),
            std::string::npos)
      << on_border;
  AuditCase wall({term("flow", "u_t - u_xx"), term("wall", "dn(u)/(1 - n_x)", "x == 1")});
  EXPECT_NE(refusal(wall).find("of 'wall' (problem.conditions.0.residual)"), std::string::npos) << refusal(wall);
  wall.problem.terms[1].residuals = {testing::source("dn(u)/(1 + n_x)")};
  EXPECT_EQ(refusal(wall), "");
}

}  // namespace
}  // namespace jetpinn
