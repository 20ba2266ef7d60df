#include "jetpinn/app/window_results.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/problem_text.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

using Json = nlohmann::json;

// A run in three windows: two have come to their ends, the third one was trained behind another second one.
class WindowResults : public ::testing::Test {
 protected:
  WindowResults() {
    for (std::size_t k = 0; k < 3; ++k) {
      std::filesystem::create_directories(window_folder(run_, k));
      std::filesystem::create_directories(window_tables(run_, k));
      write_summary(k, summary_of(k));
      write_text_file(window_folder(run_, k) + "/metrics.jsonl", R"({"step": 5, "time_s": 1.0})"
                                                                 "\n"
                                                                 R"({"step": 10, "time_s": 2.0})"
                                                                 "\n");
    }
    write_last_state_note(run_, 1, {0.25, 8, *window_end(run_, 0), "hash 0"});
    write_last_state_note(run_, 2, {0.5, 8, *window_end(run_, 1), "hash of before"});
    windows_.edges = {0, 0.25, 0.5, 1};
  }

  static Json summary_of(std::size_t k) {
    const double number = static_cast<double>(k);
    return {{"status", "completed"},
            {"stopped_by", "steps"},
            {"steps", 10},
            {"wall_s", 2.0},
            {"points", 100},
            {"points_seen", 1000},
            {"loss", 1 + number},
            {"loss_independent", 3 + number},
            {"terms", k == 1 ? Json{{"heat", 4.0}, {"late", 7.0}} : Json{{"heat", 2.0}}},
            {"warnings", {"the same"}},
            {"stages", {{{"optimizer", "adam"}}}},
            {"peak_memory_mib", {10.0 + number, 30.0 - number}},
            {"parameter_hash", "hash " + std::to_string(k)}};
  }

  void write_summary(std::size_t k, const Json& summary) const {
    write_text_file(window_folder(run_, k) + "/summary.json", summary.dump());
  }

  Json document(const std::string& name) const { return Json::parse(read_text_file(run_ + "/" + name)); }

  testing::TemporaryFolder folder_;
  std::string run_ = folder_.path();
  Problem problem_ = testing::heat_problem();
  Windows windows_;
};

TEST_F(WindowResults, OfAnEarlierTrainingAreNotOfTheRun) {
  EXPECT_EQ(windows_begun(run_, 3), 2u);
  EXPECT_TRUE(begins_with(run_, 1, "hash 0"));
  EXPECT_FALSE(begins_with(run_, 1, "hash 1"));
  write_last_state_note(run_, 2, {0.5, 8, *window_end(run_, 1), "hash 1"});
  EXPECT_EQ(windows_begun(run_, 3), 3u);
  Json longer = summary_of(0);
  longer["parameter_hash"] = "hash of a longer training";
  write_summary(0, longer);
  EXPECT_EQ(windows_begun(run_, 3), 1u);
  std::filesystem::remove(window_folder(run_, 0) + "/summary.json");
  EXPECT_EQ(windows_begun(run_, 3), 1u);
}

TEST_F(WindowResults, SurviveFilesThatWereCut) {
  EXPECT_EQ(window_end(run_, 1)->loss, 2);
  write_text_file(window_folder(run_, 1) + "/summary.json", R"({"status": "comp)");
  EXPECT_FALSE(window_end(run_, 1));
  EXPECT_FALSE(window_end(run_, 7));
  write_text_file(window_tables(run_, 1) + "/last_state.json", R"({"parameter_hash": )");
  EXPECT_FALSE(begins_with(run_, 1, "hash 0"));
  EXPECT_FALSE(begins_with(run_, 1, "")) << "a summary without a hash";
  write_summary(0, {{"status", 3}, {"loss", "none"}});
  EXPECT_EQ(window_end(run_, 0)->status, "");
  EXPECT_TRUE(std::isnan(window_end(run_, 0)->loss));
}

TEST_F(WindowResults, AreSummedOrMeansOverThoseThatHaveThem) {
  WindowedRunEnd end;
  end.status = "stopped";
  end.stopped_by = "signal";
  end.errors = {{"u", 0.125, 0.5}};
  end.warnings = {{"points", "of the whole"}};
  write_windows_summary(run_, problem_, windows_, end);
  const Json all = document("summary.json");
  EXPECT_EQ(all["status"], "stopped");
  EXPECT_EQ(all["stopped_by"], "signal");
  EXPECT_EQ(all["steps"], 20);
  EXPECT_EQ(all["points_seen"], 2000);
  EXPECT_EQ(all["points_per_s"], 500);
  EXPECT_EQ(all["loss"], 1.5);
  EXPECT_EQ(all["loss_independent"], 3.5);
  EXPECT_EQ(all["terms"], (Json{{"heat", 3.0}, {"late", 7.0}}));
  EXPECT_EQ(all["peak_memory_mib"], (Json{11.0, 30.0}));
  EXPECT_EQ(all["warnings"], (Json{"of the whole", "the same"}));
  EXPECT_EQ(all["error"]["u"]["rel_l2"], 0.125);
  EXPECT_EQ(all["coordinate"], "t");
  ASSERT_EQ(all["windows"].size(), 2u);
  EXPECT_EQ(all["windows"][1]["to"], 0.5);
  EXPECT_EQ(all["stages"][1]["window"], 1);
}

TEST_F(WindowResults, TellTrainedNumbersOfEachAndOfAll) {
  ProblemText text = testing::text_of({testing::term("heat", "u_t - k*u_xx")});
  text.trained["k"].start = testing::source("0.1");
  const Problem problem = build_problem(text);
  const Json told[] = {{{"value", 1.0}, {"standard_error", 0.5}}, {{"value", 2.0}, {"standard_error", nullptr}}};
  for (std::size_t k = 0; k < 2; ++k) {
    Json summary = summary_of(k);
    summary["trainable"] = {{"k", told[k]}};
    write_summary(k, summary);
  }
  write_windows_summary(run_, problem, windows_, {});
  const Json all = document("summary.json");
  EXPECT_EQ(all["trainable"], (Json{{"k", {{"value", 1.0}, {"standard_error", 0.5}, {"birge_ratio", nullptr}}}}));
  for (std::size_t k = 0; k < 2; ++k) EXPECT_EQ(all["windows"][k]["trainable"]["k"], told[k]);
}

TEST_F(WindowResults, HaveOneCountOfSteps) {
  const WindowOfRun next = write_windows_metrics(run_, 2);
  EXPECT_EQ(next.window, 2u);
  EXPECT_EQ(next.steps, 20);
  EXPECT_EQ(next.seconds, 4);
  const std::string text = read_text_file(run_ + "/metrics.jsonl");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  const Json last = Json::parse(text.substr(text.rfind('{')));
  EXPECT_EQ(last, (Json{{"step", 20}, {"time_s", 4.0}, {"window", 1}}));
}

}  // namespace
}  // namespace jetpinn
