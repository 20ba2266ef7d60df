#include "jetpinn/config/window_config.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

const char* const wave = R"toml(name = "wave"
[problem]
coordinates = ["t", "x"]
fields = ["u", "v"]
domain = { t = [0, 1], x = [0, 1] }
[[problem.equations]]
name = "wave"
residual = ["u_tt - u_xx", "v_t - u_x"]
[[problem.conditions]]
name = "initial"
on = "t == 0 && x < 0.5"
residual = ["[u, v] - [x, 1]", "u_t"]
weight = [1, 2, 3]
[[problem.conditions]]
name = "late"
on = "t == 1"
residual = "u"
[reference]
exact = { u = "x", v = "1" }
[sampling]
points = { wave = 500, initial = 60, late = 70 }
batch = { late = 50 }
[training]
windows = { count = 2 }
[[training.stages]]
batch = { late = 40 }
weights = { late = 3, wave = 2 }
sampling = { points = { wave = 90, late = 80 } }
[[monitors]]
name = "end"
on = "t == 1"
mean = "u"
)toml";

class WindowConfig : public ::testing::Test {
 protected:
  Config window(std::size_t k, const std::string& initial, bool reference = true,
                const std::string& path = "/runs/wave/windows/1/config.toml") const {
    WindowParts parts;
    parts.tables = {"", initial, ""};
    parts.terms = {true, true, k == 1};
    parts.reference = reference;
    parts.start_from = k == 0 ? "" : "../../windows/0";
    return window_config(whole_, problem_, windows_, k, parts, path);
  }

  Config whole_ = parse_config(wave, "wave.toml", {});
  Problem problem_ = build_problem(whole_.problem);
  Windows windows_ = make_windows(problem_, whole_.problem, whole_.training.windows);
};

TEST_F(WindowConfig, TheFirstOneIsTheProblemOnAShorterDomain) {
  const Config first = window(0, "");
  EXPECT_FALSE(first.training.windows.cut());
  EXPECT_EQ(first.problem.domain.at("t")[1].text, "0.5");
  ASSERT_EQ(first.problem.terms.size(), 2u);
  EXPECT_EQ(first.problem.terms[1].on->text, "t == 0 && x < 0.5");
  EXPECT_EQ(first.sampling.points.count("late"), 0u);
  EXPECT_EQ(first.sampling.batch.size(), 0u);
  EXPECT_EQ(first.sampling.stage_batch[0].size(), 0u);
  EXPECT_EQ(first.problem.stage_weights[0].size(), 1u) << "of wave alone";
  EXPECT_EQ(first.sampling.stages[0].points, (PointCounts{{"wave", 90}}));
  EXPECT_TRUE(first.problem.monitors.empty());
  EXPECT_TRUE(first.training.start_from.empty());
  EXPECT_NO_THROW(build_problem(first.problem));
  EXPECT_EQ(first.problem.reference.exact.size(), 2u);
  EXPECT_TRUE(window(0, "", false).problem.reference.exact.empty());
}

TEST_F(WindowConfig, ALaterOneComparesWithTheLastState) {
  const Config second = window(1, "../../tables/1/initial.h5");
  ASSERT_EQ(second.problem.terms.size(), 3u);
  const TermText& initial = second.problem.terms[1];
  EXPECT_FALSE(initial.on);
  EXPECT_EQ(initial.points->text, "/runs/wave/tables/1/initial.h5");
  ASSERT_EQ(initial.residuals.size(), 2u);
  EXPECT_EQ(initial.residuals[0].text, "([u, v] - [x, 1]) - [data.last_1, data.last_2]");
  EXPECT_EQ(initial.residuals[1].text, "(u_t) - data.last_3");
  EXPECT_EQ(second.sampling.points.count("initial"), 0u);
  EXPECT_EQ(second.sampling.batch.at("late"), 50);
  EXPECT_EQ(second.sampling.stage_batch[0].at("late"), 40);
  EXPECT_EQ(second.sampling.stages[0].points.at("late"), 80);
  EXPECT_EQ(second.problem.stage_weights[0].at("late").list[0].text, "3");
  EXPECT_EQ(second.training.start_from, "/runs/wave/windows/0");
  EXPECT_EQ(second.problem.monitors.size(), 1u);
  const Problem built = build_problem(second.problem);
  EXPECT_EQ(built.terms[1].residuals.size(), 3u);
}

TEST_F(WindowConfig, AGateForgetsTermsThatAreNotThere) {
  std::string text = wave;
  for (const std::string batch : {"batch = { late = 50 }\n", "batch = { late = 40 }\n"})
    text.erase(text.find(batch), batch.size());
  text.insert(text.find("weights = "), "gate = { refresh = 3 }\n");
  text += "[gate]\ntarget = 0.2\nemphasis = { late = 2, wave = 3 }\nterms = ";
  whole_ = parse_config(text + "['wave', 'late']", "wave.toml", {});
  const Config first = window(0, ""), second = window(1, "last.h5");
  EXPECT_EQ(first.training.gate.terms, std::vector<std::string>{"wave"});
  EXPECT_EQ(first.training.gate.emphasis.count("late"), 0u);
  EXPECT_EQ(first.training.gate_of_stage(0).refresh, 3);
  EXPECT_EQ(second.training.gate.terms, (std::vector<std::string>{"wave", "late"}));
  EXPECT_EQ(second.training.gate.emphasis.at("late"), 2);
  whole_ = parse_config(text + "['late']", "wave.toml", {});
  EXPECT_FALSE(window(0, "").training.has_gate()) << "none of the named ones is left, and none would mean all";
  EXPECT_TRUE(window(1, "last.h5").training.has_gate());
}

TEST_F(WindowConfig, ItsPathsMoveWithTheRunFolder) {
  const Config before = window(1, "../../tables/1/initial.h5"),
               moved = window(1, "../../tables/1/initial.h5", true, "/else/where/windows/1/config.toml");
  EXPECT_EQ(moved.problem.terms[1].points->text, "/else/where/tables/1/initial.h5");
  EXPECT_EQ(moved.training.start_from, "/else/where/windows/0");
  const Config found = parse_config(before.resolved, moved.path, {});  // as it is read back from the folder that was moved
  EXPECT_EQ(found.problem.terms[1].points->text, "/else/where/tables/1/initial.h5");
  EXPECT_TRUE(matters(found, moved).empty());
  EXPECT_EQ(matters(before, moved).size(), 2u) << "the files of another run";
}

TEST_F(WindowConfig, APlanNeedsNoTable) {
  const Config second = window(1, "");
  EXPECT_EQ(second.problem.terms[1].on->text, "t == 0.5 && x >= 0 && x <= 0.49999999999999994");
  EXPECT_EQ(second.sampling.points.at("initial"), 60);
  EXPECT_NO_THROW(build_problem(second.problem));
}

}  // namespace
}  // namespace jetpinn
