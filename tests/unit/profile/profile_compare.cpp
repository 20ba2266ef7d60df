#include "jetpinn/profile/profile_compare.hpp"

#include "support/profile_records.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {

namespace {

struct MadeRun {
  ProfileSummary summary;
  IntervalTimes times;
  ComparedRun named(const char* name) const { return {name, &summary, &times}; }
};

// Products take `factor` times as long; intervals scatter by `scatter` of their length.
MadeRun run_with(double factor, double scatter, int intervals = 12) {
  MadeRun run;
  std::vector<RankTotals> ranks(2);
  for (int interval = 0; interval < intervals; ++interval)
    for (int rank = 0; rank < 2; ++rank) {
      IntervalRecord record = testing::healthy_record(rank, 2, interval);
      const double wave = 1 + scatter * std::sin(7.0 * interval + factor);
      if (interval == 1) record.regions["startup"] = 1e-4;   // its last moments
      record.regions["product"] *= factor * wave;
      record.step_s.median *= (0.3 + 0.7 * factor) * wave;
      run.times.add(record);
      ranks[static_cast<std::size_t>(rank)].accumulate(record);
    }
  run.summary = summarize(ranks);
  return run;
}

std::string last_line(const std::string& text) { return text.substr(text.rfind('\n', text.size() - 2) + 1); }

}  // namespace

TEST(judge, differences_must_leave_the_scatter) {
  const std::vector<double> a{10, 10.1, 10.2, 10.3, 10.4}, b{10.9, 11, 11.1, 11.2}, wide{8, 9, 10, 11, 12, 13};
  EXPECT_EQ(judge(a, a), Verdict::same);
  EXPECT_EQ(judge(a, b), Verdict::slower);
  EXPECT_EQ(judge(b, a), Verdict::faster);
  EXPECT_EQ(judge(a, wide), Verdict::same);
  EXPECT_EQ(judge({10, 10, 10, 10}, {10.1, 10.1, 10.1, 10.1}), Verdict::same);   // 1 %
  EXPECT_EQ(judge({10, 10, 10}, {20, 20, 20}), Verdict::unknown);
}

TEST(interval_times, are_per_step_and_leave_the_start_up_out) {
  const MadeRun run = run_with(1, 0, 4);
  const auto product = run.times.region("product");
  ASSERT_EQ(product.size(), 3u);
  EXPECT_NEAR(product[0], 7e-3, 1e-12);
  EXPECT_NEAR(run.times.step()[2], 0.010, 1e-12);
  EXPECT_EQ(run_with(1, 0, 1).times.step().size(), 1u);   // better than nothing
}

TEST(compare, says_what_got_slower) {
  const MadeRun a = run_with(1, 0.01), b = run_with(1.3, 0.01);
  const std::string text = compare_profiles(a.named("runs/a"), b.named("runs/b"));
  EXPECT_EQ(last_line(text).rfind("B against A: product 1.3", 0), 0u) << text;
  EXPECT_NE(last_line(text).find("slower, step 1.2"), std::string::npos) << text;
  EXPECT_EQ(text.find("the runs differ"), std::string::npos);
  const std::string back = compare_profiles(b.named("runs/b"), a.named("runs/a"));
  EXPECT_NE(last_line(back).find("faster"), std::string::npos) << back;
}

TEST(compare, noise_is_no_difference) {
  const MadeRun a = run_with(1, 0.1), b = run_with(1.03, 0.1);
  const std::string text = compare_profiles(a.named("a"), b.named("b"));
  EXPECT_EQ(last_line(text), "B against A: nothing differs by more than the intervals of each run scatter\n") << text;
}

TEST(compare, too_few_intervals_are_said) {
  const MadeRun a = run_with(1, 0, 3), b = run_with(2, 0, 3);
  EXPECT_NE(last_line(compare_profiles(a.named("a"), b.named("b"))).find("too few to tell"), std::string::npos);
}

TEST(compare, setups_that_differ_are_named) {
  MadeRun a = run_with(1, 0), b = run_with(1, 0);
  b.summary.precision = "fp32";
  b.summary.ranks = 4;
  EXPECT_NE(compare_profiles(a.named("a"), b.named("b")).find("the runs differ in ranks 2 and 4, precision fp64 and fp32\n"),
            std::string::npos);
}

}  // namespace jetpinn
