#include "jetpinn/study/sweep_plan.hpp"

#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <set>

namespace jetpinn {
namespace {

using testing::expect_error;
using Texts = std::vector<std::string>;

TEST(SweepPlan, ValuesAreDividedOutsideBracketsAndQuotes) {
  EXPECT_EQ(split_values("0, 1,2"), (Texts{"0", "1", "2"}));
  EXPECT_EQ(split_values("[32,32],[64, 64]"), (Texts{"[32,32]", "[64, 64]"}));
  EXPECT_EQ(split_values("{ start = 1, decay = 2 },3"), (Texts{"{ start = 1, decay = 2 }", "3"}));
  EXPECT_EQ(split_values(R"("a,\",b",'c,d',atan2(x, y))"), (Texts{R"("a,\",b")", "'c,d'", "atan2(x, y)"}));
  EXPECT_EQ(split_values("[1,2"), (Texts{"[1,2"}));   // the config says what is wrong with it
}

TEST(SweepPlan, IsTheProductOfAllValues) {
  const SweepPlan plan = plan_sweep({"training.seed=0,1", "network.activation=tanh", "network.hidden=[8],[8,8],[16]"});
  EXPECT_EQ(plan.fixed, (Texts{"network.activation=tanh"}));
  const std::vector<SweepRun> runs = sweep_runs(plan.axes);
  ASSERT_EQ(runs.size(), 6u);
  // Runs of one setting follow one another.
  EXPECT_EQ(assignments(plan.axes, runs[0]), (Texts{"training.seed=0", "network.hidden=[8]"}));
  EXPECT_EQ(assignments(plan.axes, runs[1]), (Texts{"training.seed=1", "network.hidden=[8]"}));
  EXPECT_EQ(assignments(plan.axes, runs[5]), (Texts{"training.seed=1", "network.hidden=[16]"}));
  EXPECT_EQ(runs[1].setting, 0u);
  EXPECT_EQ(runs[2].setting, 1u);
  EXPECT_EQ(runs[3].name, "seed-1_hidden-8-8");
}

TEST(SweepPlan, NamesTellAllRunsApart) {
  const SweepPlan plan =
      plan_sweep({"problem.constants.a=1/2,1*2,1-2", "training.stages.0.steps=1,2", "training.stages.1.steps=1,2"});
  std::set<std::string> names;
  for (const SweepRun& run : sweep_runs(plan.axes)) {
    EXPECT_EQ(run.name.find_first_of("/*= "), std::string::npos) << run.name;
    names.insert(run.name);
  }
  EXPECT_EQ(names.size(), 12u);
  EXPECT_TRUE(names.count("a-1-2_training.stages.0.steps-1_training.stages.1.steps-1"));
}

TEST(SweepPlan, RefusesWhatIsNoSweep) {
  const auto refused = [](const Texts& sets, const Texts& words) {
    expect_error(Status::usage, words, [&] { plan_sweep(sets); });
  };
  refused({}, {"needs a --set with several values"});
  refused({"training.seed=1"}, {"needs a --set with several values"});
  refused({"training.seed=1,2", "training.seed=3"}, {"training.seed", "given twice"});
  refused({"training.seed="}, {"a value is missing"});
  refused({"training.seed=1,,2"}, {"a value is missing"});
  refused({"training.seed=1,2,1"}, {"the value 1 is given twice"});
  refused({"training.stages.0.learning_rate.start=1e-3,0.001"}, {"the value 0.001 is given twice"});
  refused({"training.seed"}, {"a key and its values"});
  Texts many;
  for (const char* key : {"a", "b", "c", "d"}) many.push_back(std::string(key) + "=1,2,3,4,5,6");
  refused(many, {"1296 runs", "at most 1000"});
}

}  // namespace
}  // namespace jetpinn
