// Instructions, cycles and cache misses of this process as its processor counts them, by Linux'
// perf_event_open. User space only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace jetpinn {

// What the kernel gives for one counter. There are fewer counters than may be asked for: it then lends each to every event
// in turn, `running` of the `enabled` nanoseconds.
struct PerfReading {
  std::uint64_t value = 0, enabled = 0, running = 0;
};

// Events between two readings, scaled from the time they were counted to the time they could have been. Empty where nothing
// was counted of a time in which the process ran.
std::optional<double> events_between(const PerfReading& before, const PerfReading& after);

class PerfEvents {
 public:
  enum Event { instructions, cycles, cache_misses, event_count };

  // Counts from now on: the threads that exist, and what they start. An event that the machine or its
  // settings do not offer is absent.
  PerfEvents();
  ~PerfEvents();
  PerfEvents(const PerfEvents&) = delete;
  PerfEvents& operator=(const PerfEvents&) = delete;

  // Since the last call, or since construction; empty where not readable.
  std::array<std::optional<double>, event_count> take();

 private:
  struct Counter {
    int file = -1;
    PerfReading last;
  };
  std::array<std::vector<Counter>, event_count> counters_;   // one per thread that existed at construction
};

}  // namespace jetpinn
