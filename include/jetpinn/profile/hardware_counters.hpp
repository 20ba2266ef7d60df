// What the system counted for this process: processor time, context switches, page faults, and the processor's own events.
#pragma once

#include "jetpinn/profile/perf_events.hpp"
#include "jetpinn/profile/record.hpp"

namespace jetpinn {

class HardwareCounters {
 public:
  // Since the last call, all threads of this process. The first call gives processor time, queueing, switches and
  // faults since the process began, the processor's events since construction. `joules` and `gpu` are others'
  // (EnergyMeter, GpuCounters) and stay empty; instructions, cycles and cache misses do where the system does not let
  // them be read. Microseconds of work.
  CounterRecord take();

 private:
  CounterRecord last_;   // totals at the last call
  PerfEvents events_;
};

}  // namespace jetpinn
