#include "jetpinn/profile/perf_events.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#if defined(__linux__)
#include <linux/perf_event.h>
#include <sys/syscall.h>
#endif

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

std::vector<int> threads_of_this_process() {
  std::vector<int> threads;
  std::error_code trouble;
  for (fs::directory_iterator entry("/proc/self/task", trouble), end; !trouble && entry != end; entry.increment(trouble))
    threads.push_back(std::atoi(entry->path().filename().c_str()));
  return threads;
}

// A file descriptor that counts `event` on one thread and on those it starts; -1 where that is not allowed or not there.
int open_counter([[maybe_unused]] PerfEvents::Event event, [[maybe_unused]] int thread) {
#if defined(__linux__)
  static constexpr std::uint64_t hardware[] = {PERF_COUNT_HW_INSTRUCTIONS, PERF_COUNT_HW_CPU_CYCLES,
                                               PERF_COUNT_HW_CACHE_MISSES};
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.config = hardware[event];
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  attributes.inherit = 1;
  attributes.exclude_kernel = 1;   // all that perf_event_paranoid = 2, most systems' setting, lets a user count
  attributes.exclude_hv = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC));
#else
  return -1;
#endif
}

}  // namespace

std::optional<double> events_between(const PerfReading& before, const PerfReading& after) {
  const double value = static_cast<double>(after.value - before.value);
  const std::uint64_t enabled = after.enabled - before.enabled, running = after.running - before.running;
  if (enabled == running) return value;
  if (running == 0) return std::nullopt;
  return value * static_cast<double>(enabled) / static_cast<double>(running);
}

PerfEvents::PerfEvents() {
  const std::vector<int> threads = threads_of_this_process();
  for (int event = 0; event < event_count; ++event) {
    for (int thread : threads) {
      const int file = open_counter(static_cast<Event>(event), thread);
      if (file >= 0) counters_[event].push_back({file, {}});
    }
  }
}

PerfEvents::~PerfEvents() {
  for (const auto& threads : counters_)
    for (const Counter& counter : threads) ::close(counter.file);
}

std::array<std::optional<double>, PerfEvents::event_count> PerfEvents::take() {
  std::array<std::optional<double>, event_count> counts;
  for (int event = 0; event < event_count; ++event) {
    double sum = 0;
    bool ran = false, known = true;   // this very thread ran: a counter that saw none of it does not
                                      // work, as in some virtual machines
    for (Counter& counter : counters_[event]) {
      PerfReading now;
      const bool whole = ::read(counter.file, &now, sizeof now) == static_cast<ssize_t>(sizeof now);
      const auto events = whole ? events_between(counter.last, now) : std::nullopt;
      ran |= whole && now.enabled > counter.last.enabled;
      known &= events.has_value();
      sum += events.value_or(0);
      if (whole) counter.last = now;
    }
    if (ran && known) counts[event] = sum;
  }
  return counts;
}

}  // namespace jetpinn
