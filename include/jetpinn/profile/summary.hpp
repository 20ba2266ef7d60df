// A whole run in one table: what the totals of its ranks say together. summary.json and the table at the end of a training.
#pragma once

#include "jetpinn/profile/bottleneck.hpp"
#include "jetpinn/profile/rank_totals.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

struct Spread {   // over ranks
  double min = 0, mean = 0, max = 0;
};

struct RegionSummary {
  std::string name;
  Spread seconds;
  int longest = 0;             // the rank that spent the most time there
};

// Rates of a rank inside the kernels of a class.
struct KernelSummary {
  std::string name;
  Spread seconds;
  Spread flops, bytes;         // FLOP/s, bytes/s of the cache, over the time in the class
  Spread roofline;             // share of what the peaks allow; all 0: unknown
  double flop_s = 0, bytes_s = 0;   // s, mean over ranks, that each peak alone allows for the work; 0: unknown
};

struct MemorySummary {         // bytes
  Spread pool, pool_unused, planned, used, minimum, resident, peak;
  Spread efficiency;           // minimum / used
  double least_left = 1;       // share of a machine's memory that was still free at the worst moment; 1: unknown
  std::string least_left_host;
};

// What tells one rank from the others, to say why it is slow.
struct RankFacts {
  int rank = 0;
  std::string host;
  double wall_s = 0, work_s = 0, wait_s = 0;   // wait_s: in the all-reduce for other ranks
  double off_core = 0;         // share of its working time (no start-up, no waiting, no files) in which
                               // the process did not run, at least
  double queued = 0;           // share of its whole time that it could have run and waited for a core; 0
                               // where the system does not tell
  double displaced_per_s = 0;  // context switches not by its own will
  double points = 0, evaluations = 0, flop = 0;
};

struct ProfileSummary {
  static constexpr int current_schema = 1;
  std::string version, device, precision;
  std::string ended;                  // completed | stopped | failed; empty: the run was killed, or still goes on
  int ranks = 0;                      // of the run
  std::vector<int> missing;           // ranks without records
  int hosts = 0;
  std::int64_t steps = 0, evaluations = 0;   // of one rank; all take the same
  std::int64_t points = 0;            // over all ranks, an evaluation
  std::int64_t message_bytes = 0;     // that an evaluation sums over ranks; 0: unknown
  Spread wall_s;
  double startup_s = 0;               // of the rank that took longest: the others wait
  Spread accounted;                   // sum of the regions over the wall time; 1 unless the profiler is wrong
  std::vector<RegionSummary> regions; // in the order of reports, those unknown to it behind
  StepTimes step_s;                   // shortest, median, longest
  Spread work_s;                      // product, activation, tape, optimizer, sampling: what others wait for
  double imbalance = 0;               // max / mean - 1 of work_s
  RankFacts slowest, others;          // the rank with the most work; mean of the others (of all, on one rank)
  RankFacts kept_off;                 // the rank that waited longest for a core
  double others_queued = 0;           // mean of the others' queued
  std::vector<KernelSummary> kernels;
  double utilisation = 0;             // time that the peaks allow for all kernels over the wall
                                      // time, mean over ranks; 0: unknown
  double utilisation_of_steps = 0;    // the same without the start-up
  MemorySummary memory;
  Spread cpu_share;                   // processor time over wall time
  double least_off_core_s = 0;        // that even the least disturbed rank did not run though it had work
  double displaced = 0;               // context switches not by the ranks' will, all ranks
  double major_faults = 0;            // all ranks, after the start-up
  double faults_per_s = 0;            // of the rank that had the most, after the start-up
  double faults_off_core = 0;         // off_core of that rank
  double cache_miss_bytes_per_s = 0;  // mean over ranks, 64 bytes a miss, after the start-up; 0: unknown
  double memory_bandwidth = 0;        // bytes/s, mean of the ranks' measured peak; 0: unknown
  std::optional<double> joules;       // of all machines that tell
  std::map<std::string, double> gpu;  // mean over ranks; joules: sum
  std::vector<std::string> doubts;    // why the shares of time are not known well, a sentence each; none: they are
  Bottleneck bottleneck;

  const RegionSummary* region(const std::string& name) const;   // nullptr: never was
};

// totals: of every rank that has any, in any order; at least one. Ends with the bottleneck.
ProfileSummary summarize(const std::vector<RankTotals>& totals);

// profile/summary.json.
std::string summary_json(const ProfileSummary& summary);

}  // namespace jetpinn
