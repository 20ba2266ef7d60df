#include "jetpinn/train/reports.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/train/run_facts.hpp"
#include "support/small_assembly.hpp"
#include "support/temporary_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace jetpinn {
namespace {

class ReportsTest : public ::testing::Test {
 protected:
  ReportsTest() {
    setup_.name = "heat";
    setup_.run_directory = folder_.path();
    setup_.resolved_config = "a config\n";
    setup_.training.stages.resize(1);
    setup_.quiet = true;
    setup_.warnings = {{"scale", "of the audit"}};
  }

  RunFacts facts() const { return run_facts(setup_, assembly_, *make_engine({}, assembly_.network, assembly_.terms)); }

  std::string text(const std::string& name) const {
    std::ifstream in(folder_.file(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::int64_t lines() const {
    const std::string log = text("metrics.jsonl");
    return std::count(log.begin(), log.end(), '\n');
  }

  // A part of a run: the steps first .. last, each with a line in the log. Empty `from`: the first part.
  StateValues part(std::int64_t first, std::int64_t last, const StateValues& from = {}) {
    Reports reports(test::world(), setup_, assembly_);
    if (!from.empty()) {
      restore(reports.state(), from);
      setup_.resume.emplace();
    }
    reports.open(first - 1);
    reports.start(facts(), RunClock(wall_seconds() - 5, 0));
    reports.begin({first - 1, 0, 0, 0}, {});
    for (std::int64_t step = first; step <= last; ++step) {
      StepRecord record;
      record.terms = record.shares = {1, 2};
      reports.step(record, {step, static_cast<double>(10 + step), 0, 0});
    }
    EXPECT_EQ(reports.last_step(), last);
    return capture(reports.state());
  }

  const testing::TemporaryFolder folder_;
  const Assembly assembly_ = test::small_assembly();
  TrainSetup setup_;
};

TEST_F(ReportsTest, ARunBeginsWithItsFiles) {
  part(1, 3);
  EXPECT_EQ(text("config.toml"), "a config\n");
  EXPECT_NE(text("engine.json"), "");
  EXPECT_EQ(lines(), 3);
  EXPECT_FALSE(std::filesystem::exists(folder_.file("summary.json"))) << "its end is not known yet";
}

// The steps behind the checkpoint are taken again, and their lines with them.
TEST_F(ReportsTest, ARunThatGoesOnKeepsItsLogAndItsWarnings) {
  const StateValues after_two = part(1, 2);
  setup_.warnings.push_back({"gap", "of a later audit"});
  const StateValues after_four = part(3, 4, after_two);
  EXPECT_EQ(lines(), 4);
  part(3, 3, after_two);
  EXPECT_EQ(lines(), 3);
  Reports reports(test::world(), setup_, assembly_);
  restore(reports.state(), after_four);
  reports.open(4);
  EXPECT_EQ(reports.summary("completed", "steps", 4, 2).warnings.size(), 2u) << "each once";
}

TEST_F(ReportsTest, ASummaryBeginsWithTheFacts) {
  const Reports reports(test::world(), setup_, assembly_);
  const RunSummary summary = reports.summary("stopped", "signal", 200, 2);
  EXPECT_EQ(summary.status + " " + summary.stopped_by, "stopped signal");
  EXPECT_EQ(summary.points, 40);
  EXPECT_EQ(summary.points_seen, 200);
  EXPECT_EQ(summary.wall_s, 2);
  EXPECT_EQ(summary.points_per_s, 100);
  EXPECT_EQ(summary.term_names, (std::vector<std::string>{"heat", "initial"}));
  EXPECT_EQ(summary.parameters, assembly_.network.parameters);
}

TEST_F(ReportsTest, VerdictsAreWarningsOfTheRun) {
  setup_.training.stages[0].steps = 100;
  Reports reports(test::world(), setup_, assembly_);
  reports.open(0);
  reports.start(facts(), RunClock(wall_seconds(), 0));
  RunSummary summary = reports.summary("completed", "steps", 1000, 1);
  summary.steps = 1000;
  summary.first_loss = summary.loss = 1;
  summary.stages = {{0, "adam", 1000, 1000, 1, "steps"}};
  reports.judge(summary);
  ASSERT_EQ(summary.verdicts.size(), 1u);
  EXPECT_EQ(summary.verdicts[0].kind, "stall");
  EXPECT_EQ(summary.warnings.size(), 2u) << "after that of the audit";
  reports.finish(summary);
  EXPECT_NE(text("summary.json").find("the loss has hardly fallen"), std::string::npos);
  EXPECT_EQ(reports.failure(), "");
}

}  // namespace
}  // namespace jetpinn
