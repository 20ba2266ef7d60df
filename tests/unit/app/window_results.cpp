#include "jetpinn/app/window_results.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/problem_text.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using Json = nlohmann::json;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

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

  WindowedRunEnd end_of(std::size_t begun) const {
    WindowedRunEnd end;
    end.begun = begun;
    end.trained = windows_trained(run_, begun);
    return end;
  }

  static Problem problem_with_a_number() {
    ProblemText text = testing::text_of({testing::term("heat", "u_t - k*u_xx")});
    text.trained["k"].start = testing::source("0.1");
    return build_problem(text);
  }

  // [windows] the value of k and its standard error, which becomes null where it is not known
  using Values = std::vector<std::pair<double, double>>;
  void write_values(const Values& told) const {
    for (std::size_t k = 0; k < told.size(); ++k) {
      Json summary = summary_of(k);
      summary["trainable"] = {{"k", {{"value", told[k].first}, {"standard_error", told[k].second}}}};
      write_summary(k, summary);
    }
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
  WindowedRunEnd end = end_of(2);
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

TEST_F(WindowResults, LeaveOutWhatIsOfAnotherKind) {
  write_summary(
      1,
      {{"status", "completed"}, {"warnings", "none"}, {"stages", {3, "x"}}, {"terms", 4}, {"peak_memory_mib", {"x", 50}}});
  write_windows_summary(run_, problem_, windows_, end_of(2));
  const Json all = document("summary.json");
  EXPECT_EQ(all["warnings"], Json({"the same"}));
  EXPECT_EQ(all["stages"].size(), 1u);
  EXPECT_EQ(all["peak_memory_mib"], Json({10.0, 50.0}));
  EXPECT_TRUE(all["steps"].is_null());
}

TEST_F(WindowResults, TellTrainedNumbersOfEachAndOfAll) {
  const Problem problem = problem_with_a_number();
  write_values({{1.0, 0.5}, {2.0, unknown}});
  write_windows_summary(run_, problem, windows_, end_of(2));
  const Json all = document("summary.json");
  EXPECT_EQ(all["trainable"], (Json{{"k", {{"value", 1.0}, {"standard_error", 0.5}, {"birge_ratio", nullptr}}}}));
  EXPECT_EQ(all["windows"][0]["trainable"]["k"], (Json{{"value", 1.0}, {"standard_error", 0.5}}));
  EXPECT_EQ(all["windows"][1]["trainable"]["k"], (Json{{"value", 2.0}, {"standard_error", nullptr}}));
}

TEST_F(WindowResults, SayOfHowManyWindowsACombinedValueIs) {
  const auto said = [&](const Values& told) {
    write_values(told);
    return combined_text(windows_trained(run_, told.size()).numbers.at(0), 3);
  };
  EXPECT_EQ(said({{1.0, 0.5}, {1.0, 0.5}, {1.0, 0.5}}),
            "k over all 3 windows: 1 ± 2.9e-01, the mean of independent windows weighted by their errors, Birge ratio 0");
  EXPECT_EQ(said({{1.0, 0.5}, {9.0, unknown}, {7.0, 0.5}}),
            "k over 2 of 3 windows: 4 ± 3.0e+00, the mean of those that know their standard error, independent windows "
            "weighted by their errors, Birge ratio 8.5, by which the error is scaled");
  EXPECT_EQ(said({{1.0, unknown}, {9.0, 0.5}, {7.0, unknown}}),
            "k over 1 of 3 windows: 9 ± 5.0e-01, that of the one window which knows its standard error");
  EXPECT_EQ(said({{1.0, unknown}, {9.0, unknown}, {2.0, unknown}}),
            "k over all 3 windows: 4, the mean of windows none of which knows its standard error");
}

TEST_F(WindowResults, WarnOfWindowsThatDoNotAgree) {
  write_values({{1.0, 0.5}, {3.0, 0.5}, {1.0, 0.5}});  // ratio sqrt((4 + 16 + 4) / 9 / 0.25 / 2) = 2.3
  EXPECT_TRUE(warnings_of(windows_trained(run_, 3)).empty());
  write_values({{1.0, 0.5}, {7.0, 0.5}, {1.0, 0.5}});  // three times that
  const Warnings warnings = warnings_of(windows_trained(run_, 3));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].text.find("the values of k in 3 windows lie 6.9 times as far apart"), std::string::npos)
      << warnings[0].text;
}

// A window that left a network, and whose summary was cut or lost: the others tell what they know, and that it is missing.
TEST_F(WindowResults, SayWhatADamagedSummaryTakesAway) {
  const Problem problem = problem_with_a_number();
  write_values({{1.0, 0.5}, {7.0, 0.5}, {3.0, 0.5}});
  EXPECT_TRUE(windows_trained(run_, 3).unread.empty());
  const auto expect_without_the_second = [&] {
    WindowedRunEnd end = end_of(3);
    EXPECT_EQ(end.trained.unread, (std::vector<std::size_t>{1}));
    end.warnings = warnings_of(end.trained);
    ASSERT_EQ(end.warnings.size(), 1u);
    write_windows_summary(run_, problem, windows_, end);
    const Json all = document("summary.json");
    EXPECT_EQ(all["trainable"]["k"]["value"], 2);
    EXPECT_EQ(all["warnings"][0].get<std::string>().rfind("windows/1/summary.json is missing or damaged", 0), 0u);
    EXPECT_EQ(all["steps"], 20);
    ASSERT_EQ(all["windows"].size(), 3u);
    EXPECT_EQ(all["windows"][1], (Json{{"from", 0.25}, {"to", 0.5}}));
    EXPECT_EQ(all["windows"][2]["loss"], 3);
    EXPECT_EQ(all["stages"][1]["window"], 2);
  };
  write_text_file(window_folder(run_, 1) + "/network.h5", "a network");
  write_text_file(window_folder(run_, 1) + "/summary.json", R"({"status": "comp)");
  expect_without_the_second();
  std::filesystem::remove(window_folder(run_, 1) + "/summary.json");
  expect_without_the_second();
}

// Nor is one missed that a window has not written yet.
TEST_F(WindowResults, MissNothingOfAWindowThatHasNotEnded) {
  std::filesystem::remove(window_folder(run_, 1) + "/summary.json");
  const WindowedRunEnd end = end_of(2);
  EXPECT_TRUE(end.trained.unread.empty());
  write_windows_summary(run_, problem_, windows_, end);
  EXPECT_EQ(document("summary.json")["windows"].size(), 1u);
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
