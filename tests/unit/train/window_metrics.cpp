#include "jetpinn/train/window_metrics.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

TEST(WindowMetrics, CountOnFromTheWindowsBefore) {
  std::int64_t steps = 0;
  double seconds = 0;
  const WindowOfRun window{"runs/a", 2, 100, 1.5};
  const auto line =
      nlohmann::json::parse(line_of_run(R"({"step": 7, "time_s": 0.25, "loss": 0.5})", window, steps, seconds));
  EXPECT_EQ(line, nlohmann::json::parse(R"({"step": 107, "time_s": 1.75, "loss": 0.5, "window": 2})"));
  EXPECT_EQ(steps, 7);
  EXPECT_EQ(seconds, 0.25);
  EXPECT_EQ(line_of_run(R"({"step": 8, "lo)", window, steps, seconds), "") << "a line that was cut";
  EXPECT_EQ(steps, 7);
  EXPECT_NE(line_of_run(R"({"step": "x", "time_s": {}})", window, steps, seconds), "") << "keys of other kinds";
  EXPECT_EQ(steps, 7);
}

TEST(WindowMetrics, AreAppended) {
  const testing::TemporaryFolder folder;
  write_text_file(folder.path() + "/metrics.jsonl", "{}\n");
  StepRecord record;
  record.step = 3;
  record.terms = {0.5};
  RunFacts facts;
  facts.terms = {"heat"};
  WindowMetricsLog log({folder.path(), 1, 20, 0});
  log.started(facts);
  log.step(record);
  const std::string text = read_text_file(folder.path() + "/metrics.jsonl");
  ASSERT_EQ(text.substr(0, 3), "{}\n");
  const auto line = nlohmann::json::parse(text.substr(3));
  EXPECT_EQ(line["step"], 23);
  EXPECT_EQ(line["window"], 1);
  EXPECT_EQ(line["terms"]["heat"], 0.5);
}

}  // namespace
}  // namespace jetpinn
