// Parameters of a problem: inputs behind the coordinates, read as they are and never differentiated by.
#include "jetpinn/problem/problem.hpp"

#include "support/expect_error.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

using testing::expect_error;
using testing::source;
using testing::term;

// Heat with a conductivity k in [0.1, 0.3] and an unused parameter Re in [10, 100].
ProblemText heat(const std::string& on = "t == 0") {
  ProblemText text = testing::text_of({term("heat", "u_t - k*laplacian(u)"), term("given", "u - k*sin(pi*x)", on)},
                                      "exp(-k*pi^2*t)*sin(pi*x)");
  text.constants["base"] = source("10");
  text.parameters = {{"k", {source("1/base"), source("0.3")}}, {"Re", {source("base"), source("base^2")}}};
  return text;
}

TEST(Parameters, AreInputsBehindTheCoordinates) {
  ProblemText text = heat();
  text.output["u"] = source("u*t + k");
  text.terms[0].weight = {source("1/Re")};
  const Problem problem = build_problem(text);
  EXPECT_EQ(problem.symbols.coordinates, (std::vector<std::string>{"t", "x", "Re", "k"}));
  EXPECT_EQ(problem.symbols.parameters, 2);
  EXPECT_EQ(problem.symbols.differentiable(), 2);
  EXPECT_EQ(problem.symbols.time, 0);
  EXPECT_EQ(problem.lower, (std::vector<double>{0, -1, 10, 0.1}));
  EXPECT_EQ(problem.upper, (std::vector<double>{1, 1, 100, 0.3}));
  const double place[] = {0.5, 0.25, 20, 0.2};
  EXPECT_DOUBLE_EQ(evaluate(problem.graph, problem.terms[0].weights[0], place), 1 / 20.0);
  const double pi = std::acos(-1.0);
  EXPECT_NEAR(evaluate(problem.graph, problem.exact[0].second, place), std::exp(-0.2 * pi * pi * 0.5) * std::sin(pi * 0.25),
              1e-15);
}

// The laplacian is u_xx: what the same equation has with a number for k.
TEST(Parameters, AreNoDirectionsOfOperators) {
  const Problem problem = build_problem(heat());
  int derivatives = 0;
  for (NodeId id : reachable(problem.graph, problem.terms[0].stated)) {
    const Node& node = problem.graph[id];
    if (node.op != Op::field) continue;
    ++derivatives;
    for (int i = 0; i < static_cast<int>(node.derivative.order); ++i)
      EXPECT_LT(node.derivative.by[static_cast<std::size_t>(i)], 2);
  }
  EXPECT_EQ(derivatives, 2);
}

TEST(Parameters, HaveNoFacesInTheBoundary) {
  for (const char* boundary : {"boundary", "boundary && x >= -1"}) {
    const Problem problem = build_problem(heat(boundary));
    const std::vector<Piece>& pieces = problem.terms[1].region.pieces;
    EXPECT_EQ(pieces.size(), 4u) << boundary;
    for (const Piece& piece : pieces) {
      EXPECT_EQ(piece.lower[2], 10);
      EXPECT_EQ(piece.upper[2], 100);
      EXPECT_LT(piece.lower[3], piece.upper[3]);
    }
  }
}

TEST(Parameters, MayBeFixedByASet) {
  const Problem problem = build_problem(heat("t == 0 && Re == 10 && k < 0.2"));
  const Piece& piece = problem.terms[1].region.pieces.at(0);
  EXPECT_EQ(piece.lower[2], 10);
  EXPECT_EQ(piece.upper[2], 10);
  EXPECT_LT(piece.upper[3], 0.2);
  EXPECT_LT(piece.lower[1], piece.upper[1]);
}

TEST(Parameters, AreNotDifferentiatedBy) {
  const auto refused = [](const std::string& residual, const std::string& name) {
    ProblemText text = heat();
    text.terms[0].residuals = {source(residual)};
    text.definitions["flux"] = source("k*u_x");
    expect_error(Status::usage, {"'" + name + "' is a parameter, and nothing is differentiated by a parameter"},
                 [&] { build_problem(text); });
  };
  refused("u_t - u_Re", "Re");
  refused("u_t - d(u, Re)", "Re");
  refused("u_t - d(u*u, x, k)", "k");
  refused("u_t - u_k", "k");
  refused("u_t - u_xk", "k");
  refused("u_t - flux_k", "k");
}

TEST(Parameters, ShareNoNameAndNeedARange) {
  const auto refused = [](const std::string& name, const std::string& upper, const std::vector<std::string>& words) {
    ProblemText text = heat();
    text.definitions["flux"] = source("u_x");
    text.parameters[name] = {source("0"), source(upper)};
    expect_error(Status::usage, words, [&] { build_problem(text); });
  };
  refused("x", "1", {"'x' is declared twice, as a coordinate and as a parameter"});
  refused("u", "1", {"'u' is declared twice, as a parameter and as a field"});
  refused("base", "1", {"'base' is declared twice, as a parameter and as a constant"});
  refused("flux", "1", {"'flux' is declared twice"});
  refused("sin", "1", {"'sin' is taken by the expression language"});
  refused("a", "0", {"the range of the parameter 'a' is empty", "above its lower bound 0"});
  refused("a", "k", {"unknown name 'k'"});
}

TEST(Parameters, HaveTheSameRangeInAllStages) {
  ProblemText text = heat();
  text.stage_constants = {{}, {{"base", source("20")}}};
  expect_error(Status::usage, {"'base' has another value in stage 1", "and the range of a parameter is the same"},
               [&] { build_problem(text); });
}

}  // namespace
}  // namespace jetpinn
