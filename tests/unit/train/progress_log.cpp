#include "jetpinn/train/progress_log.hpp"

#include "jetpinn/base/version.hpp"
#include "jetpinn/train/last_screen.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace jetpinn {
namespace {

RunFacts sample_facts() {
  RunFacts facts;
  facts.name = "burgers";
  facts.run_directory = "runs/burgers";
  facts.rank_hosts = {"rank 0 host a1 pid 12", "rank 1 host a2 pid 34"};
  facts.terms = {"burgers", "a_rather_long_name"};
  facts.term_points = {10000, 400};
  facts.plans = {"1, d/dx, d/dt - 0.00318 d2/dx2", "1"};
  facts.term_flop = {5.9e8, 7.9e6};
  facts.parameters = 3297;
  facts.total_steps = 14000;
  facts.stages = {"adam 2000", "lbfgs 12000"};
  facts.engine = "jets";
  facts.device = "cpu";
  facts.backend = "libxsmm";
  facts.precision = "fp64";
  facts.reproducibility = "run";
  facts.chunk = 512;
  facts.startup_s = 0.44;
  return facts;
}

StepRecord logged_record(std::int64_t step) {
  StepRecord record;
  record.step = step;
  record.optimizer = "adam";
  record.time_s = 65;
  record.loss = 1.25e-3;
  record.terms = {1e-3, 2.5e-4};
  record.shares = {0.8, 0.2};
  record.points_per_s = 1.234e6;
  record.utilisation = 0.81;
  record.eta_s = 3725;
  return record;
}

RunSummary logged_summary() {
  RunSummary summary;
  summary.status = "completed";
  summary.stopped_by = "steps";
  summary.steps = 14000;
  summary.wall_s = 171;
  summary.ranks = 2;
  summary.loss = 1.5e-7;
  summary.errors = {{"u", 4.1e-4, 3e-3}};
  summary.points_per_s = 1.1e6;
  return summary;
}

TEST(ProgressLog, AnEngineWithoutProductsSaysSo) {
  std::ostringstream out;
  RunFacts facts = sample_facts();
  facts.backend = "";
  ProgressLog(out, 0).started(facts);
  EXPECT_NE(out.str().find("engine jets on cpu, no products, fp64"), std::string::npos) << out.str();
}

TEST(ProgressLog, JobLogIsATable) {
  std::ostringstream out;
  ProgressLog log(out, 0);
  log.started(sample_facts());
  log.step(logged_record(1));
  StepRecord evaluated = logged_record(500);
  evaluated.errors = {{"u", 0.031, 0.2}};
  evaluated.loss_independent = 1.5e-3;
  evaluated.due = false;   // not printed, its error is remembered
  log.step(evaluated);
  log.step(logged_record(600));
  log.note("lbfgs stopped: no descent");
  log.finished(logged_summary());
  EXPECT_EQ(out.str(),
            std::string("rank 0 host a1 pid 12\n"
                        "rank 1 host a2 pid 34\n"
                        "jetpinn ") +
                version +
                ": burgers into runs/burgers\n"
                "engine jets on cpu, products libxsmm, fp64, reproducibility run, chunks of 512 points, 3297 parameters\n"
                "term burgers                 10000 points     590M FLOP/step  channels 1, d/dx, d/dt - 0.00318 d2/dx2\n"
                "term a_rather_long_name        400 points     7.9M FLOP/step  channels 1\n"
                "stages: adam 2000, lbfgs 12000; started in 0.4 s\n"
                "    step   stage       loss     indep.         burgers  a_rather_long~      error  points/s  share      "
                "time      left\n"
                "       1    adam  1.250e-03          -  1.000e-03  80%  2.500e-04  20%          -     1.23M    81%      "
                "1:05   1:02:05\n"
                "     600    adam  1.250e-03   1.50e-03  1.000e-03  80%  2.500e-04  20%   3.10e-02     1.23M    81%      "
                "1:05   1:02:05\n"
                "lbfgs stopped: no descent\n" +
                last_screen(sample_facts(), logged_summary()));
}

// Up to three have columns and pieces of a line; the first lines say how many there are.
TEST(ProgressLog, ShowsTrainedNumbers) {
  for (const bool terminal : {false, true})
    for (const bool many : {false, true}) {
      std::ostringstream out;
      ProgressLog log(out, terminal ? 250 : 0);
      RunFacts facts = sample_facts();
      StepRecord record = logged_record(1);
      record.trained = {{"kappa", 0.123456789}, {"nu", 2e-5}};
      if (many) record.trained.insert(record.trained.end(), {{"a", 1}, {"b", 2}});
      facts.trained_numbers = static_cast<std::int64_t>(record.trained.size());
      log.started(facts);
      log.step(record);
      const std::string text = out.str();
      const auto has = [&](const std::string& part) { return text.find(part) != std::string::npos; };
      EXPECT_TRUE(has(many ? "3297 parameters and 4 trained numbers\n" : "3297 parameters and 2 trained numbers\n")) << text;
      EXPECT_EQ(has("         kappa              nu      error"), !terminal && !many) << text;
      EXPECT_EQ(has("        0.123457           2e-05          -"), !terminal && !many) << text;
      EXPECT_EQ(has("  kappa 0.1235  nu 2e-05  "), terminal && !many) << text;
    }
  EXPECT_EQ(parameters_text("1 024", 1), "1 024 parameters and 1 trained number");
  EXPECT_EQ(parameters_text("1 024", 0), "1 024 parameters");
}

// Of several tables the one that is met worst.
TEST(ProgressLog, RowsHeldOutHaveAColumn) {
  RunFacts facts = sample_facts();
  facts.validates = true;
  StepRecord evaluated = logged_record(500);
  evaluated.validation = {{"piv", 1.5}, {"probe", 0.25}};
  std::ostringstream out, terminal, without;
  ProgressLog log(out, 0), line(terminal, 200), plain(without, 0);
  for (ProgressLog* each : {&log, &line}) {
    each->started(facts);
    each->step(evaluated);
    each->step(logged_record(600));
  }
  EXPECT_NE(out.str().find("  a_rather_long~     valid.      error  points/s"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("20%   1.50e+00          -     1.23M"), std::string::npos) << out.str();
  EXPECT_NE(terminal.str().find("  validation 1.50e+00"), std::string::npos) << terminal.str();
  plain.started(sample_facts());
  plain.step(logged_record(1));
  EXPECT_EQ(without.str().find("valid."), std::string::npos);
}

TEST(ProgressLog, RecordsForTheCurveAloneAreNotShown) {
  for (int width : {0, 200}) {
    std::ostringstream out;
    ProgressLog log(out, width);
    log.started(sample_facts());
    log.step(logged_record(1));
    const std::string before = out.str();
    StepRecord curve = logged_record(2);
    curve.due = false;
    curve.curve_only = true;
    log.step(curve);
    EXPECT_EQ(out.str(), before);
  }
}

TEST(ProgressLog, TerminalLineIsRewrittenAndNeverWraps) {
  std::ostringstream out;
  ProgressLog log(out, 200);
  RunFacts facts = sample_facts();
  facts.rank_hosts.clear();
  log.started(facts);
  out.str("");
  StepRecord record = logged_record(500);
  record.errors = {{"u", 0.031, 0.2}, {"v", 0.5, 0.9}};
  log.step(record);
  log.note("a note");
  log.step(record);
  log.finished(logged_summary());
  const std::string line =
      "adam 500/14000  1:02:05 left  error v 5.00e-01  loss 1.25e-03  81% of the roofline  burgers 1.0e-03 (80%)"
      "  a_rather_long_name 2.5e-04 (20%)  1.23M points/s";
  const std::string text = out.str(), wipe = "\r\033[K";
  EXPECT_EQ(text.substr(0, text.find("completed")), wipe + line + wipe + "a note\n" + wipe + line + "\n");
}

TEST(ProgressLog, PiecesThatDoNotFitAreLeftOutWhole) {
  const std::string wipe = "\r\033[K";
  for (int width : {40, 80, 100, 132}) {
    std::ostringstream out;
    ProgressLog log(out, width);
    log.started(sample_facts());
    out.str("");
    StepRecord record = logged_record(13999);
    record.errors = {{"velocity", 0.031, 0.2}};
    record.loss_independent = 1.5e-3;
    log.step(record);
    const std::string line = out.str().substr(wipe.size()), whole = "lbfgs", left = "adam 13999/14000  1:02:05 left";
    EXPECT_LT(line.size(), static_cast<std::size_t>(width));
    EXPECT_EQ(line.substr(0, left.size()), left);
    if (width >= 80) {
      EXPECT_NE(line.find("  error velocity 3.10e-02  loss 1.25e-03"), std::string::npos) << line;
    }
    EXPECT_TRUE(line.back() != ' ' && line.find("(2") == line.find("(20%)")) << line;
  }
}

// The field without size is never the one that is farthest off, unless it is alone.
TEST(ProgressLog, AZeroReferenceIsNotFarthestOff) {
  std::ostringstream out;
  ProgressLog log(out, 80);
  log.started(sample_facts());
  StepRecord record = logged_record(1);
  record.errors = {{"u", 0.01, 1}, {"v", 7, 1, true}};
  log.step(record);
  EXPECT_NE(out.str().find("error u 1.00e-02"), std::string::npos);
  record.errors = {{"v", 7, 1, true}};
  log.step(record);
  EXPECT_NE(out.str().find("error v 7.00e+00"), std::string::npos);
}

TEST(ProgressLog, QuietSaysTheResultAlone) {
  std::ostringstream out;
  ProgressLog log(out, 80, true);
  log.started(sample_facts());
  log.step(logged_record(1));
  log.note("a note");
  RunSummary summary = logged_summary();
  summary.loss_independent = 2e-7;
  log.finished(summary);
  EXPECT_EQ(out.str(),
            "completed (steps) after 14000 steps in 2:51: loss 1.500e-07 (independent 2.0e-07), error u 4.10e-04\n");
  summary.status = "failed";
  out.str("");
  log.finished(summary);
  EXPECT_EQ(out.str(), "");
}

TEST(ProgressLog, ManyTermsLeaveOnlyTheLoss) {
  std::ostringstream out;
  ProgressLog log(out, 0);
  RunFacts facts = sample_facts();
  StepRecord record = logged_record(1);
  facts.terms.assign(7, "term");
  facts.term_points.assign(7, 1);
  facts.plans.assign(7, "1");
  facts.term_flop.assign(7, 1);
  record.terms.assign(7, 0.5);
  record.shares.assign(7, 1.0 / 7);
  log.started(facts);
  out.str("");
  log.step(record);
  EXPECT_EQ(out.str(), "    step   stage       loss     indep.      error  points/s  share      time      left\n"
                       "       1    adam  1.250e-03          -          -     1.23M    81%      1:05   1:02:05\n");
}

TEST(ProgressLog, NumbersForPeople) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(950), "950");
  EXPECT_EQ(short_number(12345), "12.3k");
  EXPECT_EQ(short_number(4.56e6), "4.56M");
  EXPECT_EQ(clock_text(41.6), "0:42");
  EXPECT_EQ(clock_text(3600), "1:00:00");
  EXPECT_EQ(clock_text(-3), "0:00");
}

}  // namespace
}  // namespace jetpinn
