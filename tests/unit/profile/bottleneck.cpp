#include "jetpinn/profile/bottleneck.hpp"

#include "jetpinn/profile/summary.hpp"
#include "support/profile_records.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace jetpinn {
using Kind = BottleneckKind;

namespace {

// The bottleneck of 4 healthy ranks after a change to each; 60 s of steps. Every sentence says its kind first.
Bottleneck after(const std::function<void(RankTotals&, int)>& change, int ranks = 4) {
  auto run = testing::healthy_run(ranks);
  for (int rank = 0; rank < ranks; ++rank) change(run[static_cast<std::size_t>(rank)], rank);
  const Bottleneck found = summarize(run).bottleneck;
  EXPECT_EQ(found.sentence.rfind(to_string(found.kind), 0), 0u) << found.sentence;
  EXPECT_EQ(found.sentence.find('\n'), std::string::npos);
  return found;
}

::testing::AssertionResult says(const Bottleneck& found, const std::string& words) {
  if (found.sentence.find(words) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "'" << words << "' is not in: " << found.sentence;
}

// Rank 2 works `seconds` longer and the others wait as long.
void delay(RankTotals& rank, int number, double seconds) {
  rank.wall_s += seconds;
  rank.sum.regions[number == 2 ? "product" : "allreduce_wait"] += seconds;
  rank.sum.counters.cpu_s += seconds;
}

}  // namespace

TEST(bottleneck, of_a_healthy_run_is_its_arithmetic) {
  const Bottleneck found = after([](RankTotals&, int) {});
  EXPECT_EQ(found.kind, Kind::compute);
  EXPECT_TRUE(says(found, "matrix products take 70 % of the time at 80 % of what the processor allows"));
  EXPECT_TRUE(says(found, "fp32"));
  EXPECT_NEAR(found.share(Kind::compute), 0.93, 1e-9);
}

TEST(bottleneck, names_the_class_that_takes_most) {
  const Bottleneck activation = after([](RankTotals& rank, int) { testing::shift(rank, "product", "activation", 36); });
  EXPECT_EQ(activation.kind, Kind::compute);
  EXPECT_TRUE(says(activation, "activation jets take 75 %"));
  const Bottleneck sampling = after([](RankTotals& rank, int) { testing::shift(rank, "product", "sampling", 36); });
  EXPECT_TRUE(says(sampling, "sampling.resample_every"));
}

TEST(bottleneck, without_peaks_no_share_is_made_up) {
  const Bottleneck found = after([](RankTotals& rank, int) { rank.roofline_s.clear(); });
  EXPECT_EQ(found.kind, Kind::compute);
  EXPECT_FALSE(says(found, "allows"));
}

TEST(bottleneck, bandwidth_where_the_bytes_take_longer_than_the_arithmetic) {
  const Bottleneck found = after([](RankTotals& rank, int) {
    KernelRecord& product = rank.sum.kernels["product"];
    product.work.bytes = 36 * rank.sum.peaks.cache_bytes;   // 36 s of 42, against 33.6 s for the arithmetic
    rank.roofline_s["product"] = 36;
  });
  EXPECT_EQ(found.kind, Kind::bandwidth);
  EXPECT_TRUE(says(found, "the product class takes 70 % of the time"));
  EXPECT_TRUE(says(found, "171.4 GB/s at 86 %"));
}

TEST(bottleneck, bandwidth_of_main_memory_and_of_the_optimiser) {
  const Bottleneck misses = after([](RankTotals& rank, int) { rank.sum.counters.cache_misses = 0.7 * 2e10 * 60 / 64; });
  EXPECT_EQ(misses.kind, Kind::bandwidth);
  EXPECT_TRUE(says(misses, "14.0 GB/s, 70 %"));
  const Bottleneck few_misses = after([](RankTotals& rank, int) { rank.sum.counters.cache_misses = 0.5 * 2e10 * 60 / 64; });
  EXPECT_EQ(few_misses.kind, Kind::compute);
  const Bottleneck vectors = after([](RankTotals& rank, int) { testing::shift(rank, "product", "optimizer", 36); });
  EXPECT_EQ(vectors.kind, Kind::bandwidth);
  EXPECT_TRUE(says(vectors, "training.stages.N.history"));
}

TEST(bottleneck, imbalance_by_a_process_on_the_core) {
  const Bottleneck found = after([](RankTotals& rank, int number) {
    delay(rank, number, 40);
    if (number != 2) return;
    rank.sum.counters.cpu_s -= 40;
    rank.sum.counters.displaced = 9000;
  });
  EXPECT_EQ(found.kind, Kind::imbalance);
  EXPECT_TRUE(says(found, "rank 2 on node-1 works 1.69 times as long"));
  EXPECT_TRUE(says(found, "had work but no core for 37 %"));
  EXPECT_TRUE(says(found, "another process"));
}

TEST(bottleneck, sums_that_stall_belong_to_the_rank_without_a_core) {
  const auto stalled = [](int first_disturbed, int last_disturbed) {
    return after([=](RankTotals& rank, int number) {
      delay(rank, number, 20);
      testing::shift(rank, "product", "allreduce_move", 30);   // 5 ms each, of 29 KiB: no network is so slow
      // of their work
      if (number >= first_disturbed && number <= last_disturbed) rank.sum.counters.cpu_s = 0.5 * (number == 2 ? 48.2 : 28.2);
    });
  };
  EXPECT_EQ(stalled(2, 2).kind, Kind::imbalance);
  EXPECT_NEAR(stalled(2, 2).share(Kind::imbalance), (15 + 30.6 - 6000 * (1e-4 + 3e-4)) / 80, 1e-6);
  EXPECT_TRUE(says(stalled(2, 2), "mean over ranks, sums that it holds up included)"));
  EXPECT_EQ(stalled(0, 3).kind, Kind::crowding);
  EXPECT_TRUE(says(stalled(0, 3), "no core, or sums that stalled for it, for"));
  EXPECT_EQ(stalled(-1, -1).kind, Kind::latency);   // all had their cores
}

// Its work is done in the slices it gets; the core is taken where it yields, which is inside the sums, and there it
// works no longer than the others.
TEST(bottleneck, sums_that_stall_belong_to_the_rank_that_queues_for_its_core) {
  const auto stalled = [](double queued_s, double others_s) {
    return after([=](RankTotals& rank, int number) {
      testing::shift(rank, "product", "allreduce_move", 30);
      rank.sum.counters.queued_s = number == 2 ? queued_s : others_s;
    });
  };
  const Bottleneck found = stalled(40, 1);
  EXPECT_EQ(found.kind, Kind::imbalance);
  EXPECT_TRUE(says(found, "rank 2 on node-1 is kept off its core while all wait for it"));
  EXPECT_TRUE(says(found, "another process"));
  EXPECT_NEAR(stalled(10, 1).share(Kind::imbalance), 10.0 / 62, 1e-6) << "no more than it queued for";
  EXPECT_NE(stalled(40, 39).kind, Kind::imbalance);
  EXPECT_EQ(stalled(1, 1).kind, Kind::latency);
}

TEST(bottleneck, imbalance_by_more_points) {
  const Bottleneck found = after([](RankTotals& rank, int number) {
    delay(rank, number, 20);
    if (number == 2) rank.sum.points = 6700;
  });
  EXPECT_EQ(found.kind, Kind::imbalance);
  EXPECT_TRUE(says(found, "6700 points, the others 5000"));
}

TEST(bottleneck, imbalance_by_a_slower_core) {
  const Bottleneck found = after([](RankTotals& rank, int number) { delay(rank, number, 20); });
  EXPECT_EQ(found.kind, Kind::imbalance);
  EXPECT_TRUE(says(found, "same work at 54.1 GFLOP/s, the others at 72.9"));
}

TEST(bottleneck, ranks_late_in_turn_are_no_imbalance) {
  const Bottleneck found = after([](RankTotals& rank, int) { testing::shift(rank, "product", "allreduce_wait", 15); });
  EXPECT_EQ(found.kind, Kind::latency);
  EXPECT_TRUE(says(found, "late in turn"));
}

TEST(bottleneck, more_ranks_than_cores_are_no_imbalance_either) {
  const Bottleneck crowded = after([](RankTotals& rank, int) {
    testing::shift(rank, "product", "allreduce_wait", 15);
    rank.sum.counters.cpu_s /= 2;
  });
  EXPECT_EQ(crowded.kind, Kind::crowding);
  // 43.2 s of work, 30.7 s of processor
  EXPECT_TRUE(says(crowded, "even the least disturbed of 4 ranks had work but no core for 21 %"));
  EXPECT_NEAR(crowded.share(Kind::crowding), (12.51 + 15.3) / 60, 1e-9);   // and their being late in turn follows from it
  // One rank that had its core is enough: then the others are late, and that is imbalance or latency.
  EXPECT_EQ(after([](RankTotals& rank, int number) {
              if (number > 0) rank.sum.counters.cpu_s /= 2;
            }).share(Kind::crowding),
            0);
  const Bottleneck alone = after([](RankTotals& rank, int) { rank.sum.counters.cpu_s /= 2; }, 1);
  EXPECT_EQ(alone.kind, Kind::crowding);
  EXPECT_TRUE(says(alone, "the process had work but no core for"));
}

TEST(bottleneck, moving_is_latency_or_communication_by_the_size_of_the_message) {
  const auto moving = [](std::int64_t bytes) {
    return after([=](RankTotals& rank, int) {
      testing::shift(rank, "product", "allreduce_move", 15);
      rank.sum.message_bytes = bytes;
    });
  };
  EXPECT_EQ(moving(65536).kind, Kind::latency);
  EXPECT_TRUE(says(moving(65536), "small messages take 26 %"));
  EXPECT_EQ(moving(65544).kind, Kind::communication);
  EXPECT_TRUE(says(moving(8000000), "2600 us for each all-reduce of 7812.5 KiB, 3.08e+03 MB/s"));
  EXPECT_TRUE(says(moving(8000000), "run.gradient_sync"));
  // Of unknown size: by the time of each.
  EXPECT_EQ(moving(0).kind, Kind::communication);
  const Bottleneck quick = after([](RankTotals& rank, int) {
    testing::shift(rank, "product", "allreduce_move", 15);
    rank.sum.message_bytes = 0;
    rank.sum.evaluations = 200000;
  });
  EXPECT_EQ(quick.kind, Kind::latency);
}

TEST(bottleneck, few_points_leave_kernels_below_the_roofline) {
  const auto slow_kernels = [](std::int64_t points) {
    return after([=](RankTotals& rank, int) {
      rank.sum.points = points;
      for (auto& [name, seconds] : rank.roofline_s) seconds *= 0.25;
      for (auto& [name, kernel] : rank.sum.kernels) kernel.work.flop *= 0.25;
    });
  };
  EXPECT_EQ(slow_kernels(60).kind, Kind::latency);
  EXPECT_TRUE(says(slow_kernels(60), "60 points per rank leave the kernels at 19 %"));
  EXPECT_EQ(slow_kernels(512).kind, Kind::compute);   // enough points: something else keeps them slow
}

TEST(bottleneck, what_surrounds_the_kernels) {
  const Bottleneck other = after([](RankTotals& rank, int) { testing::shift(rank, "product", "other", 12); });
  EXPECT_EQ(other.kind, Kind::latency);
  EXPECT_TRUE(says(other, "what surrounds the kernels takes 22 %"));
}

TEST(bottleneck, files_hold_up_everybody_though_one_rank_writes) {
  const Bottleneck waiting =
      after([](RankTotals& rank, int number) { testing::shift(rank, "product", number == 0 ? "checkpoint" : "idle", 12); });
  EXPECT_EQ(waiting.kind, Kind::input_output);
  EXPECT_TRUE(says(waiting, "output.checkpoint.every"));
  // The others reach the next all-reduce and wait there.
  const Bottleneck files = after(
      [](RankTotals& rank, int number) { testing::shift(rank, "product", number == 0 ? "io" : "allreduce_wait", 12); });
  EXPECT_EQ(files.kind, Kind::input_output);
  EXPECT_TRUE(says(files, "output.log_every"));
}

TEST(bottleneck, pages_from_disk) {
  const Bottleneck found = after([](RankTotals& rank, int number) {
    if (number != 1) return;
    rank.faults_of_steps = 60 * 200;
    rank.sum.counters.cpu_s -= 0.4 * rank.wall_s;
  });
  EXPECT_EQ(found.kind, Kind::memory);
  EXPECT_TRUE(says(found, "200 per s on one rank"));
  // As many where nothing was waited for: they came from a cache.
  EXPECT_EQ(after([](RankTotals& rank, int) { rank.faults_of_steps = 60 * 200; }).kind, Kind::compute);
  // Off the core, but a page a second cannot explain it.
  EXPECT_EQ(after([](RankTotals& rank, int) {
              rank.faults_of_steps = 60;
              rank.sum.counters.cpu_s /= 2;
            }).kind,
            Kind::crowding);
}

TEST(bottleneck, a_full_machine_comes_first) {
  const auto left = [](double share) {
    return after([=](RankTotals& rank, int number) {
      delay(rank, number, 40);
      const auto held = static_cast<double>(2 * rank.sum.memory.resident);   // two ranks per machine
      if (number >= 2) rank.sum.memory.available = static_cast<std::int64_t>(held * share / (1 - share));
    });
  };
  EXPECT_EQ(left(0.04).kind, Kind::memory);
  EXPECT_TRUE(says(left(0.04), "node-1 had only 4.0 % of its memory left"));
  EXPECT_EQ(left(0.06).kind, Kind::imbalance);
}

TEST(bottleneck, short_runs_are_start_up_and_say_what_bounds_the_steps) {
  const auto started = [](double seconds) {
    return after([=](RankTotals& rank, int) {
      rank.wall_s += seconds - 2;
      rank.sum.regions["startup"] = seconds;
    });
  };
  EXPECT_EQ(started(61).kind, Kind::startup);
  EXPECT_TRUE(says(started(61), "61.0 s of 121.0 s passed before the first step"));
  EXPECT_TRUE(says(started(61), "the steps themselves are compute-bound: matrix products"));
  EXPECT_EQ(started(59).kind, Kind::compute);
  const Bottleneck none = after([](RankTotals& rank, int) { rank.sum.last_step = rank.sum.first_step; });
  EXPECT_EQ(none.kind, Kind::startup);
  EXPECT_TRUE(says(none, "there is nothing to say about steps"));
}

TEST(bottleneck, evaluation) {
  const Bottleneck found = after([](RankTotals& rank, int) { testing::shift(rank, "product", "evaluation", 12); });
  EXPECT_EQ(found.kind, Kind::evaluation);
  EXPECT_TRUE(says(found, "output.evaluate_every"));
  EXPECT_TRUE(says(found, "monitors")) << "where there is no reference, it is not what takes the time";
}

TEST(bottleneck, what_is_avoidable_must_be_worth_it) {
  const auto files = [](double share) {
    return after([=](RankTotals& rank, int) { testing::shift(rank, "product", "checkpoint", 60 * share - 0.3); });
  };
  EXPECT_EQ(files(0.095).kind, Kind::compute);
  EXPECT_EQ(files(0.105).kind, Kind::input_output);
}

TEST(bottleneck, near_ties_go_to_the_larger_and_name_the_other) {
  const auto both = [](double checkpoint, double move) {
    return after([=](RankTotals& rank, int) {
      rank.sum.message_bytes = 1 << 20;
      testing::shift(rank, "product", "checkpoint", checkpoint);
      testing::shift(rank, "product", "allreduce_move", move);
    });
  };
  EXPECT_EQ(both(11, 10).kind, Kind::input_output);
  EXPECT_TRUE(says(both(11, 10), "close behind: communication-bound (18 %)"));
  EXPECT_EQ(both(10, 11).kind, Kind::communication);
  EXPECT_TRUE(says(both(10, 11), "close behind: I/O-bound"));
  EXPECT_FALSE(says(both(15, 6), "close behind"));
}

TEST(bottleneck, one_rank_has_nobody_to_wait_for) {
  const Bottleneck found = after([](RankTotals& rank, int) { testing::shift(rank, "allreduce_wait", "product", 0.6); }, 1);
  EXPECT_EQ(found.kind, Kind::compute);
  EXPECT_EQ(found.share(Kind::imbalance), 0);
}

}  // namespace jetpinn
