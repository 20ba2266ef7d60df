// What a rank says when it gives up: of another rank that is at work, dies, or is dead. The watchdog lives as long as its
// process, so each case has a process of its own.
#include "jetpinn/fault/watchdog.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/fault/job_files.hpp"
#include "jetpinn/fault/rank_record.hpp"
#include "support/environment_variable.hpp"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

namespace jetpinn {
namespace {

using testing::EnvironmentVariable;

void pause_a_moment() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

// Rank 0 of two is the process that gives up, rank 1 a child that saves a checkpoint.
class Watchdog : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    rank_1_ = ::fork();
    if (rank_1_ == 0) work();
    while (!read_record(files_.record(1), files_.job())) pause_a_moment();
  }
  void TearDown() override {
    kill_rank_1();
    std::filesystem::remove_all(folder_);
  }
  void kill_rank_1() {
    if (rank_1_ <= 0) return;
    ::kill(rank_1_, SIGKILL);
    ::waitpid(rank_1_, nullptr, 0);
    rank_1_ = 0;
  }
  // Expects the words on standard error of a process that is rank 0.
  static void expect_words(void (*gives_up)(const std::string&), const std::string& words) {
    EXPECT_EXIT(
        {
          start_watchdog();
          try {
            gives_up("the library failed");
          } catch (const Error& error) {
            std::fprintf(stderr, "%s\n", error.what());
          }
          ::_exit(4);
        },
        ::testing::ExitedWithCode(4), words);
  }

  std::string folder_ = ::testing::TempDir() + "jetpinn-watchdog-" + std::to_string(::getpid()) + "/";
  EnvironmentVariable status_file_{"JETPINN_STATUS_FILE", (folder_ + "status").c_str()};
  EnvironmentVariable rank_{"OMPI_COMM_WORLD_RANK", "0"}, size_{"OMPI_COMM_WORLD_SIZE", "2"};
  JobFiles files_ = JobFiles::of_launch();
  std::string dies_with_the_speech_ = folder_ + "dies";

 private:
  [[noreturn]] void work() const {
    describe_process(own_record(), 1, 2, files_.job());
    write_place(own_record(), "checkpoint", 7, false);
    write_beat(own_record());
    const auto file = RecordFile::create(files_.record(1), files_.job());
    for (;; pause_a_moment()) {
      write_beat(own_record());
      if (std::filesystem::exists(dies_with_the_speech_) && std::filesystem::exists(files_.speaker())) ::_exit(1);
    }
  }
  pid_t rank_1_ = 0;
};

TEST_F(Watchdog, NamesTheRankThatWasWaitedForInVain) {
  expect_words(throw_loss, "rank 1 .* is late: in 'checkpoint' of step 7");
}

TEST_F(Watchdog, BlamesNoRankAtWorkForAFailureToldAtOnce) { expect_words(throw_failure, "^the library failed\n$"); }

TEST_F(Watchdog, NamesADeadRankWhateverWasTold) {
  kill_rank_1();
  expect_words(throw_failure, "rank 1 .* is lost: last seen in 'checkpoint' of step 7.*its process died");
}

// Its connections are closed before it is gone.
TEST_F(Watchdog, NamesARankThatDiesAsTheLibraryTellsOfIt) {
  std::fclose(std::fopen(dies_with_the_speech_.c_str(), "w"));
  expect_words(throw_failure, "rank 1 .* is lost: last seen in 'checkpoint' of step 7.*its process died");
}

}  // namespace
}  // namespace jetpinn
