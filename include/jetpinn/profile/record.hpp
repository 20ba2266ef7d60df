// What one rank did in one interval of a run: a line of profile/rank-NNNN.jsonl.
#pragma once

#include "jetpinn/base/kernel_work.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace jetpinn {

// Peaks of this rank's processor, measured (profile/peaks.hpp). 0: not measured.
struct Peaks {
  double flops = 0;           // FLOP/s in the run's precision
  double cache_bytes = 0;     // bytes/s to and from the second-level cache, where a chunk lives
  double memory_bytes = 0;    // bytes/s to and from main memory
};

struct KernelRecord {
  KernelWork work;
  double seconds = 0;
};

struct StepTimes {            // s, of the steps in the interval
  double min = 0, median = 0, max = 0;
};

// Bytes. Pool, planned, used and minimum do not change while a stage lasts.
struct MemoryRecord {
  std::int64_t pool = 0;           // given out by the engine's pool
  std::int64_t pool_unused = 0;    // in its slabs and given to nobody: fragmentation, alignment left out
  std::int64_t planned = 0;        // what the plan said this rank would take
  std::int64_t used = 0;           // pool, points, parameters, gradient, optimiser state
  std::int64_t minimum = 0;        // parameters, gradient, optimiser state, one chunk's live channels, points
  std::int64_t resident = 0, peak = 0;
  std::int64_t available = 0;      // could still be taken on this rank's machine
                                   // (available_memory_bytes); 0: unknown, an absent key
};

// What the system counted in the interval; absent where it cannot be read.
struct CounterRecord {
  double cpu_s = 0;                                   // processor time of this process
  std::int64_t displaced = 0, yielded = 0;            // context switches: not by its own will, by its own will
  std::int64_t major_faults = 0;                      // pages read from disk
  std::optional<double> queued_s;                     // the main thread could have run and waited for a core
  std::optional<double> instructions, cycles, cache_misses;
  std::optional<double> joules;                       // of the whole machine; on the first rank of each
  std::map<std::string, double> gpu;                  // names and units: profile/gpu_counters.hpp; empty without a GPU
};

struct IntervalRecord {
  static constexpr int current_schema = 1;
  int schema = current_schema;
  std::string version;                     // of jetpinn
  int rank = 0, ranks = 1;
  std::string host;
  int pid = 0;
  std::string device = "cpu", precision;
  std::int64_t interval = 0;               // 0, 1, ... of this process
  std::int64_t first_step = 0, last_step = 0;   // steps (first_step, last_step] ended in it
  std::int64_t evaluations = 0, points = 0;     // of loss and gradient; points of this rank, all terms
  std::int64_t message_bytes = 0;          // that an evaluation sums over ranks; 0: unknown, an absent key
  double begin_s = 0, end_s = 0;           // since the program began
  // s by name of region, exclusive: their sum is end_s - begin_s. "allreduce_wait" (for other ranks) and "allreduce_move"
  // stand for the region allreduce.
  std::map<std::string, double> regions;
  std::map<std::string, KernelRecord> kernels;   // product, activation, tape
  StepTimes step_s;
  MemoryRecord memory;
  CounterRecord counters;
  Peaks peaks;
  std::string last;                        // how the run ended, in its last record: completed |
                                           // stopped | failed; empty before

  double seconds() const { return end_s - begin_s; }
};

std::string to_json_line(const IntervalRecord& record);   // without a line end
// Throws Error (usage) naming what is wrong: not JSON, another schema, a missing or mistyped key.
IntervalRecord interval_from_json(const std::string& line);

// The start-up took part of the interval that tells: more than a twentieth. Its last microseconds
// may fall into the next one.
bool holds_startup(const IntervalRecord& record);

// s that the peaks allow for the work: max(flop / flops, bytes / cache_bytes). 0: unknown, for a peak
// that it needs was not measured.
double roofline_seconds(const KernelWork& work, const Peaks& peaks);
// Share of the roofline: the time that the peaks allow for the work over the time it took. 0: unknown.
double roofline_share(const KernelRecord& kernel, const Peaks& peaks);

}  // namespace jetpinn
