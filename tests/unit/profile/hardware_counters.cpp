#include "jetpinn/profile/hardware_counters.hpp"

#include "support/not_run.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>

namespace jetpinn {
namespace {

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

void work_for(double seconds) {
  const double until = processor_seconds() + seconds;
  while (processor_seconds() < until) {
  }
}

TEST(HardwareCounters, ProcessorTimeIsThatOfTheInterval) {
  work_for(0.02);
  HardwareCounters counters;
  EXPECT_NEAR(counters.take().cpu_s, processor_seconds(), 0.01);   // from the begin of the process
  const double begin = processor_seconds();
  work_for(0.05);
  const CounterRecord busy = counters.take();
  EXPECT_NEAR(busy.cpu_s, processor_seconds() - begin, 0.01);
  const CounterRecord idle = counters.take();
  EXPECT_LT(idle.cpu_s, 0.01);
}

TEST(HardwareCounters, ThreadsOfTheProcessCount) {
  HardwareCounters counters;
  counters.take();
  std::thread other([] { work_for(0.05); });
  other.join();
  EXPECT_NEAR(counters.take().cpu_s, 0.05, 0.01);
}

TEST(HardwareCounters, SleepingYieldsTheProcessor) {
  HardwareCounters counters;
  counters.take();
  for (int i = 0; i < 5; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const CounterRecord record = counters.take();
  EXPECT_GE(record.yielded, 5);
  EXPECT_GE(record.displaced, 0);
  EXPECT_GE(record.major_faults, 0);
  EXPECT_FALSE(record.joules.has_value());
  EXPECT_TRUE(record.gpu.empty());
}

TEST(HardwareCounters, WaitingForACoreIsCounted) {
  HardwareCounters counters;
  if (!counters.take().queued_s) JETPINN_NOT_RUN("this kernel does not tell how long a process waits for a core");
  cpu_set_t all, one;
  sched_getaffinity(0, sizeof all, &all);
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  std::atomic<bool> done{false};
  std::thread other([&] { while (!done) {} });   // inherits the core
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  while (std::chrono::steady_clock::now() < end) {}
  const CounterRecord record = counters.take();
  done = true;
  other.join();
  sched_setaffinity(0, sizeof all, &all);
  EXPECT_GT(record.queued_s.value(), 0.01);   // half of 0.2 s where nobody else wants the core, more where somebody does
  EXPECT_LT(counters.take().queued_s.value(), record.queued_s.value()) << "since the last call";
}

TEST(PerfEvents, MultiplexedCountersAreScaled) {
  EXPECT_EQ(events_between({100, 10, 10}, {400, 20, 20}), 300.0);
  EXPECT_EQ(events_between({100, 10, 10}, {400, 30, 15}), 1200.0);   // counted a quarter of the time
  EXPECT_EQ(events_between({100, 10, 10}, {100, 10, 10}), 0.0);      // a thread that slept
  EXPECT_FALSE(events_between({100, 10, 10}, {100, 30, 10}).has_value());
}

TEST(PerfEvents, FollowTheWorkOrAreAbsent) {
  PerfEvents events;
  work_for(0.002);
  events.take();
  const auto idle = events.take();
  work_for(0.05);
  const auto busy = events.take();
  if (!busy[PerfEvents::instructions]) JETPINN_NOT_RUN("this machine does not let a user count instructions");
  EXPECT_GT(*busy[PerfEvents::instructions], 1e6);
  EXPECT_LT(idle[PerfEvents::instructions].value_or(0), 0.1 * *busy[PerfEvents::instructions]);
}

}  // namespace
}  // namespace jetpinn
