#include "jetpinn/study/gate_study.hpp"

#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

namespace jetpinn {
namespace {

GateOutcome outcome_of(double error, double step_s) {
  GateOutcome outcome;
  outcome.done = true;
  outcome.measure = "error";
  outcome.error = error;
  outcome.wall_s = 100 * step_s;
  outcome.step_s = step_s;
  outcome.steps = 100;
  return outcome;
}

// Errors of gated and uniform runs in the same seconds, beside 0.1 of ungated ones.
GateStudy study_of(double gated, double uniform) {
  GateStudy study;
  for (int seed = 0; seed < 3; ++seed) {
    const double off = 1 + 0.1 * seed;
    const auto add = [&](GateVariant variant, bool seconds, double error, double step_s) {
      study.runs.push_back({variant, seconds, seed});
      study.outcomes.push_back(outcome_of(error * off, step_s));
    };
    add(GateVariant::ungated, false, 0.1, 4e-3);
    add(GateVariant::gated, false, 0.12, 1e-3);
    add(GateVariant::gated, true, gated, 1e-3);
    add(GateVariant::uniform, true, uniform, 1e-3);
  }
  return study;
}

TEST(GateStudy, IntervalsAreStudents) {
  const MeanInterval plain = mean_interval({1, 2, 3}, false);
  EXPECT_NEAR(plain.mean, 2, 1e-15);
  EXPECT_NEAR(plain.high - 2, 4.303 / std::sqrt(3), 1e-12);  // deviation 1, two degrees of freedom
  EXPECT_NEAR(2 - plain.low, plain.high - 2, 1e-12);
  const MeanInterval ratio = mean_interval({0.5, 2}, true);
  EXPECT_NEAR(ratio.mean, 1, 1e-15);
  EXPECT_NEAR(ratio.low * ratio.high, 1, 1e-12);
  EXPECT_TRUE(std::isnan(mean_interval({3}, false).low));
  EXPECT_EQ(mean_interval({NAN, 3}, false).samples, 1u);
}

TEST(GateStudy, RatiosAreOfTheSameSeed) {
  const GateStudy study = study_of(0.05, 0.07);
  const MeanInterval error = study.ratio(GateVariant::gated, true, [](const GateOutcome& o) { return o.error; });
  EXPECT_NEAR(error.mean, 0.5, 1e-12);
  EXPECT_NEAR(error.high, 0.5, 1e-12);  // the seeds' own spread is in both
  EXPECT_EQ(error.samples, 3u);
  EXPECT_NEAR(study.wanted_error(), 0.11, 1e-12);
}

TEST(GateStudy, TheVerdictSaysWhatPays) {
  EXPECT_EQ(gate_verdict(study_of(0.05, 0.07)).rfind("the gate pays here: a gated step takes 1/4.0", 0), 0u);
  EXPECT_EQ(gate_verdict(study_of(0.2, 0.3)).rfind("the gate does not pay here", 0), 0u);
  EXPECT_EQ(gate_verdict(study_of(0.05, 0.02)).rfind("a gate pays here, but one that draws evenly pays more", 0), 0u);
  GateStudy spread = study_of(0.05, 0.07);
  for (std::size_t r = 0; r < spread.runs.size(); ++r)
    if (spread.runs[r].variant == GateVariant::gated) spread.outcomes[r].error *= spread.runs[r].seed == 0 ? 20 : 0.1;
  EXPECT_EQ(gate_verdict(spread).rfind("these seeds do not show whether the gate pays here: ", 0), 0u)
      << gate_verdict(spread);
  GateStudy evenly = study_of(0.05, 0.02);
  for (std::size_t r = 0; r < evenly.runs.size(); ++r)
    if (evenly.runs[r].variant == GateVariant::uniform) evenly.outcomes[r].error *= evenly.runs[r].seed == 0 ? 0.2 : 2;
  EXPECT_EQ(gate_verdict(evenly).rfind("the gate pays here: ", 0), 0u) << gate_verdict(evenly);
  EXPECT_EQ(gate_verdict({}), "no runs have come to an end that can be compared");
}

TEST(GateStudy, WhatIsNotKnownIsSaidInWords) {
  GateStudy study = study_of(0.05, 0.07);
  EXPECT_EQ(gate_study_text(study).find("nan"), std::string::npos) << gate_study_text(study);
  EXPECT_NE(gate_study_text(study).find("it was never 0.1 or less"), std::string::npos);
  for (std::size_t r = 0; r < study.runs.size(); ++r)
    if (study.runs[r].variant == GateVariant::uniform) study.outcomes[r] = {};
  EXPECT_NE(gate_verdict(study).find("that of as many drawn evenly not known"), std::string::npos) << gate_verdict(study);
}

TEST(GateStudy, SaysWhatShortRunsDoNotTell) {
  GateStudy study = study_of(0.05, 0.07);
  const auto says = [&](const char* text) { return gate_study_text(study).find(text) != std::string::npos; };
  EXPECT_TRUE(says("no gated run has more than 20 gated steps"));
  EXPECT_TRUE(says("it was never 0.1 or less"));
  study.outcomes[1].farthest = 0.003;  // the first gated run; the later ones are too short
  study.outcomes[1].to_tenth = 7;
  EXPECT_TRUE(says("is off by 0.0030 at most; it was 0.1 or less by step 7 in 1 of 6 runs\n"));
  for (GateOutcome& outcome : study.outcomes) outcome.to_tenth = 5;
  EXPECT_TRUE(says("it was 0.1 or less by step 5\n"));
}

TEST(GateStudy, ReadsWhatARunLeft) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path();
  const auto write = [&](const char* name, const std::string& text) { std::ofstream(path + "/" + name) << text; };
  EXPECT_FALSE(read_gate_outcome(path, "x").done);
  write("config.toml", "x");
  write("summary.json",
        R"({"status": "completed", "steps": 80, "wall_s": 2, "error": {"u": {"rel_l2": 0.25}, "v": {"rel_l2": 0.5}},
            "joules": null, "joules_modelled": 9, "gate": {"target": 0.1, "activation": 0.2, "saved": 0.8}})");
  write("metrics.jsonl",
        "{\"step\": 2, \"time_s\": 1.0, \"gate\": {\"activation\": 1}}\n"
        "{\"step\": 10, \"time_s\": 1.1, \"gate\": {\"activation\": 0.09}, \"error\": {\"u\": {\"rel_l2\": 0.9}}}\n"
        "{\"step\": 40, \"time_s\": 1.2, \"gate\": {\"activation\": 0.103}, \"error\": {\"u\": {\"rel_l2\": 0.6}}}\n"
        "{\"step\": 80, \"time_s\": 1.4, \"gate\": {\"activation\": 0.099}}\n");
  const GateOutcome outcome = read_gate_outcome(path, "x");
  ASSERT_TRUE(outcome.done);
  EXPECT_EQ(outcome.error, 0.5);  // of the worst field
  EXPECT_EQ(outcome.joules, 9);
  EXPECT_TRUE(outcome.modelled);
  EXPECT_NEAR(outcome.farthest, 0.003, 1e-12);  // the step 10 is too early to count
  EXPECT_EQ(outcome.to_tenth, 10);
  EXPECT_NEAR(outcome.step_s, 0.4 / 78, 1e-15);
  EXPECT_EQ(outcome.seconds_to(0.7), 1.2);
  EXPECT_TRUE(std::isnan(outcome.seconds_to(0.1)));
  EXPECT_FALSE(read_gate_outcome(path, "y").done);  // trained with another config
}

// A line an epoch, after which a run may end in the next one, and the share of the images set aside that is wrong for an
// error.
TEST(GateStudy, ReadsWhatAClassificationLeft) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path();
  const auto write = [&](const char* name, const std::string& text) { std::ofstream(path + "/" + name) << text; };
  write("config.toml", "x");
  write("summary.json",
        R"({"status": "completed", "steps": 120, "wall_s": 2, "error": {}, "validation": {}, "joules": null,
            "joules_modelled": 9, "gate": {"target": 0.1, "activation": 0.4, "saved": 0.6},
            "classification": {"validation_accuracy": 0.75}})");
  write("metrics.jsonl",
        R"({"step": 50, "time_s": 1.0, "gate": {"activation": 1.0}, "validation": {"loss": 2, "accuracy": 0.25}})"
        "\n"
        R"({"step": 100, "time_s": 1.5, "gate": {"activation": 0.098}, "validation": {"loss": 1, "accuracy": 0.75}})"
        "\n");
  const GateOutcome outcome = read_gate_outcome(path, "x");
  ASSERT_TRUE(outcome.done);
  EXPECT_EQ(outcome.measure, "share that is wrong");
  EXPECT_EQ(outcome.error, 0.25);
  EXPECT_EQ(outcome.seconds_to(0.5), 1.5);
  EXPECT_EQ(outcome.step_s, 0.01);
  EXPECT_NEAR(outcome.farthest, 0.002, 1e-12);
  EXPECT_EQ(outcome.saved, 0.6);
  for (const GateVariant variant : gate_variants)  // no key that a classification does not know
    for (const std::string& set : assignments_of(variant, true)) EXPECT_EQ(set.find("gradient"), std::string::npos) << set;
}

// A run of 40 steps, of which one file after the other is damaged.
TEST(GateStudy, WhatIsDamagedIsNamedAndNotUsed) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path(), summary = R"({"status": "completed", "steps": 40, "wall_s": 2})";
  const std::string metrics = "{\"step\": 1, \"time_s\": 1.0}\n{\"step\": 40, \"time_s\": 1.2}\n";
  const auto write = [&](const char* name, const std::string& text) { std::ofstream(path + "/" + name) << text; };
  const auto fault = [&] {
    const GateOutcome outcome = read_gate_outcome(path, "x");
    EXPECT_EQ(outcome.done, outcome.fault.empty());
    EXPECT_EQ(outcome.reason, outcome.fault);
    return outcome.fault;
  };
  write("config.toml", "x");
  write("summary.json", summary);
  write("metrics.jsonl", metrics);
  EXPECT_EQ(fault(), "");
  write("metrics.jsonl", metrics.substr(0, metrics.size() - 9));
  EXPECT_EQ(fault(), path + "/metrics.jsonl is damaged in line 2");
  write("metrics.jsonl", metrics.substr(0, metrics.find('\n') + 1));
  EXPECT_EQ(fault(), path + "/metrics.jsonl is cut off: it does not end with the last step of the run");
  std::filesystem::remove(path + "/metrics.jsonl");
  EXPECT_EQ(fault(), path + "/metrics.jsonl cannot be read: No such file or directory");
  std::filesystem::create_symlink("/proc/self/mem", path + "/metrics.jsonl");  // reading it is an error
  EXPECT_EQ(fault(), path + "/metrics.jsonl cannot be read: Input/output error");
  std::filesystem::remove(path + "/metrics.jsonl");
  write("metrics.jsonl", metrics);
  for (const char* damaged :
       {R"({"status": "completed", "wall_s": 2})", R"({"status": "completed", "steps": 1e300, "wall_s": 2})",
        R"({"status": "completed", "steps": 40, "wall_s": "2"})"}) {
    write("summary.json", damaged);
    EXPECT_EQ(fault(), path + "/summary.json is damaged (it holds no steps, or no seconds)");
  }
  write("summary.json", summary.substr(0, 20));
  EXPECT_EQ(fault(), path + "/summary.json is damaged (it holds no JSON object)");
  std::filesystem::remove(path + "/summary.json");
  std::filesystem::create_directory(path + "/summary.json");
  EXPECT_EQ(fault(), path + "/summary.json cannot be read: Is a directory");
}

TEST(GateStudy, AConfigThatCannotBeReadIsThatOfAnotherRun) {
  const testing::TemporaryFolder folder;
  std::filesystem::create_symlink("/proc/self/mem", folder.file("config.toml"));
  EXPECT_FALSE(was_begun_with(folder.path(), ""));
}

}  // namespace
}  // namespace jetpinn
