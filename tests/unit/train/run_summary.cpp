#include "jetpinn/train/run_summary.hpp"

#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

RunSummary sample_summary() {
  RunSummary summary;
  summary.status = "stopped";
  summary.stopped_by = "signal";
  summary.steps = 12;
  summary.loss = std::numeric_limits<double>::quiet_NaN();
  summary.term_names = {"pde", "wall"};
  summary.terms = {0.5, 0.25};
  summary.warnings = {{"weights", "all weights are zero"}, {"scale", "scales differ"}};
  summary.errors = {{"u", 0.5, 2}};
  summary.shares = {0.75, 0.25};
  summary.stages = {{0, "adam", 10, 10, 0.5, "steps"}, {2, "lbfgs", 2, 9, 0.25, "line search"}};
  summary.peak_memory_mib = {100, 200};
  summary.monitors = {{"drag", 0.5}, {"lift", std::numeric_limits<double>::quiet_NaN()}};
  return summary;
}

TEST(RunSummary, HasTheKeysOfTheContract) {
  const auto document = nlohmann::ordered_json::parse(summary_text(sample_summary()));
  std::vector<std::string> keys;
  for (const auto& item : document.items()) keys.push_back(item.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"status",
                                            "steps",
                                            "wall_s",
                                            "ranks",
                                            "device",
                                            "engine",
                                            "parameters",
                                            "points",
                                            "points_seen",
                                            "points_per_s",
                                            "recompute",
                                            "loss",
                                            "loss_independent",
                                            "terms",
                                            "shares",
                                            "warnings",
                                            "error",
                                            "validation",
                                            "held_out",
                                            "monitors",
                                            "trainable",
                                            "stages",
                                            "streams",
                                            "stopped_by",
                                            "kept_step",
                                            "peak_memory_mib",
                                            "product_share",
                                            "utilisation",
                                            "memory_efficiency",
                                            "joules",
                                            "checkpoints",
                                            "checkpoint_share",
                                            "skipped_steps",
                                            "parameter_hash",
                                            "version"}));
  EXPECT_TRUE(document["loss"].is_null());
  EXPECT_TRUE(document["loss_independent"].is_null());   // not measured
  EXPECT_TRUE(document["joules"].is_null());
  EXPECT_EQ(document["monitors"], nlohmann::ordered_json::parse(R"({"drag": 0.5, "lift": null})"));
  EXPECT_TRUE(document["validation"].is_object());
  EXPECT_EQ(document["terms"]["wall"].get<double>(), 0.25);
  EXPECT_EQ(document["shares"]["pde"].get<double>(), 0.75);
  EXPECT_EQ(document["stages"], nlohmann::ordered_json::parse(R"([
                {"optimizer": "adam", "steps": 10, "loss": 0.5, "reason": "steps"},
                {"optimizer": "lbfgs", "steps": 2, "loss": 0.25, "reason": "line search"}])"));
  EXPECT_EQ(document["kept_step"], 12);   // the last one
  EXPECT_EQ(document["warnings"], nlohmann::json::array({"all weights are zero", "scales differ"}));
  EXPECT_EQ(document["error"]["u"]["max_abs"].get<double>(), 2);
  EXPECT_EQ(document["peak_memory_mib"].size(), 2u);
}

TEST(RunSummary, TellsTrainedNumbers) {
  RunSummary summary = sample_summary();
  EXPECT_TRUE(nlohmann::json::parse(summary_text(summary))["trainable"].empty());
  summary.trained = {{"k", 0.1, 0.25}, {"nu", 0.02}};
  EXPECT_EQ(nlohmann::json::parse(summary_text(summary))["trainable"], nlohmann::json::parse(R"({
                "k": {"value": 0.1, "standard_error": 0.25}, "nu": {"value": 0.02, "standard_error": null}})"));
}

TEST(RunSummary, ValidationByTerm) {
  RunSummary summary = sample_summary();
  summary.validation = {{"piv", 1.25}, {"probe", 0.5}};
  EXPECT_EQ(nlohmann::ordered_json::parse(summary_text(summary))["validation"],
            nlohmann::ordered_json::parse(R"({"piv": 1.25, "probe": 0.5})"));
}

TEST(RunSummary, FitsOfFieldsByTerm) {
  RunSummary summary = sample_summary();
  EXPECT_TRUE(nlohmann::json::parse(summary_text(summary))["held_out"].empty());
  summary.held_out = {{"piv", "u", 18, 0.75, 0.5, 0.625}, {"piv", "v", 18, std::nan(""), 0, 0}};
  EXPECT_EQ(nlohmann::json::parse(summary_text(summary))["held_out"], nlohmann::json::parse(R"({
                "piv": {"u": {"rows": 18, "r2": 0.75, "mae": 0.5, "rmse": 0.625},
                        "v": {"rows": 18, "r2": null, "mae": 0.0, "rmse": 0.0}}})"));
}

TEST(RunSummary, BeforeTheFirstStepThereAreNoLosses) {
  RunSummary summary = sample_summary();
  summary.terms.clear();
  summary.warnings.clear();
  summary.joules = 12.5;
  const auto document = nlohmann::json::parse(summary_text(summary));
  EXPECT_TRUE(document["terms"].is_object());
  EXPECT_TRUE(document["terms"].empty());
  EXPECT_EQ(document["warnings"], nlohmann::json::array());
  EXPECT_EQ(document["joules"].get<double>(), 12.5);
}

TEST(RunSummary, IsFoundAgainInItsFolder) {
  const testing::TemporaryFolder folder;
  write_text_file(folder.file("config.toml"), "");
  SummaryFile(folder.path()).finished(sample_summary());
  EXPECT_EQ(find_run(folder.path()).status, "stopped");
  EXPECT_EQ(find_run(folder.path()).steps, 12);
}

TEST(ParameterHash, IsThatOfTheBits) {
  const std::vector<double> zero{0.0, 1.0}, minus_zero{-0.0, 1.0};
  EXPECT_EQ(parameter_hash(zero).size(), 16u);
  EXPECT_EQ(parameter_hash(zero), parameter_hash({0.0, 1.0}));
  EXPECT_NE(parameter_hash(zero), parameter_hash(minus_zero));
  EXPECT_EQ(parameter_hash({}), "2d06800538d394c2");   // XXH3 of nothing, as published
}

}  // namespace
}  // namespace jetpinn
