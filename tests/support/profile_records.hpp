// Records of a made-up run, for tests of what reads them: 60 s after a start-up of 2 s, nothing wrong with it.
#pragma once

#include "jetpinn/profile/rank_totals.hpp"

#include <string>
#include <vector>

namespace jetpinn::testing {

// An interval of 10 s with 1000 steps; the first also has the start-up. Products run at 80 % of the roofline.
inline IntervalRecord healthy_record(int rank, int ranks, int interval) {
  IntervalRecord record;
  record.version = "0.1.0";
  record.rank = rank;
  record.ranks = ranks;
  record.host = "node-" + std::to_string(rank / 2);
  record.pid = 100 + rank;
  record.precision = "fp64";
  record.interval = interval;
  record.first_step = interval * 1000;
  record.last_step = record.first_step + 1000;
  record.evaluations = 1000;
  record.points = 5000;
  record.message_bytes = 30000;
  record.begin_s = interval == 0 ? 0 : 2 + interval * 10.0;
  record.end_s = 2 + (interval + 1) * 10.0;
  record.regions = {{"product", 7}, {"activation", 1.5}, {"tape", 0.8}, {"optimizer", 0.3}, {"allreduce_wait", 0.1},
                    {"allreduce_move", 0.1}, {"io", 0.01}, {"checkpoint", 0.04}, {"idle", 0.05}, {"other", 0.1}};
  if (interval == 0) record.regions["startup"] = 2;
  record.peaks = {1e11, 2e11, 2e10};
  record.kernels = {{"product", {{5.6e11, 2e11}, 7}}, {"activation", {{1e11, 1e10}, 1.5}}, {"tape", {{4e10, 1e10}, 0.8}}};
  record.step_s = {0.009, 0.010, 0.012};
  record.memory = {1 << 20, 0, 3 << 20, 3 << 20, 5 << 19, 150 << 20, 160 << 20, std::int64_t{8} << 30};
  record.counters.cpu_s = 0.99 * record.seconds();
  record.counters.displaced = 20;
  record.counters.yielded = 10;
  return record;
}

inline std::vector<RankTotals> healthy_run(int ranks, int intervals = 6) {
  std::vector<RankTotals> run(static_cast<std::size_t>(ranks));
  for (int rank = 0; rank < ranks; ++rank)
    for (int interval = 0; interval < intervals; ++interval)
      run[static_cast<std::size_t>(rank)].accumulate(healthy_record(rank, ranks, interval));
  return run;
}

// Takes time from one region and gives it to another: the sum stays the wall time.
inline void shift(RankTotals& rank, const std::string& from, const std::string& to, double seconds) {
  rank.sum.regions[from] -= seconds;
  rank.sum.regions[to] += seconds;
}

}  // namespace jetpinn::testing
