// A smaller network's config differs from the run's in its widths, its stage and where it starts, and in nothing else.
#include "jetpinn/config/pruned_config.hpp"

#include "support/config_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

const std::string stages = R"toml(
[network]
hidden = [20, 12]
[output]
evaluate_every = 17
[training]
seed = 5
stop = { loss = 1e-9 }
[[training.stages]]
optimizer = "adam"
steps = 0
learning_rate = 9e-3
[[training.stages]]
optimizer = "adam"
learning_rate = { schedule = "exponential", start = 2e-3 }
batch = { burgers = 256 }
[[training.stages]]
optimizer = "lbfgs"
steps = 30
constants = { nu = 0.1 }
weights = { initial = 3 }
[[training.stages]]
optimizer = "adam"
steps = 0
)toml";

Config whole() {
  const std::string problem = small_config.substr(0, small_config.find("[[training.stages]]"));
  return parse_config(problem + stages, "burgers.toml", {});
}

Config smaller(const std::string& optimizer = "adam", const std::string& start_from = "start") {
  return pruned_config(whole(), {{7, 5}}, {optimizer, 40, 4e-3}, start_from, "/runs/small/config.toml");
}

TEST(PrunedConfig, WidthsStageAndStartAreOthers) {
  const Config config = smaller();
  EXPECT_EQ(config.network.hidden, (std::vector<std::int64_t>{7, 5}));
  ASSERT_EQ(config.training.stages.size(), 1u);
  const StageOptions& stage = config.training.stages[0];
  EXPECT_EQ(stage.optimizer.kind, "adam");
  EXPECT_EQ(stage.steps, 40);
  EXPECT_EQ(stage.optimizer.learning_rate.kind, "cosine");
  EXPECT_DOUBLE_EQ(stage.optimizer.learning_rate.start, 4e-3);
  EXPECT_DOUBLE_EQ(stage.optimizer.learning_rate.end, 4e-5);
  EXPECT_EQ(config.training.start_from, "/runs/small/start");
  // In the text it moves with the folder.
  EXPECT_NE(config.resolved.find("start_from = \"start\""), std::string::npos);
  EXPECT_EQ(parse_config(config.resolved, "/moved/config.toml", {}).training.start_from, "/moved/start");
}

TEST(PrunedConfig, TheProblemIsThatOfTheLastStageThatTrained) {
  const Config config = smaller();
  EXPECT_EQ(config.training.stages[0].constants.at("nu"), "0.1");
  EXPECT_EQ(config.training.stages[0].weights.at("initial"), "3");
  EXPECT_EQ(config.sampling.stage_batch[0].at("burgers"), 256);  // of the first stage that takes some
}

TEST(PrunedConfig, TheRestStays) {
  const Config config = smaller(), before = whole();
  EXPECT_EQ(config.name, before.name);
  EXPECT_EQ(config.training.seed, 5u);
  EXPECT_EQ(config.training.stop.loss, 1e-9);
  EXPECT_EQ(config.output.evaluate_every, 17);
  EXPECT_EQ(config.sampling.points.at("burgers"), 500);
  EXPECT_EQ(config.network.activation, before.network.activation);
}

TEST(PrunedConfig, WhatSearchesTakesNoBatchesAndNoRate) {
  const Config config = smaller("lbfgs");
  EXPECT_EQ(config.training.stages[0].optimizer.kind, "lbfgs");
  EXPECT_TRUE(config.sampling.stage_batch[0].empty());
}

TEST(PrunedConfig, EachOfSeveralNetworks) {
  const std::string two = R"toml([problem]
coordinates = ["x"]
fields = ["u", "v"]
domain = { x = [0, 1] }
[[problem.equations]]
residual = ["u_x - v", "v_x + u"]
[[networks]]
fields = ["u"]
hidden = [9, 9]
[[networks]]
fields = ["v"]
hidden = [8]
)toml";
  const Config config = pruned_config(parse_config(two, "two.toml", {}), {{5, 4}, {3}}, {"adam", 1, 1e-3}, "", "two.toml");
  EXPECT_EQ(config.network.members[0].hidden, (std::vector<std::int64_t>{5, 4}));
  EXPECT_EQ(config.network.members[1].hidden, (std::vector<std::int64_t>{3}));
  EXPECT_TRUE(config.training.start_from.empty());
}

TEST(PrunedConfig, TheFirstRateIsThatOfAStageThatTrained) {
  EXPECT_DOUBLE_EQ(first_learning_rate(whole()), 2e-3);
  Config searches = whole();
  searches.training.stages.erase(searches.training.stages.begin() + 1);
  EXPECT_EQ(first_learning_rate(searches), 0);
}

}  // namespace
}  // namespace jetpinn
