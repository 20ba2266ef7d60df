// A training that takes up a run in its midst has the stages, and the rates, that the run had from there on.
#include "jetpinn/config/later_stages.hpp"

#include "support/config_text.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <limits>

namespace jetpinn {
namespace {

Config staged(const std::string& rate) {
  const std::string problem = small_config.substr(0, small_config.find("[[training.stages]]"));
  return parse_config(problem + "[[training.stages]]\nsteps = 40\nlearning_rate = " + rate +
                          "\nbatch = { burgers = 256 }\n[[training.stages]]\noptimizer = \"lbfgs\"\nsteps = 30\n"
                          "constants = { nu = 0.1 }\n",
                      "small.toml", {});
}

Config behind(const Config& config, std::int64_t stage, std::int64_t done) {
  return parse_config(config.resolved, config.path, {"training.stages=" + stages_behind(config, stage, done)});
}

TEST(LaterStages, RatesGoOnWhereTheyWere) {
  for (const char* rate :
       {"0.25", "{ start = 0.5, warmup = 7 }",
        "{ schedule = \"exponential\", start = 1, decay = 0.5, every = 9, warmup = 3 }",
        "{ schedule = \"piecewise\", start = 8, at = [5, 17, 20], factors = [0.5, 0.3, 0.1], warmup = 2 }",
        "{ schedule = \"piecewise\", start = 8, at = [5], factors = [0.5] }"}) {
    const Config config = staged(rate);
    const ScheduleOptions& whole = config.training.stages[0].optimizer.learning_rate;
    for (const std::int64_t done : {7, 16, 17}) {
      const Config later = behind(config, 0, done);
      ASSERT_EQ(later.training.stages.size(), 2u);
      const StageOptions& stage = later.training.stages[0];
      EXPECT_EQ(stage.steps, 40 - done);
      for (std::int64_t step = 0; step < stage.steps; ++step)
        EXPECT_NEAR(learning_rate(stage.optimizer.learning_rate, step, stage.steps), learning_rate(whole, done + step, 40),
                    16 * std::numeric_limits<double>::epsilon())  // of rates up to 8, products in another order
            << rate << ", " << done << " steps done, then " << step;
    }
  }
}

TEST(LaterStages, TheRestOfAStageStays) {
  const Config config = staged("{ schedule = \"cosine\", start = 1e-2 }");
  const Config whole = behind(config, 0, 0);  // from its begin a stage is what it was, whatever its rate
  EXPECT_EQ(whole.resolved, config.resolved);
  const Config later = behind(config, 1, 10);
  ASSERT_EQ(later.training.stages.size(), 1u);
  EXPECT_EQ(later.training.stages[0].optimizer.kind, "lbfgs");
  EXPECT_EQ(later.training.stages[0].steps, 20);
  EXPECT_EQ(later.training.stages[0].constants.at("nu"), "0.1");
  EXPECT_EQ(behind(staged("0.25"), 0, 10).sampling.stage_batch[0].at("burgers"), 256);
}

TEST(LaterStages, ARateThatCannotBeginInItsMidstIsRefused) {
  for (const char* rate : {"{ schedule = \"cosine\", start = 1e-2 }", "{ schedule = \"one_cycle\" }",
                           "{ schedule = \"stall\" }", "{ start = 1e-3, warmup = 20 }"})
    EXPECT_NE(message_of([&] { stages_behind(staged(rate), 0, 12); }).find("12 steps behind the beginning of stage 0"),
              std::string::npos)
        << rate;
}

}  // namespace
}  // namespace jetpinn
