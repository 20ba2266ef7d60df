// What this rank does with its time and memory, written down while it runs: a line of
// profile/rank-NNNN.jsonl for every interval.
//
// Waiting and moving. An all-reduce ends for all ranks at about the same time, so the rank that came last waited for
// nobody: the least duration over ranks is what moving the bytes took, what a rank took longer it waited. Durations
// alone are compared, never clocks.
#pragma once

#include "jetpinn/base/kernel_work.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/profile/gpu_counters.hpp"
#include "jetpinn/profile/hardware_counters.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/profile/profile_options.hpp"
#include "jetpinn/profile/rank_totals.hpp"
#include "jetpinn/profile/record.hpp"
#include "jetpinn/profile/trace_recorder.hpp"

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// What the profiler cannot know by itself, at the end of an interval.
struct ProfileFacts {
  std::int64_t step = 0, evaluations = 0;           // done so far
  std::int64_t points = 0;                          // of this rank, all terms
  std::int64_t message_bytes = 0;                   // that an evaluation sums over ranks
  std::string precision;
  EngineWork work;                                  // done so far by this process
  MemoryRecord memory;                              // without resident and peak
  Peaks peaks;
};

class Profiler {
 public:
  // Collective: creates profile/ in the run folder; the files of an earlier part of the run move to profile/continuation-N.
  // `facts` are those of the start, agreed_s the seconds of training then. Throws Error (usage).
  Profiler(Communicator& communicator, const std::string& run_directory, const ProfileOptions& options, double program_start,
           const ProfileFacts& facts, double agreed_s);

  void begin_step() noexcept;
  void end_step() noexcept;

  // An interval is over: equal on every rank where `agreed_s`, seconds of training, is.
  bool due(double agreed_s) const;
  // Collective: a record of the time since the last one, unless nothing was evaluated since. allreduce_seconds: one entry
  // per evaluation in the interval, as many on every rank. `last`: how the run ended, in its last record.
  void close(const ProfileFacts& facts, std::vector<double> allreduce_seconds, double agreed_s,
             const std::string& last = "");
  // The last record of a run that failed. Not collective: all-reduces of several ranks count as waiting.
  void fail(const ProfileFacts& facts) noexcept;

  const std::string& failure() const { return failure_; }     // why a line could not be written; empty: all were
  const RankTotals& totals() const { return totals_; }        // of all records so far

 private:
  void open(const std::string& path, std::ofstream& out);
  void write(std::ofstream& out, const std::string& path, const std::string& line) noexcept;
  IntervalRecord measure(const ProfileFacts& facts);

  Communicator& communicator_;
  const ProfileOptions options_;
  const double program_start_;
  std::string record_path_, trace_path_, failure_;
  std::ofstream records_, traces_;
  bool first_on_host_ = true;             // reads the energy of its machine
  HardwareCounters counters_;
  EnergyMeter energy_;
  std::optional<GpuCounters> gpu_;        // on the first of its host's ranks that name the device
  double joules_ = 0;                     // at the last record
  TraceRecorder trace_;
  ProfileFacts before_;                   // at the last record
  RegionTimes regions_before_;
  double end_s_ = 0, closed_at_s_ = 0;    // of the last record: since the program began; agreed seconds
  std::int64_t intervals_ = 0, steps_ = 0;   // of this process
  double step_begin_ = 0;
  std::vector<double> step_s_;            // of the interval
  bool trace_next_ = false, tracing_ = false;
  RankTotals totals_;
};

}  // namespace jetpinn
