// What is told of a pruning follows from its figures.
#include "jetpinn/compress/prune_report.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

NetworkMeasure reported_measure(double error, double loss = 1e-3) {
  return {loss, {{"heat", loss}}, {{"u", error, 2 * error}}, {}};
}

PruneReport report() {
  PruneReport report;
  report.source = "runs/heat";
  report.source_hash = "0123";
  report.status = "completed";
  report.precision = "fp64";
  report.options.target = 0.75;
  report.before = {{{16, 16}}, 400, 700, reported_measure(1e-2)};
  report.after = {{{8, 8}}, 100, 180, reported_measure(1.1e-2)};
  PruneRound accepted{1, 200, {{{12, 12}}, 200, 350, reported_measure(1e-1)}, reported_measure(1.05e-2), 1.05, true, 50};
  PruneRound back{2, 100, {{{8, 8}}, 100, 180, reported_measure(5e-1)}, reported_measure(5e-2), 5, false, 50};
  report.rounds = {accepted, back};
  report.physics_before = {{"heat", 4096, 2e-3, 1e-1, 0.25, 0.5}};
  report.physics_after = {{"heat", 4096, 8e-3, 2e-1, 0.5, 0.5}};
  report.after.measure.fits = {{"measured", "u", 10, 0.75, 1e-2, 2e-2}};
  report.before.measure.fits = {{"measured", "u", 10, 0.875, 1e-2, 2e-2}};
  report.times = {{1242, {2e-3, 1e-3, 3e-3}, {1e-3, 1e-3, 1e-3}, {4e-3, 4e-3, 4e-3}}};
  return report;
}

TEST(PruneReport, JsonHasRoundsTimesAndRatios) {
  const auto json = nlohmann::json::parse(prune_json(report()));
  EXPECT_EQ(json["parameter_ratio"], 4.0);
  EXPECT_EQ(json["reduction"], 0.75);
  EXPECT_NEAR(json["growth"].get<double>(), 1.1, 1e-12);
  EXPECT_EQ(json["before"]["parameter_bytes"], 3200);
  EXPECT_EQ(json["after"]["error"]["u"]["rel_l2"], 1.1e-2);
  ASSERT_EQ(json["rounds"].size(), 2u);
  EXPECT_EQ(json["rounds"][1]["accepted"], false);
  EXPECT_EQ(json["rounds"][0]["removed"]["error"]["u"]["rel_l2"], 1e-1);
  EXPECT_EQ(json["times"][0]["speed_up"], 2.0);
  EXPECT_EQ(json["times"][0]["efficiency"], 0.5);
  EXPECT_EQ(json["times"][0]["speed_up_libtorch"], 4.0);
}

TEST(PruneReport, SaysHowWellRowsAndStatementsAreMetBeforeAndAfter) {
  const auto json = nlohmann::json::parse(prune_json(report()));
  EXPECT_EQ(json["after"]["held_out"]["measured"]["u"]["r2"], 0.75);
  EXPECT_EQ(json["physics"]["heat"]["before"]["mean"], 2e-3);
  EXPECT_EQ(json["physics"]["heat"]["after"]["violations"], 0.5);
  EXPECT_NEAR(json["physics"]["heat"]["change"].get<double>(), 6e-3 / 5e-3, 1e-12);  // 1 % of its size is more than it was
  const std::string text = prune_text(report());
  EXPECT_NE(text.find("8.000e-03 (+120 %)"), std::string::npos) << text;
  EXPECT_NE(text.find("R2 u held out"), std::string::npos) << text;
}

TEST(PruneReport, ARequestIsItsOptionsAndItsNetwork) {
  PruneReport other = report();
  other.rounds.clear();
  EXPECT_EQ(prune_request(other), prune_request(report()));
  other.options.rounds = 7;
  EXPECT_NE(prune_request(other), prune_request(report()));
  other = report();
  other.source_hash = "4567";
  EXPECT_NE(prune_request(other), prune_request(report()));
  other = report();
  other.config_hash = "89ab";
  EXPECT_NE(prune_request(other), prune_request(report()));
  other = report();
  other.device = "emulated";
  EXPECT_NE(prune_request(other), prune_request(report()));
}

TEST(PruneReport, TextSaysWhatWasRolledBack) {
  const PruneReport told = report();
  EXPECT_EQ(prune_round_text(told, told.rounds[0]).find("rolled back"), std::string::npos);
  EXPECT_NE(
      prune_round_text(told, told.rounds[1]).find("5.00 times that of the start, more than --allowed-loss 2: rolled back"),
      std::string::npos);
  EXPECT_NE(prune_text(told).find("100 (-75.0 %)"), std::string::npos);
  EXPECT_NE(told.advice().find("more --steps"), std::string::npos);
}

TEST(PruneReport, AdviceFollowsFromTheFigures) {
  PruneReport told = report();
  told.rounds.pop_back();
  EXPECT_NE(told.advice().find("a larger --target may well hold"), std::string::npos);
  told.after.measure = reported_measure(1.9e-2);
  EXPECT_NE(told.advice().find("1.90 times"), std::string::npos);
  told.times[0].after.median = 1.9e-3;
  EXPECT_NE(told.advice().find("removing more will save little"), std::string::npos);
  told.after = told.before;
  EXPECT_NE(told.advice().find("nothing went"), std::string::npos);
}

TEST(PruneReport, PicturesAreDrawn) {
  EXPECT_NE(architecture_svg(report()).find("<svg"), std::string::npos);
  EXPECT_NE(error_svg(report()).find("rolled back"), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
