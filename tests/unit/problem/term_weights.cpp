#include "jetpinn/problem/term_weights.hpp"

#include "jetpinn/expr/graph.hpp"
#include "support/expect_error.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jetpinn {
namespace {

WeightText weights_of(const std::vector<std::string>& list) {
  WeightText weights;
  for (const std::string& text : list) weights.list.push_back(testing::source(text));
  weights.place = testing::source("the list");
  return weights;
}

// Stage 0 changes nothing, stages 1 and 2 weigh the walls alike, stage 3 gives the weight that they have anyway.
ProblemText weighed() {
  ProblemText text =
      testing::text_of({testing::term("flow", "u_t + u*u_x - u_xx/Re"), testing::term("walls", "u - 2", "x == 1")});
  text.constants = {{"Re", testing::source("100")}};
  text.terms[1].weight = {testing::source("2")};
  text.stage_weights.resize(4);
  text.stage_weights[1]["walls"] = weights_of({"1 + t"});
  text.stage_weights[2]["walls"] = weights_of({"1 + t"});
  text.stage_weights[3]["walls"] = weights_of({"4/2"});
  return text;
}

double weight_at(const Problem& problem, NodeId node, double t) {
  const double place[] = {t, 0};
  return PointEvaluator(problem.graph, node)(place);
}

TEST(StageWeights, AreThoseOfTheirStagesAlone) {
  const Problem problem = build_problem(weighed());
  ASSERT_EQ(problem.variants.size(), 2u);
  EXPECT_EQ(problem.variant_of_stage, (std::vector<std::size_t>{0, 1, 1, 0}));
  const Variant &own = problem.variants[0], &other = problem.variants[1];
  EXPECT_EQ(weight_at(problem, own.weights[1][0], 0.5), 2);
  EXPECT_EQ(weight_at(problem, other.weights[1][0], 0.5), 1.5);
  EXPECT_EQ(other.weight_places[1][0].text, "1 + t");
  EXPECT_EQ(own.weights[0], other.weights[0]) << "of another term";
  EXPECT_EQ(own.residuals, other.residuals);
  EXPECT_EQ(problem.terms[1].weights, own.weights[1]) << "terms begin as the problem has them";
  EXPECT_EQ(problem.terms[1].weight_places[0].text, "2");
}

TEST(StageWeights, ReadTheConstantsOfTheirStage) {
  ProblemText text = weighed();
  text.stage_constants.resize(4);
  text.stage_constants[1] = {{"Re", testing::source("50")}};
  text.stage_weights[1]["walls"] = text.stage_weights[2]["walls"] = weights_of({"Re"});
  const Problem problem = build_problem(text);
  EXPECT_EQ(weight_at(problem, problem.variants[problem.variant_of_stage[1]].weights[1][0], 0), 50);
  EXPECT_EQ(weight_at(problem, problem.variants[problem.variant_of_stage[2]].weights[1][0], 0), 100);
  text.terms[1].weight = {testing::source("2*Re")};
  EXPECT_NO_THROW(build_problem(text)) << "stage 1, where Re is another, does not read it";
  text.stage_constants[2] = {{"Re", testing::source("60")}};
  text.stage_weights[2].clear();
  testing::expect_error(Status::usage, {"another value in stage 2", "a weight"}, [&] { build_problem(text); });
}

TEST(StageWeights, KeepToTheRulesOfWeights) {
  const auto refused = [](const std::vector<std::string>& list, const std::vector<std::string>& says,
                          Reduction reduction = Reduction::mean_of_squares) {
    ProblemText text = weighed();
    text.terms[1].reduction = reduction;
    text.stage_weights[2]["walls"] = weights_of(list);
    testing::expect_error(Status::usage, says, [&] { build_problem(text); });
  };
  refused({"-1"}, {"a weight cannot be negative"});
  refused({"1", "2"}, {"term 'walls' has 1 residual but 2 weights"});
  refused({"u"}, {"'u' is a field; here only coordinates and constants can stand"});
  refused({"1 + x"}, {"the weight of a mean is a number"}, Reduction::square_of_mean);
}

// sigma divides them as it divides the others; a column that they alone read is one more of the table.
TEST(StageWeights, OfATableAreDividedBySigma) {
  ProblemText text = weighed();
  text.terms[1].on.reset();
  text.terms[1].points = testing::source("rows.h5");
  text.terms[1].residuals = {testing::source("u - data.u")};
  text.terms[1].sigma = {testing::source("data.su")};
  text.stage_weights[1]["walls"] = text.stage_weights[2]["walls"] = weights_of({"8*data.w"});
  const Problem problem = build_problem(text);
  const std::vector<TermColumn>& columns = problem.terms[1].table->columns;
  ASSERT_EQ(columns.size(), 3u);
  EXPECT_EQ(columns[2].name, "w");
  const double place[] = {0, 0}, data[] = {0, 2, 3};  // u, su, w
  EXPECT_EQ(PointEvaluator(problem.graph, problem.variants[0].weights[1][0])(place, data), 2 / 4.0);
  EXPECT_EQ(PointEvaluator(problem.graph, problem.variants[1].weights[1][0])(place, data), 8 * 3 / 4.0);
}

}  // namespace
}  // namespace jetpinn
