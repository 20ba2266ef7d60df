#include "jetpinn/fault/rank_record.hpp"

#include "jetpinn/base/region.hpp"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>

namespace jetpinn {
namespace {

std::string scratch(const std::string& name) {
  return ::testing::TempDir() + "jetpinn-record-" + std::to_string(::getpid()) + name;
}

// A child process that runs `work`; ended by its destructor.
class Child {
 public:
  explicit Child(const std::function<void()>& work) : pid_(::fork()) {
    if (pid_ == 0) {
      work();
      for (;;) ::pause();
    }
  }
  ~Child() { end(); }
  int pid() const { return pid_; }
  void send(int signal) { ::kill(pid_, signal); }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  int pid_;
};

template <class Condition>
bool soon(const Condition& condition) {
  for (int i = 0; i < 6000; ++i) {   // a minute, on a machine that is busy with other things
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(RankRecord, HoldsWhatWasWrittenLast) {
  RankRecord record{};
  describe_process(record, 3, 8, 42);
  const double before = wall_seconds();
  write_place(record, "gradient all-reduce", 512, true);
  const RankView view = view_of(record);
  EXPECT_EQ(view.rank, 3);
  EXPECT_EQ(view.size, 8);
  EXPECT_EQ(view.job, 42u);
  EXPECT_EQ(view.pid, ::getpid());
  EXPECT_FALSE(view.host.empty());
  EXPECT_EQ(view.place.phase, "gradient all-reduce");
  EXPECT_EQ(view.place.step, 512);
  EXPECT_TRUE(view.place.waiting);
  EXPECT_GE(view.place.since_s, before);
  write_place(record, nullptr, -1, false);
  EXPECT_EQ(view_of(record).place.phase, "");
  EXPECT_EQ(view_of(record).place.step, -1);
  EXPECT_FALSE(view_of(record).place.waiting);
}

TEST(RankRecord, CutsALongPhase) {
  RankRecord record{};
  write_place(record, std::string(100, 'x').c_str(), 1, false);
  EXPECT_EQ(view_of(record).place.phase, std::string(39, 'x'));
}

// What a reader sees belongs together, however fast the owner writes: the phase is spelled by the step.
TEST(RankRecord, IsWholeWhileItIsWritten) {
  const std::string path = scratch("-whole");
  const auto file = RecordFile::create(path, 7);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->mapped()) << "the temporary folder is not on a local file system";
  describe_process(own_record(), 0, 1, 7);
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (std::int64_t step = 0; !stop; ++step)
      write_place(own_record(), std::string(static_cast<std::size_t>(step % 40), static_cast<char>('a' + step % 26)).c_str(),
                  step, step % 2);
  });
  int seen = 0;
  int torn = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto view = i % 2 ? read_record(path, 7) : view_of(own_record());
    const std::int64_t step = view ? view->place.step : 0;
    if (view && view->place.step < 0) continue;
    const std::string expected(static_cast<std::size_t>(step % 40), static_cast<char>('a' + step % 26));
    if (!view || view->place.phase != expected || view->place.waiting != (step % 2 == 1)) ++torn;
    ++seen;
  }
  stop = true;
  writer.join();
  EXPECT_EQ(torn, 0);
  EXPECT_GT(seen, 1000);
  file->remove();
  EXPECT_FALSE(read_record(path, 7));
}

TEST(RankRecord, SurvivesItsOwner) {
  const std::string path = scratch("-survives");
  Child child([&] {
    describe_process(own_record(), 5, 6, 9);
    if (!RecordFile::create(path, 9)) ::_exit(1);
    write_place(own_record(), "somewhere", 33, true);
  });
  const auto there = [&] {
    const auto view = read_record(path, 9);
    return view && view->place.phase == "somewhere";
  };
  ASSERT_TRUE(soon(there));
  const RankView alive = *read_record(path, 9);
  EXPECT_EQ(process_state(alive.pid, alive.process_start), ProcessState::running);
  child.send(SIGSTOP);
  EXPECT_TRUE(soon([&] { return process_state(alive.pid, alive.process_start) == ProcessState::stopped; }));
  child.end();
  EXPECT_EQ(process_state(alive.pid, alive.process_start), ProcessState::gone);
  const auto dead = read_record(path, 9);
  ASSERT_TRUE(dead);
  EXPECT_EQ(dead->rank, 5);
  EXPECT_EQ(dead->place.step, 33);
  EXPECT_TRUE(dead->place.waiting);
  ::unlink(path.c_str());
}

TEST(RankRecord, ATruncatedOrForeignFileIsNoRecord) {
  const std::string path = scratch("-foreign");
  std::FILE* file = std::fopen(path.c_str(), "w");
  std::fputs("something else", file);
  std::fclose(file);
  EXPECT_FALSE(read_record(path, 0));
  ASSERT_EQ(::truncate(path.c_str(), sizeof(RankRecord)), 0);
  EXPECT_FALSE(read_record(path, 0));
  ::unlink(path.c_str());
}

TEST(ProcessState, AReusedProcessIdIsGone) {
  RankRecord record{};
  describe_process(record, 0, 1, 0);
  const RankView view = view_of(record);
  EXPECT_EQ(process_state(view.pid, view.process_start), ProcessState::running);
  EXPECT_EQ(process_state(view.pid, view.process_start + 1), ProcessState::gone);
}

}  // namespace
}  // namespace jetpinn
