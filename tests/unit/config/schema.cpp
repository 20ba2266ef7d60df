#include "jetpinn/config/schema.hpp"

#include "jetpinn/config/document.hpp"
#include "support/config_text.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

namespace jetpinn {
namespace {

TEST(schema, rows_are_complete) {
  std::set<std::string> paths;
  for (const Key& key : schema()) {
    EXPECT_TRUE(paths.insert(key.path).second) << key.path;
    EXPECT_FALSE(key.doc.empty()) << key.path;
    const bool free_name = key.path.find('<') != std::string::npos;
    if (key.available && key.shorthand.empty()) {
      EXPECT_TRUE(key.set) << key.path;
      EXPECT_TRUE(free_name || !key.standard.empty() || !key.standard_note.empty())
          << key.path << " has neither a default nor 'required'";
    }
  }
}

// The table and the structs that code uses without a config say the same.
TEST(schema, defaults_are_those_of_the_structs) {
  const Config config = parse_config(
      "[problem]\ncoordinates = ['x']\ndomain = { x = [0, 1] }\n[[problem.equations]]\nresidual = 'u'\n", "a.toml", {});
  const NetworkOptions network;
  EXPECT_EQ(config.network.kind, network.kind);
  EXPECT_EQ(config.network.hidden, network.hidden);
  EXPECT_EQ(config.network.activation, network.activation);
  const SamplingOptions sampling;
  EXPECT_EQ(config.sampling.method, sampling.method);
  EXPECT_EQ(config.sampling.resample_every, sampling.resample_every);
  const TrainingOptions training;
  EXPECT_EQ(config.training.seed, training.seed);
  EXPECT_EQ(config.training.precision, training.precision);
  EXPECT_EQ(config.training.reproducibility, training.reproducibility);
  EXPECT_EQ(config.training.engine, training.engine);
  EXPECT_EQ(config.training.stop.time_s, training.stop.time_s);
  EXPECT_EQ(config.training.stop.loss, training.stop.loss);
  EXPECT_EQ(config.training.stop.error, training.stop.error);
  EXPECT_EQ(config.training.stop.stall_steps, training.stop.stall_steps);
  EXPECT_EQ(config.training.stop.stall_factor, training.stop.stall_factor);
  ASSERT_EQ(config.training.stages.size(), 1u);
  const StageOptions stage, &parsed = config.training.stages[0];
  EXPECT_EQ(parsed.steps, stage.steps);
  EXPECT_EQ(parsed.optimizer.kind, stage.optimizer.kind);
  EXPECT_EQ(parsed.optimizer.beta1, stage.optimizer.beta1);
  EXPECT_EQ(parsed.optimizer.beta2, stage.optimizer.beta2);
  EXPECT_EQ(parsed.optimizer.epsilon, stage.optimizer.epsilon);
  EXPECT_EQ(parsed.optimizer.clip, stage.optimizer.clip);
  EXPECT_EQ(parsed.optimizer.history, stage.optimizer.history);
  EXPECT_EQ(parsed.optimizer.gradient_tolerance, stage.optimizer.gradient_tolerance);
  EXPECT_EQ(parsed.optimizer.loss_tolerance, stage.optimizer.loss_tolerance);
  EXPECT_EQ(parsed.optimizer.learning_rate.kind, stage.optimizer.learning_rate.kind);
  EXPECT_EQ(parsed.optimizer.learning_rate.start, stage.optimizer.learning_rate.start);
  EXPECT_EQ(parsed.optimizer.learning_rate.decay, stage.optimizer.learning_rate.decay);
  EXPECT_EQ(parsed.optimizer.learning_rate.every, stage.optimizer.learning_rate.every);
  EXPECT_EQ(parsed.optimizer.learning_rate.end, stage.optimizer.learning_rate.end);
  EXPECT_EQ(parsed.optimizer.learning_rate.at, stage.optimizer.learning_rate.at);
  EXPECT_EQ(parsed.optimizer.learning_rate.factors, stage.optimizer.learning_rate.factors);
  EXPECT_EQ(parsed.optimizer.learning_rate.max, stage.optimizer.learning_rate.max);
  EXPECT_EQ(parsed.optimizer.learning_rate.period, stage.optimizer.learning_rate.period);
  EXPECT_EQ(parsed.optimizer.weight_decay, stage.optimizer.weight_decay);
  EXPECT_EQ(parsed.optimizer.learning_rate.warmup, stage.optimizer.learning_rate.warmup);
  const OutputOptions output;
  EXPECT_EQ(config.output.log_every_s, output.log_every_s);
  EXPECT_EQ(config.output.evaluate_every, output.evaluate_every);
  EXPECT_EQ(config.output.keep_best, output.keep_best);
  EXPECT_EQ(config.output.checkpoint_every_s, output.checkpoint_every_s);
  EXPECT_EQ(config.output.checkpoint_keep, output.checkpoint_keep);
  const RunOptions run;
  EXPECT_EQ(config.run.deadline_s, run.deadline_s);
  EXPECT_EQ(config.run.memory_limit_bytes, run.memory_limit_bytes);
}

// JETPINN_UPDATE_DOCS=1 in the environment writes the page's list anew.
TEST(schema, docs_list_every_key_as_it_is) {
  const char* root = std::getenv("JETPINN_SOURCE_DIR");
  ASSERT_NE(root, nullptr) << "JETPINN_SOURCE_DIR is not set: ctest sets it";
  const std::string path = std::string(root) + "/docs/config.md", begin = "```text\n", end = "```\n";
  std::ifstream file(path);
  std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t from = page.find(begin), to = from == std::string::npos ? from : page.find("\n" + end, from);
  ASSERT_NE(to, std::string::npos) << "docs/config.md has no ```text block";
  const std::size_t first = from + begin.size();
  if (std::getenv("JETPINN_UPDATE_DOCS"))
    std::ofstream(path) << page.substr(0, first) << describe_keys() << page.substr(to + 1);
  else
    EXPECT_EQ(page.substr(first, to + 1 - first), describe_keys()) << "run unit_config once with JETPINN_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace jetpinn
