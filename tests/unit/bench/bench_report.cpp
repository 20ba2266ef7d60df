#include "jetpinn/bench/bench_report.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

BenchReport some_report() {
  BenchReport report;
  report.benchmark = "made up";
  report.machine = describe_machine();
  report.config = {{"file", "a.toml"}, {"parameters", std::int64_t{33}}};
  report.results.push_back({"fields", {{"points", std::int64_t{1000}}, {"level", "run"}}, spread_of({0.5, 0.25, 0.5}),
                            {{"points_per_s", 2000.0}, {"exact", true}}, true, ""});
  return report;
}

TEST(BenchReport, JsonHoldsEverything) {
  const auto json = nlohmann::json::parse(some_report().json());
  EXPECT_EQ(json.at("schema"), BenchReport::schema);
  EXPECT_EQ(json.at("benchmark"), "made up");
  EXPECT_EQ(json.at("verified"), true);
  EXPECT_EQ(json.at("config").at("parameters"), 33);
  const auto& machine = json.at("machine");
  for (const char* key :
       {"hosts", "processor", "processors", "ranks", "memory_bytes", "load_average", "jetpinn", "date", "libraries"})
    EXPECT_TRUE(machine.contains(key)) << key;
  EXPECT_GT(machine.at("processors"), 0);
  EXPECT_GT(machine.at("memory_bytes"), 0);
  EXPECT_TRUE(machine.at("libraries").contains("LibTorch"));
  const auto& result = json.at("results").at(0);
  EXPECT_EQ(result.at("parameters").at("points"), 1000);
  EXPECT_EQ(result.at("parameters").at("level"), "run");
  EXPECT_EQ(result.at("seconds").at("median"), 0.5);
  EXPECT_EQ(result.at("seconds").at("samples"), 3);
  EXPECT_EQ(result.at("figures").at("points_per_s"), 2000.0);
  EXPECT_EQ(result.at("figures").at("exact"), true);
  EXPECT_EQ(result.at("verified"), true);
  EXPECT_FALSE(result.contains("trouble"));
}

TEST(BenchReport, NothingMeasuredIsNotVerified) { EXPECT_FALSE(BenchReport{}.verified()); }

TEST(BenchReport, AWrongResultIsWrittenAndThenAnError) {
  testing::TemporaryFolder folder;
  const std::string file = folder.file("bench.json");
  BenchReport report = some_report();
  report.results[0].verified = false;
  report.results[0].trouble = "off by one";
  testing::expect_error(Status::numerical, {"off by one"},
                        [&] { finish_report(test::world(), report, file, true); });
  const auto json = nlohmann::json::parse(read_text_file(file));
  EXPECT_EQ(json.at("verified"), false);
  EXPECT_EQ(json.at("results").at(0).at("trouble"), "off by one");
  EXPECT_NE(report.text().find("WRONG: off by one"), std::string::npos);
}

TEST(BenchReport, RepeatsAreCountedWithoutTheFirst) {
  int calls = 0;
  const auto samples = time_repeats(test::world(), "test", {0, 4}, [&] { ++calls; });
  EXPECT_EQ(samples.size(), 4u);
  EXPECT_EQ(calls, 5);
  for (const double seconds : samples) EXPECT_GE(seconds, 0);
}

}  // namespace
}  // namespace jetpinn
