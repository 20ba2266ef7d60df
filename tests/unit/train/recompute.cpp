#include "jetpinn/train/recompute.hpp"

#include "jetpinn/layer/recompute_plan.hpp"
#include "jetpinn/train/memory_plan.hpp"
#include "support/assembly_case.hpp"
#include "support/recompute_plans.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace jetpinn {
namespace {

Assembly deep_assembly(int ranks) {
  NetworkOptions network;
  network.hidden.assign(9, 120);
  return assemble(testing::heat_problem(), network, {}, 0, ranks);
}

TrainingOptions adam_that_recomputes(RecomputeOptions recompute) {
  TrainingOptions training;
  training.recompute = recompute;
  training.stages.resize(1);
  training.stages[0].steps = 5;
  return training;
}

// Of all plans within the limit of all ranks, the one of the least work; each planned as an engine that keeps all is.
TEST(Recompute, TakesTheFirstPlanWithinTheLimit) {
  const TrainingOptions training = adam_that_recomputes({true, 1});
  for (const int ranks : {1, 3}) {
    Assembly assembly = deep_assembly(ranks);
    const double kept = planned_bytes(assembly, training, {}), kept_flop = assembly.flop_per_step();
    const double least = least_planned_bytes(assembly, training, {});
    ASSERT_LT(least, kept);
    double last = 0;
    for (const double share : {1.0, 0.75, 0.5, 0.25, 0.0}) {
      const double limit = least + share * (kept - least);
      choose_recomputed(assembly, training, {}, limit);
      EXPECT_LE(planned_bytes(assembly, training, {}), limit) << ranks << " ranks";
      EXPECT_GE(assembly.flop_per_step(), last);
      EXPECT_EQ(assembly.recomputed.empty(), share == 1);
      for (const RecomputedLayers& plan : test::recompute_plans(assembly.network)) {
        const double flop = cost_model(assembly.network, assembly.terms, plan).flop_per_point[0];
        if (flop >= assembly.cost.flop_per_point[0]) continue;
        const std::int64_t bytes = ranks * plan_memory(assembly, training, {}, 0, plan).total();
        EXPECT_GT(static_cast<double>(bytes), limit - ranks * 4096.0) << "a plan of less work would do";
      }
      last = assembly.flop_per_step();
    }
    EXPECT_GT(last, kept_flop);
    choose_recomputed(assembly, training, {}, 0.5 * least);
    EXPECT_EQ(planned_bytes(assembly, training, {}), least) << "the least that can be";
    choose_recomputed(assembly, training, {}, 0);
    EXPECT_TRUE(assembly.recomputed.empty());
    EXPECT_EQ(assembly.flop_per_step(), kept_flop);
  }
}

TEST(Recompute, TellsWhatItTakes) {
  Assembly assembly = deep_assembly(1);
  const TrainingOptions training = adam_that_recomputes({false, 3}), plain = adam_that_recomputes({});
  choose_recomputed(assembly, plain, {}, 1);
  EXPECT_FALSE(recompute_facts(assembly, plain, {}).has_value());
  const std::int64_t kept = plan_memory(assembly, plain, {}, 0).channels;
  const double flop = assembly.flop_per_step();
  choose_recomputed(assembly, training, {}, 0);
  const auto facts = recompute_facts(assembly, training, {});
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->hidden_layers, 9u);
  ASSERT_EQ(facts->segments.size(), 2u);
  EXPECT_EQ(facts->segments[0].first, 1u);
  EXPECT_EQ(facts->segments[1].first, facts->segments[0].last + 1);
  EXPECT_EQ(facts->channels_kept, kept);
  EXPECT_EQ(facts->channels, plan_memory(assembly, training, {}, 0).channels);
  EXPECT_LT(facts->channels, kept);
  // Eight matrices between hidden layers; those of the recomputed layers but the first are multiplied four times, not three.
  const auto again = static_cast<double>(facts->segments[1].last - 1);
  EXPECT_DOUBLE_EQ(facts->more_work, again / (3 * 8));
  EXPECT_DOUBLE_EQ(assembly.flop_per_step() / flop, 1 + again / (3 * 8));
  const std::string text = recompute_text({{{1, 3}, {4, 4}}, 9, 3 << 20, 6 << 20, 0.125});
  EXPECT_EQ(text,
            "hidden layers 1-3, 4 of 9 are computed again in the reverse sweep: channels take 3 MiB in place of 6 MiB, "
            "12.5 % more work");
}

// Two hidden layers in two segments hold as much as where all is kept, for more work.
TEST(Recompute, SegmentsThatSaveNothingAreNotTaken) {
  NetworkOptions network;
  network.hidden.assign(2, 40);
  Assembly assembly = assemble(testing::heat_problem(), network, {}, 0, 1);
  const double flop = assembly.flop_per_step();
  choose_recomputed(assembly, adam_that_recomputes({false, 2}), {}, 0);
  EXPECT_TRUE(assembly.recomputed.empty());
  EXPECT_EQ(assembly.flop_per_step(), flop);
}

// An engine of automatic differentiation keeps what it keeps.
TEST(Recompute, IsOfTheJetsEngine) {
  Assembly assembly = deep_assembly(1);
  TrainingOptions training = adam_that_recomputes({true, 1});
  training.engine = EngineKind::reference;
  choose_recomputed(assembly, training, {}, 1);
  EXPECT_TRUE(assembly.recomputed.empty());
}

}  // namespace
}  // namespace jetpinn
