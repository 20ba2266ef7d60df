#include "jetpinn/train/verdict.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace jetpinn {
namespace {

RunFacts facts_of_two() {
  RunFacts facts;
  facts.terms = {"pde", "border"};
  facts.term_keys = {"problem.equations.0", "problem.conditions.0"};
  facts.term_noise = {0, 0};
  facts.stage_precisions = {"fp64", "fp32"};
  return facts;
}

// A run that went well.
RunSummary sound() {
  RunSummary summary;
  summary.status = "completed";
  summary.steps = 1000;
  summary.first_loss = 1;
  summary.loss = 1e-7;
  summary.loss_independent = 2e-7;
  summary.weighted_independent = {1.5e-7, 0.5e-7};
  summary.shares = {0.995, 0.005};
  summary.stages = {{0, "adam", 500, 500, 1e-3, "steps"}, {1, "lbfgs", 400, 500, 1e-7, "line search"}};
  return summary;
}

void expect_one(const RunSummary& summary, const std::string& kind, const std::vector<std::string>& words) {
  const Warnings found = verdicts(facts_of_two(), summary);
  ASSERT_FALSE(found.empty()) << kind;
  EXPECT_EQ(found[0].kind, kind);
  for (const std::string& word : words) EXPECT_NE(found[0].text.find(word), std::string::npos) << found[0].text;
}

TEST(Verdict, NothingOfARunThatWentWell) {
  EXPECT_TRUE(verdicts(facts_of_two(), sound()).empty());   // one term dominates and the line search
                                                            // ends at rounding: as it should be
  RunSummary failed = sound();
  failed.status = "failed";
  failed.loss_independent = 1;
  EXPECT_TRUE(verdicts(facts_of_two(), failed).empty());
}

TEST(Verdict, ANetworkThatFitsTheRowsOfItsTable) {
  RunSummary summary = sound();
  summary.loss_independent = 3e-6;
  summary.weighted_independent = {1e-7, 2.9e-6};
  RunFacts facts = facts_of_two();
  facts.term_tables = {"", "piv.h5"};
  const Warnings found = verdicts(facts, summary);
  ASSERT_FALSE(found.empty());
  EXPECT_NE(found[0].text.find("give its table more rows"), std::string::npos) << found[0].text;
  EXPECT_EQ(found[0].text.find("sampling.points"), std::string::npos) << found[0].text;
}

TEST(Verdict, ANetworkThatFitsItsPointsAndNothingElse) {
  RunSummary summary = sound();
  summary.loss_independent = 3e-6;
  summary.weighted_independent = {1e-7, 2.9e-6};
  expect_one(summary, "gap",
             {"3e-06", "30 times", "term 'border'", "sampling.points.border", "sampling.resample_every", "network.hidden"});
  summary.loss_independent = 9.9e-7;
  EXPECT_TRUE(verdicts(facts_of_two(), summary).empty());
}

TEST(Verdict, AStageThatGaveUpEarly) {
  RunSummary summary = sound();
  summary.loss = 0.1;
  summary.loss_independent = 0.1;
  summary.shares = {0.5, 0.5};
  expect_one(summary, "line search", {"stage 1 (lbfgs)", "step 400 of 500", "training.stages.1.precision = \"fp64\""});
  summary.stages[1].reason = "gradient is zero";
  expect_one(summary, "line search", {"no parameter changes the loss", "weights"});
}

TEST(Verdict, ALossThatHardlyFell) {
  RunSummary summary = sound();
  summary.loss = summary.loss_independent = 0.9;
  summary.shares = {0.5, 0.5};
  summary.stages.pop_back();
  expect_one(summary, "stall", {"from 1 to 0.9", "training.stages.0.learning_rate"});
  summary.steps = 20;   // too few to say
  EXPECT_TRUE(verdicts(facts_of_two(), summary).empty());
}

TEST(Verdict, ATermThatIsAllOfTheLoss) {
  RunSummary summary = sound();
  summary.loss = summary.loss_independent = 0.1;
  summary.stages.pop_back();
  expect_one(summary, "share", {"term 'pde' is 99.5 %", "problem.equations.0.weight"});
}

// A run that ends with a table of loss 0.995.
RunSummary left_with_its_table() {
  RunSummary summary = sound();
  summary.loss = summary.loss_independent = 1;
  summary.first_loss = 100;
  summary.shares = {0.005, 0.995};
  summary.stages.pop_back();
  return summary;
}

RunFacts facts_with_noise(double noise) {
  RunFacts facts = facts_of_two();
  facts.term_tables = {"", "piv.h5"};
  facts.term_noise[1] = noise;
  return facts;
}

TEST(Verdict, ATableThatIsMetToItsNoiseMayBeAllOfTheLoss) {
  EXPECT_TRUE(verdicts(facts_with_noise(1), left_with_its_table()).empty());
  EXPECT_TRUE(verdicts(facts_with_noise(0.67), left_with_its_table()).empty());  // 0.995 is less than 1.5 times 0.67
  const Warnings found = verdicts(facts_with_noise(0.66), left_with_its_table());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, "share");
  EXPECT_EQ(found[0].text.find("noise"), std::string::npos) << found[0].text;
}

TEST(Verdict, ATableOfUnknownNoiseMayBeMetToIt) {
  const Warnings found = verdicts(facts_with_noise(std::numeric_limits<double>::quiet_NaN()), left_with_its_table());
  ASSERT_EQ(found.size(), 1u);
  for (const char* word : {"99.5 %", "if that is the noise of its rows", "problem.conditions.0.sigma"})
    EXPECT_NE(found[0].text.find(word), std::string::npos) << found[0].text;
}

TEST(Verdict, NamesTheWeightThatATermHasInTheLastStage) {
  RunSummary summary = sound();
  summary.loss = summary.loss_independent = 0.1;
  summary.stages.back().reason = "steps";
  RunFacts facts = facts_of_two();
  facts.stage_weights = {{}, {"pde"}};
  const Warnings found = verdicts(facts, summary);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].text.find("lower training.stages.1.weights.pde"), std::string::npos) << found[0].text;
}

}  // namespace
}  // namespace jetpinn
