#include "jetpinn/profile/hardware_counters.hpp"

#include <sys/resource.h>

#include <fstream>
#include <optional>

namespace jetpinn {
namespace {

double seconds(const timeval& time) { return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec); }

// Of the main thread, which does the work: "time on a core, time in the queue for one, slices", in ns.
// Kernels may leave the file out.
std::optional<double> queued_seconds() {
  std::ifstream file("/proc/self/schedstat");
  double ran = 0, queued = 0;
  if (!(file >> ran >> queued)) return std::nullopt;
  return 1e-9 * queued;
}

// Totals since the process began.
CounterRecord totals() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  CounterRecord record;
  record.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  record.displaced = usage.ru_nivcsw;
  record.yielded = usage.ru_nvcsw;
  record.major_faults = usage.ru_majflt;
  record.queued_s = queued_seconds();
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
  if (now.queued_s) record.queued_s = *now.queued_s - last_.queued_s.value_or(0);
  last_ = now;
  const auto events = events_.take();
  record.instructions = events[PerfEvents::instructions];
  record.cycles = events[PerfEvents::cycles];
  record.cache_misses = events[PerfEvents::cache_misses];
  return record;
}

}  // namespace jetpinn
