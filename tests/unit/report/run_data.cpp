#include "jetpinn/report/run_data.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace jetpinn {
namespace {

class RunDataTest : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder_.file(name)).parent_path());
    write_text_file(folder_.file(name), text);
  }
  RunData read() { return read_run_data(folder_.path()); }
  bool misses(const RunData& run, const std::string& words) {
    for (const std::string& sentence : run.missing)
      if (sentence.find(words) != std::string::npos) return true;
    return false;
  }

  testing::TemporaryFolder folder_;
};

TEST_F(RunDataTest, AFolderWithoutRunIsRefused) { EXPECT_THROW(read(), Error); }

TEST_F(RunDataTest, WhatIsNotThereIsSaid) {
  write("config.toml", "name = \"a\"\n");
  const RunData run = read();
  EXPECT_EQ(run.status, "");
  EXPECT_TRUE(misses(run, "summary.json"));
  EXPECT_TRUE(misses(run, "metrics.jsonl"));
  EXPECT_TRUE(misses(run, "profile/summary.json"));
}

TEST_F(RunDataTest, TheLineThatIsBeingWrittenIsLeftOut) {
  write("config.toml", "");
  write("metrics.jsonl", R"({"step": 1, "stage": 0, "loss": 2.0, "terms": {"a": 1.5}, "error": {}}
not json
{"step": 5, "stage": 1, "gate": {"activation": 1}, "joules_modelled": "x", )"
                         R"("loss": null, "loss_independent": 3.0, "terms": {"a": 0.5}, "shares": {"a": 1}, )"
                         R"("error": {"u": {"rel_l2": 0.1}}}
{"step": 6, "lo)");
  const RunData run = read();
  EXPECT_TRUE(misses(run, "1 damaged line of metrics.jsonl left out"));
  ASSERT_EQ(run.loss_curve.points.size(), 1u);
  EXPECT_EQ(run.independent_curve.points, (std::vector<std::pair<double, double>>{{5, 3}}));
  ASSERT_EQ(run.terms.size(), 1u);
  EXPECT_EQ(run.terms[0].points, (std::vector<std::pair<double, double>>{{1, 1.5}, {5, 0.5}}));
  EXPECT_EQ(run.shares[0].points, (std::vector<std::pair<double, double>>{{5, 1}}));
  EXPECT_EQ(run.error_curves[0].points[0].second, 0.1);
  EXPECT_EQ(run.stages, (std::vector<double>{5}));
}

TEST_F(RunDataTest, TheEndAndItsWarnings) {
  write("config.toml", "");
  write("summary.json", R"({"status": "stopped", "steps": 7, "wall_s": 2.5, "loss": 1e-3, "loss_independent": null,
    "warnings": ["w1", 2, "w2"], "stages": [{"optimizer": "adam", "steps": 7}], "trainable": {"k": {"value": 0.5}},
    "monitors": {}, "error": {"u": {"rel_l2": 0.25}}, "peak_memory_mib": [10, 20]})");
  write("profile/summary.json",
        R"({"bottleneck": {"sentence": "compute-bound"}, "regions": {"product": {"mean": 2.0, "share": 0.8}}})");
  const RunData run = read();
  EXPECT_EQ(run.status, "stopped");
  EXPECT_EQ(run.steps, 7);
  EXPECT_LT(run.loss_independent, 0);
  EXPECT_EQ(run.warnings, (std::vector<std::string>{"w1", "w2"}));
  EXPECT_EQ(run.errors, (std::vector<std::pair<std::string, double>>{{"u", 0.25}}));
  EXPECT_EQ(run.peak_memory_mib, (std::vector<double>{10, 20}));
  EXPECT_EQ(run.bottleneck, "compute-bound");
  EXPECT_EQ(run.regions[0].share, 0.8);
  const Facts wanted{{"stages", "optimizer adam; steps 7"}, {"trainable", "k value 0.5"}};
  for (const auto& fact : wanted)
    EXPECT_NE(std::find(run.facts.begin(), run.facts.end(), fact), run.facts.end()) << fact.first;
}

TEST_F(RunDataTest, StagesBeginWhereTheSummarySaysNotWhereALineWasLogged) {
  write("config.toml", "");
  write("metrics.jsonl", "{\"step\": 1, \"stage\": 0}\n{\"step\": 800, \"stage\": 1}\n");
  write("summary.json", R"({"stages": [{"steps": 500}, {"steps": 300}]})");
  EXPECT_EQ(read().stages, (std::vector<double>{500}));
}

TEST_F(RunDataTest, DamagedFilesAndOtherTypesAreSurvived) {
  write("config.toml", "");
  write("summary.json", "{\"status\": ");
  write("profile/summary.json", R"({"bottleneck": [1], "regions": {"a": 1}})");
  EXPECT_TRUE(misses(read(), "summary.json is damaged"));
  write("summary.json", R"({"status": 3, "error": [], "warnings": "w", "peak_memory_mib": {}, "steps": "x", "loss": "y"})");
  EXPECT_EQ(read().status, "");
  EXPECT_EQ(read().steps, -1);
}

// A classification has curves of its own, and tells its energy without a gate.
TEST_F(RunDataTest, ImagesHaveAccuraciesInPlaceOfFields) {
  write("config.toml", "name = \"a\"\n\n[dataset]\nformat = \"shapes\"\n");
  write("metrics.jsonl", R"({"step": 5, "loss": 2, "accuracy": 0.25, "validation": {"loss": 3, "accuracy": 0.5}, )"
                         R"("joules": 4, "joules_modelled": true})"
                         "\n");
  const RunData run = read();
  EXPECT_TRUE(run.images);
  ASSERT_EQ(run.accuracies.size(), 2u);
  EXPECT_EQ(run.accuracies[0].points.at(0), std::make_pair(5.0, 0.25));
  EXPECT_EQ(run.accuracies[1].points.at(0), std::make_pair(5.0, 0.5));
  EXPECT_EQ(run.validation_curve.points.at(0), std::make_pair(5.0, 3.0));
  EXPECT_EQ(run.joules.points.at(0), std::make_pair(5.0, 4.0));
  EXPECT_EQ(run.joules.name, "modelled");
  EXPECT_TRUE(run.gate.empty());
  write("config.toml", "name = \"a\"\n\n[problem]\nfields = [\"u\"]\n");
  EXPECT_FALSE(read().images);
}

}  // namespace
}  // namespace jetpinn
