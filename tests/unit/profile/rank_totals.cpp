#include "jetpinn/profile/rank_totals.hpp"

#include "jetpinn/base/error.hpp"
#include "support/profile_records.hpp"

#include <gtest/gtest.h>

namespace jetpinn {

TEST(rank_totals, add_up) {
  RankTotals totals;
  IntervalRecord first = testing::healthy_record(0, 2, 0), second = testing::healthy_record(0, 2, 1);
  first.counters.joules = 10;
  second.counters.joules = 5;
  first.counters.gpu = {{"sm", 0.2}, {"joules", 1}};
  second.counters.gpu = {{"sm", 0.8}, {"joules", 2}};
  first.counters.major_faults = 400;   // loading the program
  second.counters.major_faults = 3;
  second.regions["startup"] = 2e-4;   // its last moments
  second.memory.peak = 500 << 20;
  second.memory.available = 77;
  second.step_s = {0.001, 0.02, 0.03};
  second.last = "completed";
  totals.accumulate(first);
  totals.accumulate(second);
  EXPECT_EQ(totals.intervals, 2);
  EXPECT_DOUBLE_EQ(totals.wall_s, 22);
  EXPECT_EQ(totals.sum.last_step - totals.sum.first_step, 2000);
  EXPECT_EQ(totals.sum.evaluations, 2000);
  EXPECT_DOUBLE_EQ(totals.region("product"), 14);
  EXPECT_DOUBLE_EQ(totals.region("startup"), 2.0002);
  EXPECT_EQ(totals.region("sampling"), 0);
  EXPECT_DOUBLE_EQ(totals.sum.kernels.at("product").work.flop, 2 * 5.6e11);
  EXPECT_DOUBLE_EQ(totals.roofline_s.at("product"), 2 * 5.6);
  EXPECT_EQ(totals.sum.step_s.min, 0.001);
  EXPECT_EQ(totals.sum.step_s.max, 0.03);
  EXPECT_EQ(totals.sum.memory.peak, 500 << 20);
  EXPECT_EQ(totals.sum.memory.available, 77);
  EXPECT_EQ(totals.sum.counters.joules, 15);
  EXPECT_EQ(totals.sum.counters.gpu.at("joules"), 3);
  EXPECT_NEAR(totals.sum.counters.gpu.at("sm"), (0.2 * 12 + 0.8 * 10) / 22, 1e-12);
  EXPECT_EQ(totals.sum.counters.major_faults, 403);
  EXPECT_EQ(totals.faults_of_steps, 3);
  EXPECT_EQ(totals.sum.last, "completed");
}

TEST(rank_totals, steps_of_missing_records_are_not_counted) {
  RankTotals totals;
  totals.accumulate(testing::healthy_record(0, 1, 0));
  totals.accumulate(testing::healthy_record(0, 1, 5));
  EXPECT_EQ(totals.sum.last_step - totals.sum.first_step, 2000);
  EXPECT_DOUBLE_EQ(totals.wall_s, 22);
}

TEST(rank_totals, median_counts_steps_and_stays_small) {
  RankTotals totals;
  IntervalRecord record = testing::healthy_record(0, 1, 0);
  const auto interval = [&](double median, std::int64_t steps) {
    record.first_step = record.last_step;
    record.last_step += steps;
    record.step_s.median = median;
    totals.accumulate(record);
  };
  interval(1, 10);
  interval(2, 100);
  interval(9, 20);
  EXPECT_EQ(totals.median_step_s(), 2);
  for (int i = 0; i < 5000; ++i) interval(2 + 1e-3 * (i % 100), 7);
  EXPECT_LE(totals.steps.size(), 256u);
  EXPECT_NEAR(totals.median_step_s(), 2.05, 0.02);
  std::int64_t counted = 0;
  for (const auto& entry : totals.steps) counted += entry.count;
  EXPECT_EQ(counted, 130 + 5000 * 7);
}

TEST(rank_totals, absurd_counts_do_not_overflow) {
  RankTotals totals;
  IntervalRecord record = testing::healthy_record(0, 1, 0);
  constexpr std::int64_t largest = std::int64_t{1} << 53;
  record.evaluations = record.counters.displaced = record.last_step = record.counters.major_faults = largest;
  for (int i = 0; i < 3000; ++i) totals.accumulate(record);
  EXPECT_GT(totals.sum.evaluations, largest);
  EXPECT_GT(totals.sum.last_step, largest);
  EXPECT_GT(totals.sum.counters.displaced, 0);
}

TEST(rank_totals, a_class_without_peaks_in_some_interval_has_no_roofline) {
  RankTotals totals;
  IntervalRecord record = testing::healthy_record(0, 1, 0);
  totals.accumulate(record);
  EXPECT_EQ(totals.roofline_s.size(), 3u);
  record.peaks.flops = 0;
  totals.accumulate(record);
  EXPECT_TRUE(totals.roofline_s.empty());
  totals.accumulate(testing::healthy_record(0, 1, 2));
  EXPECT_TRUE(totals.roofline_s.empty());
}

TEST(rank_totals, come_back_from_text) {
  const RankTotals totals = testing::healthy_run(2)[1];
  const std::string text = to_json_text(totals);
  const RankTotals back = totals_from_json(text);
  EXPECT_EQ(to_json_text(back), text);
  EXPECT_EQ(back.wall_s, totals.wall_s);
  EXPECT_EQ(back.steps.size(), 6u);
  EXPECT_EQ(back.sum.rank, 1);
  EXPECT_THROW(totals_from_json("{}"), Error);
  EXPECT_THROW(totals_from_json("half a li"), Error);
  EXPECT_THROW(totals_from_json(R"({"sum":"{}"})"), Error);
}

}  // namespace jetpinn
