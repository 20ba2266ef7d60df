// Numbers of a problem: constants, and those that are trained.
#include "jetpinn/problem/constants.hpp"

#include "support/burgers_text.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace jetpinn {
namespace {

using testing::burgers_text;
using testing::message_of;
using testing::text;

// k between bounds, and q anywhere.
ProblemText with_trained() {
  ProblemText problem = burgers_text();
  problem.trained["k"] = {text("0.1*scale", "k.start"), text("-1", "k.min"), text("scale", "k.max"), 1e-3};
  problem.trained["q"] = {text("3", "q.start"), {}, {}, 0};
  problem.definitions["pull"] = text("k*u_x", "pull");
  problem.terms[0].residuals[0].text = "u_t + pull - q*u_xx";
  return problem;
}

TEST(Constants, trained_numbers_stand_in_expressions) {
  const Problem problem = build_problem(with_trained());
  ASSERT_EQ(problem.trained.size(), 2u);
  EXPECT_EQ(problem.trained[0].name, "k");
  EXPECT_DOUBLE_EQ(problem.trained[0].start, 0.2);
  EXPECT_EQ(problem.trained[0].lower, -1);
  EXPECT_EQ(problem.trained[0].upper, 2);
  EXPECT_EQ(problem.trained[0].learning_rate, 1e-3);
  EXPECT_FALSE(problem.trained[1].lower || problem.trained[1].upper);
  EXPECT_EQ(problem.groups().trainables, 2);
  EXPECT_TRUE(problem.graph.depends_on_trainables(problem.terms[0].residuals[0]));
  EXPECT_EQ(to_text(problem.graph, problem.terms[0].stated[0], {"t", "x"}, {"u"}), "k*u_x + u_t - q*u_xx");
  EXPECT_EQ(problem.graph.trainable_starts(), (std::vector<double>{problem.trained[0].theta(0.2), 3}));
}

TEST(Constants, trained_numbers_stand_nowhere_else) {
  const std::string why = "'k' is trained; it can stand in residuals, definitions and output transforms alone";
  const auto refused = [&](const std::function<void(ProblemText&)>& change) {
    ProblemText source = with_trained();
    change(source);
    const std::string message = message_of(source);
    EXPECT_NE(message.find(why), std::string::npos) << message;
    return message;
  };
  EXPECT_EQ(refused([](ProblemText& p) { p.terms[1].weight = {text("1 + k", "weight")}; }).find("weight: "), 0u);
  EXPECT_EQ(refused([](ProblemText& p) { p.terms[1].on = text("x < k", "on"); }).find("on: "), 0u);
  EXPECT_EQ(refused([](ProblemText& p) { p.domain["x"][1] = text("k", "x"); }).find("x: "), 0u);
  EXPECT_EQ(refused([](ProblemText& p) { p.constants["c"] = text("2*k", "c"); }).find("c: "), 0u);
  EXPECT_EQ(refused([](ProblemText& p) { p.reference.exact = {{"u", text("k*x", "exact")}}; }).find("exact: "), 0u);
  // In a definition, it is the definition's text that is shown.
  EXPECT_EQ(refused([](ProblemText& p) {
              p.definitions["twice"] = text("2*k", "twice");
              p.terms[1].weight = {text("twice", "weight")};
            }).find("twice: "),
            0u);
}

TEST(Constants, trained_numbers_begin_between_their_bounds) {
  const auto message = [](const std::function<void(TrainedText&)>& change) {
    ProblemText source = with_trained();
    change(source.trained["k"]);
    return message_of(source);
  };
  const std::string outside = "k.start: 'k' starts outside of its bounds, or on one: start must lie between min and max";
  for (const char* start : {"3", "-1", "scale", "-2"})
    EXPECT_EQ(message([&](TrainedText& k) { k.start.text = start; }).find(outside), 0u) << start;
  EXPECT_EQ(message([](TrainedText& k) {
              k.upper->text = "-1";
            }).find("k.max: the bounds of 'k' leave nothing between them: max must be above min, which is -1"),
            0u);
  EXPECT_EQ(message([](TrainedText& k) { k.start.text = "2*q"; }).find("k.start: 'q' is trained, and a constant is wanted"),
            0u);
  EXPECT_EQ(message([](TrainedText& k) { k.start.text = "2*c"; }).find("k.start: unknown name 'c'"), 0u);
}

TEST(Constants, trained_numbers_share_the_set_of_names) {
  ProblemText source = with_trained();
  source.trained["nu"] = {text("1", "nu.start"), {}, {}, 0};
  source.name_places["nu"] = text("nu", "nu");
  EXPECT_NE(message_of(source).find("'nu' is declared twice, as a constant and as a trained number"), std::string::npos)
      << message_of(source);
  source = with_trained();
  source.trained["u_x"] = {text("1", "u_x.start"), {}, {}, 0};
  EXPECT_NE(message_of(source).find("also reads as a derivative of 'u'"), std::string::npos);
  source = with_trained();
  source.terms[0].residuals[0].text = "u_t + k_x";
  EXPECT_NE(message_of(source).find("'k' is a trained number, so its derivative 'k_x' is zero"), std::string::npos);
}

TEST(Constants, errors_have_their_place) {
  ProblemText source = burgers_text();
  source.constants["scale"].text = "nu + 1";
  EXPECT_NE(message_of(source).find("refer to each other in a circle"), std::string::npos) << message_of(source);
  source.constants["scale"].text = "mu + 1";
  EXPECT_EQ(message_of(source).find("scale: "), 0u) << message_of(source);
  source = burgers_text();
  source.constants["sin"] = text("1", "sin");
  EXPECT_NE(message_of(source).find("'sin' is taken by the expression language"), std::string::npos);
  source = burgers_text();
  source.constants["u_x"] = text("1", "u_x");
  source.name_places["u_x"] = text("u_x", "problem.constants.u_x");
  EXPECT_EQ(message_of(source).find("problem.constants.u_x: the name 'u_x' also reads as a derivative of 'u'"), 0u)
      << message_of(source);
}

TEST(Constants, stand_in_any_order) {
  // Each needs the next: taken in their order, every pass would find one more.
  ProblemText source = burgers_text();
  const auto name = [](int number) { return "c" + std::to_string(10'000 + number); };
  for (int k = 0; k < 1000; ++k) source.constants[name(k)] = text(k < 999 ? name(k + 1) + " + 1" : "1", name(k));
  EXPECT_EQ(build_problem(source).symbols.constants.at("c10000"), 1000);
  source.constants["c10999"].text = "c10000";
  EXPECT_NE(message_of(source).find("refer to each other in a circle"), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
