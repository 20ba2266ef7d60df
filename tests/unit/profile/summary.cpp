#include "jetpinn/profile/summary.hpp"

#include "jetpinn/profile/profile_table.hpp"
#include "support/profile_records.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace jetpinn {

TEST(summary, spreads_over_ranks) {
  auto run = testing::healthy_run(4);
  testing::shift(run[2], "allreduce_wait", "product", 0.3);
  const ProfileSummary summary = summarize(run);
  EXPECT_EQ(summary.ranks, 4);
  EXPECT_EQ(summary.hosts, 2);
  EXPECT_EQ(summary.steps, 6000);
  EXPECT_EQ(summary.points, 20000);
  EXPECT_TRUE(summary.missing.empty());
  EXPECT_DOUBLE_EQ(summary.wall_s.mean, 62);
  EXPECT_DOUBLE_EQ(summary.startup_s, 2);
  EXPECT_NEAR(summary.accounted.mean, 1, 1e-12);
  const RegionSummary& product = *summary.region("product");
  EXPECT_DOUBLE_EQ(product.seconds.min, 42);
  EXPECT_DOUBLE_EQ(product.seconds.max, 42.3);
  EXPECT_DOUBLE_EQ(product.seconds.mean, 42.075);
  EXPECT_EQ(product.longest, 2);
  EXPECT_EQ(summary.region("sampling"), nullptr);
  EXPECT_EQ(summary.slowest.rank, 2);
  EXPECT_EQ(summary.slowest.host, "node-1");
  EXPECT_DOUBLE_EQ(summary.work_s.min, 57.6);
  EXPECT_NEAR(summary.imbalance, 57.9 / 57.675 - 1, 1e-12);
  EXPECT_DOUBLE_EQ(summary.others.work_s, 57.6);
}

TEST(summary, regions_come_in_the_order_of_reports) {
  auto run = testing::healthy_run(1);
  run[0].sum.regions["balance"] = 0.1;   // of a later version
  std::string names;
  for (const RegionSummary& region : summarize(run).regions) names += region.name + " ";
  EXPECT_EQ(names,
            "startup product activation tape allreduce_wait allreduce_move optimizer checkpoint io idle other balance ");
}

TEST(summary, shares_of_the_roofline) {
  const ProfileSummary summary = summarize(testing::healthy_run(2));
  const KernelSummary& product = summary.kernels.at(0);
  EXPECT_EQ(product.name, "product");
  EXPECT_NEAR(product.flops.mean, 8e10, 1);
  EXPECT_NEAR(product.roofline.mean, 0.8, 1e-12);
  // 5.6 + 1 + 0.4 s of every 10 s; the first interval has 2 s more.
  EXPECT_NEAR(summary.utilisation, 42.0 / 62, 1e-12);
  EXPECT_NEAR(summary.utilisation_of_steps, 42.0 / 60, 1e-12);
  auto unmeasured = testing::healthy_run(2);
  unmeasured[1].roofline_s.clear();
  EXPECT_EQ(summarize(unmeasured).utilisation, 0);
  EXPECT_EQ(summarize(unmeasured).kernels.at(0).roofline.max, 0);
}

TEST(summary, memory_of_a_machine_is_shared_by_its_ranks) {
  auto run = testing::healthy_run(4);
  run[2].sum.memory.resident = run[3].sum.memory.resident = 900;
  run[2].sum.memory.available = 200;
  run[3].sum.memory.available = 250;
  const MemorySummary memory = summarize(run).memory;
  EXPECT_DOUBLE_EQ(memory.least_left, 0.1);
  EXPECT_EQ(memory.least_left_host, "node-1");
  EXPECT_NEAR(memory.efficiency.mean, 2.5 / 3, 1e-12);
  EXPECT_EQ(memory.pool_unused.max, 0);
}

TEST(summary, missing_ranks_are_named) {
  auto run = testing::healthy_run(5);
  run.erase(run.begin() + 3);
  run.erase(run.begin() + 1);
  const ProfileSummary summary = summarize(run);
  EXPECT_EQ(summary.missing, (std::vector<int>{1, 3}));
  EXPECT_EQ(rank_list({1, 3, 4, 5, 9}), "1, 3-5, 9");
  EXPECT_NE(profile_table(summary).find("no records of ranks 1, 3\n"), std::string::npos);
}

TEST(summary, the_end_of_a_run_is_that_of_all_ranks) {
  auto run = testing::healthy_run(2);
  EXPECT_EQ(summarize(run).ended, "");
  run[0].sum.last = "completed";
  EXPECT_EQ(summarize(run).ended, "");
  run[1].sum.last = "completed";
  EXPECT_EQ(summarize(run).ended, "completed");
  run[1].sum.last = "failed";
  EXPECT_EQ(summarize(run).ended, "failed");
}

TEST(summary, json_holds_the_numbers_of_the_table) {
  auto run = testing::healthy_run(2);
  const ProfileSummary summary = summarize(run);
  const auto json = nlohmann::json::parse(summary_json(summary));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["steps"], 6000);
  EXPECT_EQ(json["regions"]["product"]["max"], 42.0);
  EXPECT_EQ(json["memory"]["memory_efficiency"]["mean"], summary.memory.efficiency.mean);
  EXPECT_EQ(json["bottleneck"]["sentence"], summary.bottleneck.sentence);
  EXPECT_TRUE(json["joules"].is_null());
  EXPECT_TRUE(json["status"].is_null());
}

TEST(profile_table, ends_with_the_bottleneck_and_fits_a_terminal) {
  auto run = testing::healthy_run(2);
  run[0].sum.counters.joules = 1500;
  const ProfileSummary summary = summarize(run);
  const std::string table = profile_table(summary);
  EXPECT_EQ(table.substr(table.rfind('\n', table.size() - 2) + 1), "bottleneck      " + summary.bottleneck.sentence + "\n");
  std::size_t begin = 0;
  for (std::size_t end = table.find('\n', begin); end != std::string::npos; end = table.find('\n', begin)) {
    const std::string line = table.substr(begin, end - begin);
    EXPECT_TRUE(line.size() <= 100 || line.rfind("bottleneck", 0) == 0 || begin == 0) << line;
    begin = end + 1;
  }
  for (const char* words :
       {"product             42.00 s", "imbalance 0.0 %", "1500 J", "memory efficiency 0.83", "no end was recorded"})
    EXPECT_NE(table.find(words), std::string::npos) << words << "\n" << table;
  EXPECT_EQ(table.find("sampling"), std::string::npos);   // what took no time has no row
}

TEST(summary, doubts_shares_that_are_not_known_well) {
  const auto doubts = [](const std::vector<RankTotals>& run) { return summarize(run).doubts; };
  EXPECT_TRUE(doubts(testing::healthy_run(3)).empty());
  EXPECT_EQ(profile_table(summarize(testing::healthy_run(3))).find("not known well"), std::string::npos);
  // One product of a thousand was timed while another process ran in the activation: the product's
  // share of the time is too small.
  auto fast = testing::healthy_run(3);
  fast[1].sum.kernels["product"].seconds /= 2;
  ASSERT_EQ(doubts(fast).size(), 1u);
  EXPECT_EQ(doubts(fast)[0], "the sampled time of product would make it 1.60 times as fast as the measured peaks allow");
  EXPECT_NE(profile_table(summarize(fast)).find("shares          not known well: the sampled time of product"),
            std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(summary_json(summarize(fast)))["doubts"].size(), 1u);
  auto queued = testing::healthy_run(3);
  queued[2].sum.counters.queued_s = 0.25 * queued[2].wall_s;
  EXPECT_EQ(doubts(queued), std::vector<std::string>{"rank 2 waited for a core in 25 % of its time"});
  auto off_core = testing::healthy_run(3);   // the system keeps no account of waiting
  off_core[0].sum.counters.cpu_s *= 0.8;
  ASSERT_EQ(doubts(off_core).size(), 1u);
  EXPECT_EQ(doubts(off_core)[0].rfind("rank 0 did not run in ", 0), 0u) << doubts(off_core)[0];
  auto lost = testing::healthy_run(1);
  lost[0].sum.regions["product"] -= 0.1 * lost[0].wall_s;
  ASSERT_EQ(doubts(lost).size(), 1u);
  EXPECT_EQ(doubts(lost)[0], "the regions add up to 90.0 .. 90.0 % of the wall time");
}

}  // namespace jetpinn
