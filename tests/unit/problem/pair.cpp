// Conditions whose points are linked with others.
#include "jetpinn/problem/problem.hpp"

#include "support/burgers_text.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jetpinn {
namespace {

using testing::source;
using testing::term;
using testing::text_of;

ProblemText linked(const std::string& residual, const std::string& on, const std::string& pair) {
  TermText condition = term("wrap", residual, on);
  condition.pair = source(pair);
  return text_of({term("heat", "u_t - u_xx"), condition});
}

std::string refusal(const std::string& residual, const std::string& on, const std::string& pair) {
  return testing::message_of(linked(residual, on, pair));
}

TEST(Pairs, LinkASetWithOtherPlaces) {
  const Problem problem = build_problem(linked("u_x - other(u_x)", "x == -1 && t > 0.2", "x == 1"));
  const Term& wrap = problem.terms[1];
  ASSERT_EQ(wrap.pair.size(), 1u);
  EXPECT_EQ(wrap.pair[0].coordinate, 1);
  EXPECT_EQ(wrap.pair[0].value, 1);
  EXPECT_EQ(problem.groups(wrap).sites, 2);
  EXPECT_EQ(problem.groups(problem.terms[0]).sites, 1);
  EXPECT_EQ(to_text(problem.graph, wrap.residuals[0], {"t", "x"}, {"u"}), "u_x - other(u_x)");
  // time is a coordinate like any other; several faces may have one place in common; corners fix two coordinates
  EXPECT_EQ(build_problem(linked("u - other(u)", "t == 0", "t == 1")).terms[1].pair[0].coordinate, 0);
  EXPECT_EQ(build_problem(linked("u - other(u)", "x == -1 || x == 0", "x == 1")).terms[1].region.pieces.size(), 2u);
  EXPECT_EQ(build_problem(linked("u - other(u)", "x == -1 && t == 0", "x == 1 && t == 1")).terms[1].pair.size(), 2u);
  EXPECT_EQ(build_problem(linked("u - other(u)", "x == -1 && t == 0", "t == 1")).terms[1].pair.size(), 1u);
}

TEST(Pairs, OtherIsAnExpressionAtTheOtherPlace) {
  ProblemText text = linked("jump - x*other(d(x*u, x))", "x == -1", "x == 1");
  text.definitions["jump"] = source("u - other(u)");
  text.output["u"] = source("u*(1 + x)");
  Problem problem = build_problem(text);
  ExpressionGraph& graph = problem.graph;
  const std::string stated = to_text(graph, problem.terms[1].stated[0], {"t", "x"}, {"u"});
  for (const char* part : {"u - other(u)", "other(x)*other(u_x)"}) EXPECT_NE(stated.find(part), std::string::npos) << stated;
  // the transform is that of the other place: (1 + other(x)) u there
  EXPECT_TRUE(graph.depends_on_second_site(problem.terms[1].residuals[0]));
  const std::string raw = to_text(graph, problem.terms[1].residuals[0], {"t", "x"}, {"u"});
  EXPECT_NE(raw.find("other(u)*(1 + other(x))"), std::string::npos) << raw;
  // twice the other is the place itself, and a vector has its components there
  EXPECT_NO_THROW(build_problem(linked("u_x - other(2*other(u) + u)", "x == -1", "x == 1")));
  EXPECT_EQ(build_problem(linked("other([u, u_x]) - [u, u_x]", "x == -1", "x == 1")).terms[1].residuals.size(), 2u);
}

TEST(Pairs, AreRefusedWithAWord) {
  const auto expect = [](const std::string& message, const std::string& word) {
    EXPECT_NE(message.find(word), std::string::npos) << message;
  };
  expect(refusal("u - other(u)", "x == -1", "x > 0"), "fixes no coordinate");
  expect(refusal("u - other(u)", "x == -1", "x == 1 || x == 0"), "describes 2 sets");
  expect(refusal("u - other(u)", "x == -1", "boundary"), "describes 4 sets");
  expect(refusal("u - other(u)", "x == -1", "x == 1 && t > 0.5"), "equalities alone");
  expect(refusal("u - other(u)", "x == -1", "x == 1 && t*t > 0.5"), "equalities alone");
  expect(refusal("u - other(u)", "x == -1", "t == 1"), "leaves it free");
  expect(refusal("u - other(u)", "x == -1", "x == -1"), "linked with itself");
  expect(refusal("u - other(u)", "x == -1 || x == 1", "x == 1"), "linked with itself");
  expect(refusal("u - other(u)", "x == -1", "x == 2"), "outside");
  expect(refusal("u - other(u)", "x == -1", "y == 2"), "unknown name 'y'");
  expect(refusal("u - other(u)", "x == -1", "1"), "fixes no coordinate");
  expect(refusal("u - 1", "x == -1", "x == 1"), "reads the points of `pair`");
  expect(refusal("other(u", "x == -1", "x == 1"), "')'");
  expect(refusal("other(u, u)", "x == -1", "x == 1"), "one argument");
  expect(testing::message_of(text_of({term("heat", "u_t - other(u)")})), "condition with a `pair`");
  expect(testing::message_of(text_of({term("heat", "u_t - u"), term("wall", "u - other(u)", "x == 1")})),
         "condition with a `pair`");
  ProblemText weighted = linked("u - other(u)", "x == -1", "x == 1");
  weighted.terms[1].weight = {source("other(x)")};
  expect(testing::message_of(weighted), "condition with a `pair`");
}

}  // namespace
}  // namespace jetpinn
