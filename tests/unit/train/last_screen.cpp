#include "jetpinn/train/last_screen.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace jetpinn {
namespace {

RunFacts flow_facts() {
  RunFacts facts;
  facts.run_directory = "runs/flow";
  facts.terms = {"flow", "walls"};
  facts.predict_points = "--grid x=0:1:101,y=0:0.5:101";
  return facts;
}

RunSummary flow_summary() {
  RunSummary summary;
  summary.status = "completed";
  summary.stopped_by = "line search";
  summary.steps = 768;
  summary.wall_s = 83;
  summary.loss = 2.5e3;
  summary.loss_independent = 2.6e3;
  summary.errors = {{"v", 0.25, 1.5}, {"u", 0.125, 0.5}};
  summary.shares = {0.25, 0.75};
  summary.monitors = {{"drag", 1.0 / 3}, {"lift", 1e-9}};
  summary.stages = {{0, "adam", 500, 500, 3e3, "steps"}, {1, "lbfgs", 268, 500, 2.5e3, "line search"}};
  summary.bottleneck =
      "matrix products take 61 % of the time at 70 % of what the processor allows; this is what a run is for: more ranks or "
      "fewer points";
  summary.verdicts = {{"line search", "stage 1 (lbfgs) gave up at step 268 of 500"}};
  summary.warnings = {{"scale", "a first one"}, summary.verdicts[0]};
  summary.profile = "tables";
  return summary;
}

TEST(LastScreen, SaysTheEndInSomeLinesOf80Columns) {
  EXPECT_EQ(last_screen(flow_facts(), flow_summary()),
            "completed (line search) after 768 steps in 1:23 on 1 rank\n"
            "error      v 2.50e-01 (largest 1.5e+00), u 1.25e-01 (largest 5.0e-01)\n"
            "loss       2.500e+03 on the points trained on, 2.600e+03 on independent ones\n"
            "monitors   drag 0.333333, lift 1e-09\n"
            "terms      flow 25 %, walls 75 % of the weighted loss\n"
            "stages     adam 500 steps to loss 3.00e+03; lbfgs 268 steps to loss 2.50e+03\n"
            "           (line search before step 500)\n"
            "time       matrix products take 61 % of the time at 70 % of what the processor\n"
            "           allows; this is what a run is for: more ranks or fewer points\n"
            "look at    stage 1 (lbfgs) gave up at step 268 of 500\n"
            "           1 more: warnings in summary.json\n"
            "folder     runs/flow\n"
            "next       jetpinn report runs/flow\n"
            "           jetpinn predict runs/flow --grid x=0:1:101,y=0:0.5:101\n");
}

TEST(LastScreen, TellsTrainedNumbers) {
  RunSummary summary = flow_summary();
  summary.trained = {{"k", 0.1, 2.5e-4}, {"nu", 0.0123456789}};
  EXPECT_NE(last_screen(flow_facts(), summary).find("\ntrained    k 0.1 ± 2.5e-04, nu 0.0123457\nloss "), std::string::npos);
  EXPECT_NE(result_line(summary).find(", error u 1.25e-01, k 0.1 ± 2.5e-04, nu 0.0123457"), std::string::npos)
      << result_line(summary);
}

TEST(LastScreen, NamesEachTableWithRowsHeldOut) {
  RunSummary summary = flow_summary();
  summary.validation = {{"piv", 1.25}, {"probe", 0.5}};
  EXPECT_NE(last_screen(flow_facts(), summary)
                .find("\nvalidation piv 1.25e+00, probe 5.00e-01 on rows held out (root mean square)\nterms "),
            std::string::npos)
      << last_screen(flow_facts(), summary);
}

TEST(LastScreen, NamesFieldsWhoseHeldOutValuesDoNotDiffer) {
  RunSummary summary = flow_summary();
  summary.held_out = {{"piv", "u", 18, 0.75, 0.5, 0.625}, {"piv", "v", 18, std::nan(""), 0, 0}};
  EXPECT_NE(
      last_screen(flow_facts(), summary)
          .find("u R2 0.7500 (18 rows of 'piv'), v meets values that are all the same\n           (18 rows of 'piv')\n"),
      std::string::npos)
      << last_screen(flow_facts(), summary);
}

TEST(LastScreen, LeavesOutWhatThereIsNot) {
  RunSummary summary;
  summary.status = "stopped";
  summary.stopped_by = "signal";
  summary.steps = 1;
  summary.loss = 0.5;
  EXPECT_EQ(last_screen(flow_facts(), summary), "stopped (signal) after 1 step in 0:00 on 1 rank\n"
                                                "loss       5.000e-01 on the points trained on\n"
                                                "folder     runs/flow\n"
                                                "next       the same command again goes on from here\n");
}

}  // namespace
}  // namespace jetpinn
