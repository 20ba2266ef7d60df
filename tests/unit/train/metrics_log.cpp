#include "jetpinn/train/metrics_log.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include <limits>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

std::vector<std::string> keys_of(const nlohmann::ordered_json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

StepRecord sample_record() {
  StepRecord record;
  record.step = 7;
  record.loss = 0.1;
  record.terms = {0.25, std::numeric_limits<double>::quiet_NaN()};
  record.gradient_norm = std::numeric_limits<double>::infinity();
  return record;
}

TEST(MetricsLog, LineHasTheKeysOfTheContract) {
  StepRecord record = sample_record();
  record.errors = {{"u", 0.5, 2}};
  record.shares = {0.75, 0.25};
  const std::string text = metrics_line(record, {"pde", "wall"});
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto line = nlohmann::ordered_json::parse(text);
  EXPECT_EQ(keys_of(line),
            (std::vector<std::string>{"step", "stage", "time_s", "loss", "terms", "shares", "learning_rate", "points_per_s",
                                      "gradient_norm", "memory_mib", "utilisation", "memory_efficiency", "error"}));
  EXPECT_EQ(keys_of(line["terms"]), (std::vector<std::string>{"pde", "wall"}));
  EXPECT_EQ(line["shares"], nlohmann::ordered_json::parse(R"({"pde": 0.75, "wall": 0.25})"));
  EXPECT_EQ(line["loss"].get<double>(), 0.1);   // to the last bit
  EXPECT_TRUE(line["terms"]["wall"].is_null());
  EXPECT_TRUE(line["gradient_norm"].is_null());
  EXPECT_EQ(line["error"], nlohmann::ordered_json::parse(R"({"u": {"rel_l2": 0.5, "max_abs": 2.0}})"));
  EXPECT_EQ(nlohmann::ordered_json::parse(metrics_line(sample_record(), {"pde", "wall"}))["error"].size(), 0u);
  EXPECT_FALSE(line.contains("loss_independent"));   // not measured at this step
  EXPECT_FALSE(line.contains("monitors"));
  record.monitors = {{"drag", 0.1}};
  EXPECT_EQ(nlohmann::ordered_json::parse(metrics_line(record, {"pde", "wall"}))["monitors"]["drag"].get<double>(), 0.1);
  EXPECT_FALSE(line.contains("trainable"));  // there are none
  record.trained = {{"k", 0.1}, {"nu", 0.02}};
  EXPECT_EQ(nlohmann::ordered_json::parse(metrics_line(record, {"pde", "wall"}))["trainable"],
            nlohmann::ordered_json::parse(R"({"k": 0.1, "nu": 0.02})"));
  EXPECT_FALSE(line.contains("validation"));
  record.validation = {{"piv", 1.25}};
  EXPECT_EQ(nlohmann::ordered_json::parse(metrics_line(record, {"pde", "wall"}))["validation"],
            nlohmann::ordered_json::parse(R"({"piv": 1.25})"));
  record.loss_independent = 0.75;
  EXPECT_EQ(nlohmann::ordered_json::parse(metrics_line(record, {"pde", "wall"}))["loss_independent"].get<double>(), 0.75);
}

TEST(MetricsLog, LinesAreThereAtOnceAndAppendingContinues) {
  const testing::TemporaryFolder folder;
  RunFacts facts;
  facts.terms = {"pde", "wall"};
  const auto write = [&](bool append, int lines) {
    MetricsLog log(folder.path(), append);
    log.started(facts);
    for (int i = 0; i < lines; ++i) log.step(sample_record());
    const std::string text = read_text_file(folder.file("metrics.jsonl"));   // while it is still open
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(write(false, 2), 2);
  EXPECT_EQ(write(true, 1), 3);
  EXPECT_EQ(write(false, 1), 1);
}

TEST(MetricsLog, FailureNamesTheFile) {
  testing::expect_error(Status::usage, {"/nowhere/metrics.jsonl"}, [] { MetricsLog("/nowhere"); });
}

TEST(MetricsLog, ARunThatGoesOnDropsWhatItTakesAgain) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.file("metrics.jsonl"))
      << "{\"step\":1,\"loss\":2.5}\n{\"step\":2,\"loss\":null}\n{\"step\":3}\n{\"step\":4,\"lo";
  drop_metrics_after(folder.path(), 2);
  std::ifstream in(folder.file("metrics.jsonl"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "{\"step\":1,\"loss\":2.5}\n{\"step\":2,\"loss\":null}\n");
}

}  // namespace
}  // namespace jetpinn
