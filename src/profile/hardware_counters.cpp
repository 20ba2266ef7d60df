#include "jetpinn/profile/hardware_counters.hpp"

#include <sys/resource.h>

namespace jetpinn {
namespace {

double seconds(const timeval& time) { return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec); }

// Totals since the process began.
CounterRecord totals() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  CounterRecord record;
  record.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  record.displaced = usage.ru_nivcsw;
  record.yielded = usage.ru_nvcsw;
  record.major_faults = usage.ru_majflt;
  return record;
}

}  // namespace

CounterRecord HardwareCounters::take() {
  const CounterRecord now = totals();
  CounterRecord record;
  record.cpu_s = now.cpu_s - last_.cpu_s;
  record.displaced = now.displaced - last_.displaced;
  record.yielded = now.yielded - last_.yielded;
  record.major_faults = now.major_faults - last_.major_faults;
  last_ = now;
  const auto events = events_.take();
  record.instructions = events[PerfEvents::instructions];
  record.cycles = events[PerfEvents::cycles];
  record.cache_misses = events[PerfEvents::cache_misses];
  return record;
}

}  // namespace jetpinn
