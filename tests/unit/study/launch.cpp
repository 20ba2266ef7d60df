#include "jetpinn/study/launch.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/study/launch_environment.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

namespace jetpinn {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

LaunchResult run_shell(const std::string& script, LaunchOptions options = {}) {
  StopRequests stops;
  return supervise(stops, options, {"/bin/sh", "-c", script});
}

TEST(Launch, TakesTheStatusAndKeepsTheOutput) {
  const testing::TemporaryFolder folder;
  LaunchOptions options;
  options.log = folder.file("log");
  const LaunchResult result = run_shell("echo out; echo err >&2; echo '0 3' >>$JETPINN_STATUS_FILE; exit 1", options);
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(text_of(options.log), "out\nerr\n");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"log"});   // the status file and what lay beside it are gone
}

TEST(Launch, ARankThatLeftItsRecordIsLost) {
  const testing::TemporaryFolder folder;
  LaunchOptions options;
  options.ranks = 2;
  options.log = folder.file("log");
  const std::string said = "echo '0 0' >>$JETPINN_STATUS_FILE; echo '1 0' >>$JETPINN_STATUS_FILE";
  EXPECT_EQ(run_shell(said, options).status, 0);
  EXPECT_EQ(run_shell(said + "; : >$JETPINN_STATUS_FILE.rank-1", options).status, 4);
}

TEST(Launch, ALimitEndsTheRunWithAllItsProcesses) {
  const testing::TemporaryFolder folder;
  LaunchOptions options;
  options.limit_s = 0.2;
  const LaunchResult result =
      run_shell("(sleep 60; : >" + folder.file("late") + ") & echo $! >" + folder.file("pid") + "; wait", options);
  EXPECT_EQ(result.status, 4);
  EXPECT_TRUE(result.timed_out);
  EXPECT_LT(result.seconds, 60) << "the sleep was waited out";
  // Gone, or waiting to be buried by whoever inherited it.
  const std::string left = text_of(folder.file("pid"));
  std::string stat;
  const auto is_gone = [&] {
    stat = text_of("/proc/" + left.substr(0, left.find('\n')) + "/stat");
    return stat.empty() || stat.find(") Z ") != std::string::npos;
  };
  // A signal takes effect when its process is next scheduled; the sleep would still be there after half a minute.
  for (int tries = 0; tries < 3000 && !is_gone(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(is_gone()) << stat;
}

TEST(Launch, AnUnwritableLogIsAnError) {
  LaunchOptions options;
  options.log = "/nonexistent/log";
  EXPECT_THROW(run_shell("true", options), Error);
}

TEST(LaunchStop, ARequestReachesTheRunAndIsRemembered) {
  StopRequests stops;
  EXPECT_FALSE(stops.asked());
  ::raise(SIGTERM);   // to this thread: MPI has others, which hold nothing back
  LaunchOptions options;
  options.limit_s = 10;
  // A shell cannot take over a signal that it was started to ignore.
  const LaunchResult result = supervise(stops, options,
                                        {"/usr/bin/env", "--default-signal=USR1", "sh", "-c",
                                         "trap 'exit 75' USR1; while :; do sleep 0.05; done"});
  EXPECT_EQ(result.status, 75);
  EXPECT_TRUE(stops.asked());
}

TEST(LaunchEnvironment, ALaunchersWordsAreLeftOut) {
  const auto has = [](const std::vector<std::string>& variables, const std::string& text) {
    return std::find(variables.begin(), variables.end(), text) != variables.end();
  };
  const auto variables =
      launch_environment({"HOME=/h", "PMIX_RANK=0", "OMPI_COMM_WORLD_SIZE=1", "OMPI_MCA_orte_launch=1", "OMPI_MCA_btl=tcp",
                          "JETPINN_STATUS_FILE=/outer", "SLURM_STEP_ID=0", "SLURM_JOB_ID=7", "OMP_NUM_THREADS=3"},
                         "/inner");
  EXPECT_TRUE(has(variables, "HOME=/h"));
  EXPECT_TRUE(has(variables, "OMPI_MCA_btl=tcp"));        // the user's
  EXPECT_TRUE(has(variables, "OMPI_MCA_pml=ob1"));
  EXPECT_TRUE(has(variables, "SLURM_JOB_ID=7"));
  EXPECT_TRUE(has(variables, "OMP_NUM_THREADS=3"));
  EXPECT_TRUE(has(variables, "JETPINN_STATUS_FILE=/inner"));
  for (const char* gone :
       {"PMIX_RANK=0", "OMPI_COMM_WORLD_SIZE=1", "OMPI_MCA_orte_launch=1", "JETPINN_STATUS_FILE=/outer", "SLURM_STEP_ID=0"})
    EXPECT_FALSE(has(variables, gone)) << gone;
  // Several machines need their network.
  EXPECT_FALSE(has(launch_environment({"SLURM_JOB_NUM_NODES=2"}, "/inner"), "OMPI_MCA_btl=self,vader"));
}

TEST(Cores, ThereIsOne) { EXPECT_GE(available_cores(), 1); }

}  // namespace
}  // namespace jetpinn
