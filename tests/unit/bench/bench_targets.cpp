#include "jetpinn/bench/bench_targets.hpp"

#include "jetpinn/bench/burgers_solution.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/io/point_table.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>

namespace jetpinn {
namespace {

const char* const summary =
    R"json({"status": "completed", "steps": 1200, "wall_s": 4.0, "points_seen": 1500000, "loss": 2e-4,
  "error": {"u": {"rel_l2": 0.03, "max_abs": 0.5}}, "peak_memory_mib": [100, 120.5], "product_share": 0.5})json";

LaunchResult launched(double seconds) {
  LaunchResult result;
  result.seconds = seconds;
  return result;
}

TEST(BenchTargets, ReadsASummary) {
  const TargetRun run = read_target_summary(summary, launched(5));
  EXPECT_TRUE(run.ran());
  EXPECT_EQ(run.steps, 1200);
  EXPECT_DOUBLE_EQ(run.points_per_s, 300000);
  EXPECT_DOUBLE_EQ(run.memory_mb, 220.5 * 1.048576);
  EXPECT_DOUBLE_EQ(run.loss, 2e-4);
  EXPECT_DOUBLE_EQ(run.rel_l2, 0.03);
  EXPECT_DOUBLE_EQ(run.utilisation, 0.4);   // half the time of its own clock, which missed a fifth of the whole
  EXPECT_EQ(run.utilisation_from, "product_share");
}

TEST(BenchTargets, RooflineGoesBeforeTheShareOfProducts) {
  auto json = nlohmann::json::parse(summary);
  json["utilisation"] = 0.75;
  const TargetRun run = read_target_summary(json.dump(), launched(4));
  EXPECT_DOUBLE_EQ(run.utilisation, 0.75);
  EXPECT_EQ(run.utilisation_from, "utilisation");
}

TEST(BenchTargets, ASummaryWithoutALossIsNoResult) {
  auto json = nlohmann::json::parse(summary);
  json["loss"] = nullptr;
  testing::expect_error(Status::storage, {"no number 'loss'"}, [&] { read_target_summary(json.dump(), launched(4)); });
  testing::expect_error(Status::storage, {"not JSON"}, [] { read_target_summary("{\"status\": ", launched(4)); });
}

TEST(BenchTargets, TheBottleneckIsTheProfilesSentence) {
  EXPECT_EQ(read_bottleneck(R"({"bottleneck": {"kind": "memory", "sentence": "memory: ..."}})"), "memory: ...");
  for (const char* text : {"", "[]", "{}", R"({"bottleneck": null})", R"({"bottleneck": {"sentence": 3}})"})
    EXPECT_EQ(read_bottleneck(text), "") << text;
}

TargetReport report_of(TargetRun jets, TargetRun reference, const std::string& row = "100k") {
  TargetReport report;
  report.machine = describe_machine();
  report.results.push_back({choose_rows(row)[0], 2, std::move(jets), std::move(reference)});
  return report;
}

TargetRun run_of(std::int64_t steps, double seconds, double loss) {
  TargetRun run;
  run.steps = steps;
  run.seconds = seconds;
  run.loss = loss;
  run.points_per_s = static_cast<double>(steps) * 100;
  run.memory_mb = 600;
  run.utilisation = 0.95;
  run.utilisation_from = "utilisation";
  return run;
}

TEST(BenchTargets, FiguresAreMetOrMissedOneByOne) {
  const auto met_of = [](const TargetReport& report) {
    std::map<std::string, bool> met;
    for (const auto& figure : report.results[0].figures()) met[figure.name] = figure.met;
    return met;
  };
  const TargetReport good = report_of(run_of(1000, 300, 9e-4), run_of(100, 300, 0.1));
  EXPECT_EQ(
      met_of(good),
      (std::map<std::string, bool>{
          {"time_s", true}, {"job_memory_mb", true}, {"roofline", true}, {"final_loss", true}, {"steps_ratio", true}}));
  EXPECT_TRUE(good.met());
  EXPECT_EQ(good.status(), 0);

  TargetRun poor = run_of(1000, 601, 1.1e-3);
  poor.memory_mb = 16001;
  poor.utilisation = 0.89;
  const TargetReport bad = report_of(poor, run_of(101, 300, 0.1));
  for (const auto& [name, met] : met_of(bad)) EXPECT_FALSE(met) << name;
  EXPECT_EQ(bad.status(), 0);   // it ran
  EXPECT_NE(bad.text().find("MISSED"), std::string::npos);
}

TEST(BenchTargets, ARowThatDidNotRunLeavesAHole) {
  TargetRun dead;
  dead.status = 4;
  const TargetReport report = report_of(dead, run_of(100, 300, 0.1));
  EXPECT_EQ(report.status(), 4);
  EXPECT_NE(report.text().find("DID NOT RUN: status 4"), std::string::npos);
  const auto json = nlohmann::json::parse(report.json());
  EXPECT_EQ(json.at("verified"), false);
  EXPECT_EQ(json.at("results").at(0).at("figures").at("status"), 4);
  EXPECT_FALSE(json.at("results").at(0).at("figures").contains("loss"));
  EXPECT_EQ(report_of(run_of(1, 1, 1), dead).status(), 4);
  TargetReport stopped = report_of(run_of(1, 1, 1), run_of(1, 1, 1));
  stopped.stopped = true;
  EXPECT_EQ(stopped.status(), 75);
  EXPECT_NE(stopped.text().find("stopped on request"), std::string::npos);
}

TEST(BenchTargets, RowsAreChosenByName) {
  EXPECT_EQ(choose_rows("").size(), 4u);
  EXPECT_EQ(choose_rows("10k,1k").at(0).name, "10k");
  testing::expect_error(Status::usage, {"'1kk'", "did you mean '1k'?"}, [] { choose_rows("1kk"); });
}

TEST(BenchTargets, ConfigsOfAllRowsAreValid) {
  testing::TemporaryFolder folder;
  for (const TargetRow& row : target_rows()) {
    const Config config = parse_config(target_config(row, "/tmp/burgers.h5"), row.name, {});
    std::int64_t points = 0;
    for (const auto& [term, count] : config.sampling.points) points += count;
    EXPECT_EQ(points, row.points);
    EXPECT_DOUBLE_EQ(config.training.stop.time_s, row.train_s);
    EXPECT_LT(row.train_s, row.limit_s);
    EXPECT_EQ(config.network.hidden, (std::vector<std::int64_t>{64, 64, 64, 64}));
    EXPECT_EQ(config.problem.terms.size(), 3u);
  }
}

TEST(BurgersSolution, AgreesWithTheShippedReference) {
  const char* source = std::getenv("JETPINN_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  const PointTable table = read_point_table(std::string(source) + "/configs/reference/burgers.h5", {"t", "x", "u"});
  test::Worst worst;
  for (std::int64_t i = 0; i < table.rows(); i += 101) {
    const auto r = static_cast<std::size_t>(i);
    const double u = burgers_solution(table.column("t")[r], table.column("x")[r], target_viscosity);
    worst.take(std::abs(u - table.column("u")[r]));
  }
  EXPECT_LT(worst.value(), 1e-6);
}

// u_t + u u_x = nu u_xx by central differences away from the shock: their error is about h^2.
TEST(BurgersSolution, SolvesTheEquation) {
  const double h = 1e-3, nu = 0.05;
  const auto u = [&](double t, double x) { return burgers_solution(t, x, nu); };
  for (const double t : {0.3, 0.8})
    for (const double x : {-0.6, -0.2, 0.1, 0.7}) {
      const double slope = (u(t, x + h) - u(t, x - h)) / (2 * h), bend = (u(t, x + h) - 2 * u(t, x) + u(t, x - h)) / (h * h);
      EXPECT_NEAR((u(t + h, x) - u(t - h, x)) / (2 * h) + u(t, x) * slope, nu * bend, 1e-3);
    }
  EXPECT_NEAR(u(0.5, -1), 0, 1e-12);
  EXPECT_DOUBLE_EQ(u(0, 0.5), -1);
}

}  // namespace
}  // namespace jetpinn
