// What terms read of the places of their points, and where there is nothing to read.
#include "jetpinn/problem/place.hpp"

#include "jetpinn/problem/windows.hpp"
#include "support/burgers_text.hpp"
#include "support/expect_error.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using testing::source;
using testing::term;
using testing::text_of;

ProblemText with(const std::string& residual, const std::string& on, const std::string& weight = "") {
  TermText condition = term("flux", residual, on);
  if (!weight.empty()) condition.weight = {source(weight)};
  return text_of({term("heat", "u_t - u_xx"), condition});
}

std::string place_refusal(const ProblemText& text) { return testing::message_of(text); }

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const char* const no_surface =
    "normals exist on a border alone, a face of the domain's box in space or the border of a shape: ";

TEST(Place, TermsKnowWhatTheyRead) {
  const auto reads = [](const ProblemText& text) { return build_problem(text).terms[1].reads; };
  EXPECT_FALSE(reads(with("u_x", "x == 1")).any());
  EXPECT_TRUE(reads(with("dn(u) - 1", "x == 1")).normal);
  EXPECT_FALSE(reads(with("dn(u) - 1", "x == 1")).distance);
  EXPECT_TRUE(reads(with("u", "x == 1", "1 + n_x")).normal);
  EXPECT_TRUE(reads(with("u", "t == 0", "1 - sdf")).distance);
  EXPECT_FALSE(reads(with("u", "t == 0", "1 - sdf")).normal);
  ProblemText equation = with("u", "t == 0");
  equation.definitions["far"] = source("exp(sdf)");
  equation.terms[0].residuals = {source("far*u_t - u_xx")};
  const Problem problem = build_problem(equation);
  EXPECT_TRUE(problem.terms[0].reads.distance);
  EXPECT_EQ(problem.groups(problem.terms[0]).attributes, 1);
  EXPECT_EQ(problem.groups(problem.terms[1]).attributes, 0);
  const Problem normal = build_problem(with("dn(u)", "x == 1 || x == -1"));
  EXPECT_EQ(normal.groups(normal.terms[1]).attributes, 2);
  EXPECT_EQ(to_text(normal.graph, normal.terms[1].stated[0], {"t", "x"}, {"u"}), "u_x*n_x");
}

TEST(Place, AStageMayReadMore) {
  ProblemText text = with("a*dn(u) + u", "x == 1");
  text.constants["a"] = source("0");
  text.stage_constants.resize(1);
  text.stage_constants[0]["a"] = source("2");
  const Problem problem = build_problem(text);
  EXPECT_EQ(to_text(problem.graph, problem.terms[1].stated[0], {"t", "x"}, {"u"}), "u");
  EXPECT_TRUE(problem.terms[1].reads.normal);
}

TEST(Place, NormalsAreRefusedWhereThereIsNoSurface) {
  const auto refused = [](const std::string& on, const std::string& what) {
    const std::string said = place_refusal(with("u_t + dn(u)", on));
    EXPECT_TRUE(has(said, no_surface + what)) << said;
    EXPECT_TRUE(has(said, "| u_t + dn(u)\n      |       ^~~~~")) << said;
  };
  refused("t == 0", "`on` of this condition is t == 0");
  refused("x == 0", "`on` of this condition is x == 0");
  refused("x < 0.5", "`on` of this condition is x <= 0.5");
  refused("boundary", "`on` of this condition holds t == 0");
  refused("x == 1 || x == 0.5", "`on` of this condition holds x == 0.5");
  for (const char* on : {"boundary && t > 0 && t < 1", "x == 1", "x == -1 && t == 0", "x == 1 && t > 0.5"})
    EXPECT_NO_THROW(build_problem(with("u_t + dn(u)", on))) << on;
  const std::string weight = place_refusal(with("u", "t == 0", "1 + n_x"));
  EXPECT_TRUE(has(weight, no_surface)) << weight;
  EXPECT_TRUE(has(weight, "| 1 + n_x\n      |     ^~~")) << weight;
  ProblemText equation = with("u", "t == 0");
  equation.terms[0].residuals = {source("u_t - dn(u)")};
  EXPECT_TRUE(has(place_refusal(equation), no_surface + std::string("the equation 'heat' holds in a body")))
      << place_refusal(equation);
  equation.definitions["flux"] = source("2*dn(u)");
  equation.terms[0].residuals = {source("u_t - flux")};
  EXPECT_TRUE(has(place_refusal(equation), "| 2*dn(u)")) << place_refusal(equation);
}

TEST(Place, LinkedPointsHaveNormalsOfTheirOwn) {
  ProblemText text = with("dn(u) + other(dn(u))", "x == -1");
  text.terms[1].pair = source("x == 1");
  const Problem problem = build_problem(text);
  EXPECT_EQ(problem.groups(problem.terms[1]).attributes, 2);
  const PlaceColumns columns =
      place_columns(problem, problem.terms[1].reads, problem.terms[1].region, problem.terms[1].pair);
  double normal[2] = {};
  ASSERT_TRUE(columns.linked->normal(0, std::vector<double>{0.5, 1}.data(), normal));
  EXPECT_EQ(normal[1], 1);
  text.terms[1].pair = source("x == 0.5");
  EXPECT_TRUE(has(place_refusal(text), no_surface + std::string("`pair` of this condition is x == 0.5")))
      << place_refusal(text);
  text.terms[1].residuals = {source("dn(u) + other(u)")};
  EXPECT_NO_THROW(build_problem(text)) << "nobody reads the normal there";
}

// A constant that one stage sets to zero takes what it multiplies out of that stage's residuals alone.
TEST(Place, LinkedPointsAreWhatSomeStageReads) {
  ProblemText text = with("dn(u) + k*other(dn(u))", "x == -1");
  text.terms[1].pair = source("x == 1");
  text.stage_constants.resize(2);
  for (const auto& [own, later] : {std::pair("0", "1"), std::pair("1", "0")}) {
    text.constants["k"] = source(own);
    text.stage_constants[1]["k"] = source(later);
    text.terms[1].pair = source("x == 1");
    const Problem problem = build_problem(text);
    const Term& wall = problem.terms[1];
    EXPECT_EQ(problem.groups(wall).attributes, 2);
    const PlaceColumns columns = place_columns(problem, wall.reads, wall.region, wall.pair);
    double normal[2] = {};
    ASSERT_TRUE(columns.linked && columns.linked->normal(0, std::vector<double>{0.5, 1}.data(), normal)) << own;
    EXPECT_EQ(normal[1], 1);
    text.terms[1].pair = source("x == 0.5");  // where no point has a normal: zeros would stand for them
    EXPECT_TRUE(has(place_refusal(text), no_surface + std::string("`pair` of this condition is x == 0.5")))
        << place_refusal(text);
  }
  text.stage_constants[1]["k"] = text.constants["k"] = source("0");
  EXPECT_TRUE(has(place_refusal(text), "no residual of")) << place_refusal(text);
}

TEST(Place, OtherExpressionsReadNone) {
  const auto said = [](ProblemText text) { return place_refusal(text); };
  ProblemText text = with("u", "sdf < -0.1");
  EXPECT_TRUE(has(said(text), "'sdf', the signed distance to the border of the domain, can stand in residuals"))
      << said(text);
  text = with("u", "x == 1");
  text.output["u"] = source("sdf*u");
  EXPECT_TRUE(has(said(text), "can stand in residuals")) << said(text);
  text.output.clear();
  text.reference.exact["u"] = source("sdf");
  EXPECT_TRUE(has(said(text), "can stand in residuals")) << said(text);
  Problem problem = build_problem(with("dn(u)", "x == 1"));
  testing::expect_error(Status::usage, {"can stand in residuals"}, [&] { parse_quantity(problem, source("dn(u)")); });
}

// Whether its columns are there is known where the file is opened.
TEST(Place, PointsOfATableBringNormalsAndDistance) {
  ProblemText text = with("u - data.u", "x == 1");
  text.terms[1].on.reset();
  text.terms[1].points = source("points.csv");
  EXPECT_FALSE(build_problem(text).terms[1].reads.any());
  text.terms[1].sigma = {source("1 - sdf")};
  const Problem distance = build_problem(text);
  EXPECT_TRUE(distance.terms[1].reads.distance);
  EXPECT_FALSE(distance.terms[1].reads.normal);
  text.terms[1].sigma.clear();
  text.terms[1].residuals = {source("dn(u) - data.u")};
  const Problem normal = build_problem(text);
  EXPECT_TRUE(normal.terms[1].reads.normal);
  EXPECT_EQ(normal.groups(normal.terms[1]).attributes, 2);
  ASSERT_EQ(normal.terms[1].table->columns.size(), 1U);
  text.terms[1].residuals = {source("d(n_x*u, x) - data.u")};
  EXPECT_TRUE(has(place_refusal(text), "have no derivative")) << place_refusal(text);
  text.terms[0].points = source("points.csv");
  text.terms[0].residuals = {source("u_t - dn(u)")};
  text.terms[1].residuals = {source("u - data.u")};
  EXPECT_TRUE(build_problem(text).terms[0].reads.normal) << "an equation at stored points";
}

TEST(Place, MonitorsReadNormalsOfBorders) {
  ProblemText text = with("u", "t == 0");
  text.monitors = {testing::monitor(MonitorKind::integral, "dn(u)", "x == 1")};
  const Problem problem = build_problem(text);
  EXPECT_TRUE(problem.monitors[0].reads.normal);
  EXPECT_EQ(problem.groups(problem.monitors[0]).attributes, 2);
  text.monitors = {testing::monitor(MonitorKind::integral, "dn(u)", "t == 1")};
  EXPECT_TRUE(has(place_refusal(text), no_surface + std::string("this monitor watches t == 1"))) << place_refusal(text);
}

TEST(Place, WindowsTakeOverWhatCoordinatesSay) {
  const auto said = [](const ProblemText& text, const std::string& coordinate) {
    WindowOptions options;
    options.count = 2;
    options.coordinate = source(coordinate);
    try {
      make_windows(build_problem(text), text, options);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  ProblemText text = with("dn(u)", "x == 1", "1 - sdf");
  text.terms.push_back(term("start", "u", "t == 0"));
  EXPECT_EQ(said(text, "t"), "");
  text.terms[1].weight.clear();
  text.terms[2].weight = {source("1 - sdf")};
  EXPECT_TRUE(has(said(text, "t"), "cannot read the normal or the distance")) << said(text, "t");
  text.terms[2].weight.clear();
  text.terms[0].weight = {source("1 - sdf")};
  EXPECT_EQ(said(text, "t"), "");
  EXPECT_TRUE(has(said(text, "x"), "the whole domain")) << said(text, "x");
}

}  // namespace
}  // namespace jetpinn
