#include "jetpinn/profile/record.hpp"

#include "jetpinn/base/error.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace jetpinn {
using Json = nlohmann::json;

namespace {

IntervalRecord example() {
  IntervalRecord record;
  record.version = "0.1.0";
  record.rank = 1;
  record.ranks = 2;
  record.host = "node-7";
  record.pid = 4711;
  record.device = "cpu";
  record.precision = "fp64";
  record.interval = 3;
  record.first_step = 100;
  record.last_step = 150;
  record.evaluations = 61;
  record.points = 5400;
  record.begin_s = 1.0 / 3;
  record.end_s = 2.7;
  record.regions = {{"product", 1.25}, {"allreduce_wait", 0.1}, {"other", 0.01}};
  record.kernels = {{"product", {{1e11, 2e10}, 1.25}}, {"tape", {{1e8, 3e7}, 0.02}}};
  record.step_s = {0.01, 0.02, 0.05};
  record.memory = {1 << 20, 64, 2 << 20, 3 << 20, 1 << 19, 200 << 20, 210 << 20};
  record.counters.cpu_s = 2.3;
  record.counters.displaced = 7;
  record.counters.yielded = 9;
  record.counters.major_faults = 1;
  record.counters.queued_s = 0.4;
  record.peaks = {1.1e11, 2e11, 3e10};
  return record;
}

std::string refusal(const std::string& line) {
  try {
    interval_from_json(line);
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST(record, comes_back_as_it_went) {
  IntervalRecord record = example();
  record.counters.instructions = 1e10;
  record.counters.cycles = 4e9;
  record.counters.cache_misses = 5e6;
  record.counters.joules = 123.25;
  record.counters.gpu = {{"sm", 0.5}, {"joules", 80}};
  record.last = "completed";
  record.message_bytes = 8 * 3300;
  record.memory.available = std::int64_t{7} << 30;
  const std::string line = to_json_line(record);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const IntervalRecord back = interval_from_json(line);
  EXPECT_EQ(to_json_line(back), line);   // every key
  EXPECT_EQ(back.begin_s, record.begin_s);   // and every bit
  EXPECT_EQ(back.regions, record.regions);
  EXPECT_EQ(back.kernels.at("product").work.flop, 1e11);
  EXPECT_EQ(back.memory.peak, 210 << 20);
  EXPECT_EQ(back.counters.joules, 123.25);
  EXPECT_EQ(back.counters.queued_s, 0.4);
  EXPECT_EQ(back.counters.gpu.at("sm"), 0.5);
  EXPECT_EQ(back.last, "completed");
  EXPECT_EQ(back.message_bytes, 8 * 3300);
  EXPECT_EQ(back.memory.available, std::int64_t{7} << 30);
  EXPECT_DOUBLE_EQ(back.seconds(), 2.7 - 1.0 / 3);
}

TEST(record, what_could_not_be_read_is_an_absent_key) {
  const std::string line = to_json_line(example());
  const Json json = Json::parse(line);
  for (const char* key : {"instructions", "cycles", "cache_misses", "joules", "gpu"})
    EXPECT_FALSE(json["counters"].contains(key)) << key;
  EXPECT_FALSE(json.contains("last") || json.contains("message_bytes") || json["memory"].contains("available"));
  const IntervalRecord back = interval_from_json(line);
  EXPECT_FALSE(back.counters.joules);
  EXPECT_TRUE(back.counters.gpu.empty());
  EXPECT_EQ(back.last, "");
}

TEST(record, every_key_is_missed_and_checked) {
  const Json whole = Json::parse(to_json_line(example()));
  for (const auto& entry : whole.items()) {
    Json without = whole, wrong = whole;
    without.erase(entry.key());
    EXPECT_EQ(refusal(without.dump()), "'" + entry.key() + "' is missing");
    wrong[entry.key()] = nullptr;   // what is not finite is written so
    EXPECT_NE(refusal(wrong.dump()).find("'" + entry.key() + "' must be"), std::string::npos) << entry.key();
    if (!entry.value().is_object()) continue;
    for (const auto& inner : entry.value().items()) {
      wrong = whole;
      wrong[entry.key()][inner.key()] = "text";
      EXPECT_NE(refusal(wrong.dump()).find("'" + entry.key() + "." + inner.key() + "' must be"), std::string::npos)
          << inner.key();
    }
  }
}

TEST(record, damaged_lines_are_named) {
  const std::string line = to_json_line(example());
  EXPECT_EQ(refusal(line.substr(0, line.size() / 2)), "it is not JSON");
  EXPECT_EQ(refusal(""), "it is not JSON");
  EXPECT_EQ(refusal("[1]"), "it is no JSON object");
  EXPECT_EQ(refusal("{}"), "'schema' is missing");
  const auto changed = [&](const char* key, const Json& value) {
    Json json = Json::parse(line);
    json[key] = value;
    return refusal(json.dump());
  };
  EXPECT_EQ(changed("schema", 7), "'schema' is 7, this version of jetpinn reads 1");
  EXPECT_EQ(changed("rank", 2), "'rank' is 2 of 2 ranks");
  EXPECT_EQ(changed("rank", -1), "'rank' must not be negative");
  EXPECT_EQ(changed("ranks", 1.5), "'ranks' must be a whole number");
  EXPECT_EQ(changed("ranks", 1e300), "'ranks' must be a whole number");
  EXPECT_EQ(changed("ranks", 18446744073709551615u), "'ranks' must be a whole number");
  EXPECT_EQ(changed("ranks", 3000000000), "'ranks' is too large");
  EXPECT_EQ(changed("points", (std::int64_t{1} << 53) + 1), "'points' is too large");
  EXPECT_EQ(changed("end_s", 0.1), "'end_s' lies before begin_s");
  EXPECT_EQ(changed("last_step", 99), "'last_step' lies before first_step");
  EXPECT_EQ(changed("regions", {{"product", -1}}), "'regions.product' must be a finite number >= 0");
  EXPECT_EQ(changed("kernels", {{"tape", {{"flop", 1}}}}), "'kernels.tape.bytes' is missing");
}

TEST(record, keys_of_a_later_version_do_no_harm) {
  Json json = Json::parse(to_json_line(example()));
  json["colour"] = "blue";
  json["regions"]["balance"] = 0.5;
  EXPECT_EQ(interval_from_json(json.dump()).regions.at("balance"), 0.5);
}

TEST(roofline, the_slower_side_of_it_counts) {
  const Peaks peaks{100, 10, 1};
  EXPECT_DOUBLE_EQ(roofline_share({{50, 1}, 1}, peaks), 0.5);
  EXPECT_DOUBLE_EQ(roofline_share({{50, 8}, 1}, peaks), 0.8);
  EXPECT_DOUBLE_EQ(roofline_share({{50, 8}, 0}, peaks), 0);
  // Without one of the peaks the share would be a guess.
  EXPECT_DOUBLE_EQ(roofline_share({{50, 8}, 1}, {100, 0, 0}), 0);
  EXPECT_DOUBLE_EQ(roofline_share({{50, 8}, 1}, {}), 0);
  EXPECT_DOUBLE_EQ(roofline_share({{50, 0}, 1}, {100, 0, 0}), 0.5);
}

}  // namespace jetpinn
