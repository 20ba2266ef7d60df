#include "jetpinn/runtime/runtime.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <csignal>

namespace jetpinn {
namespace {

TEST(Runtime, LeavesWhatAlreadyRunsAlone) {
  // The test program started MPI and Kokkos itself.
  int argc = 1;
  char name[] = "test", *arguments[] = {name, nullptr};
  char** argv = arguments;
  { Runtime runtime(argc, argv); }
  int finalized = 0;
  MPI_Finalized(&finalized);
  EXPECT_FALSE(finalized);
}

TEST(Runtime, SignalsOnlySetTheFlag) {
  int argc = 1;
  char name[] = "test", *arguments[] = {name, nullptr};
  char** argv = arguments;
  Runtime runtime(argc, argv);
  EXPECT_FALSE(stop_requested());
  std::raise(SIGUSR1);
  EXPECT_TRUE(stop_requested());
  for (int signal : {SIGTERM, SIGINT}) std::raise(signal);  // would end the process
  for (int signal : {SIGUSR1, SIGTERM, SIGINT}) std::signal(signal, SIG_DFL);
}

}  // namespace
}  // namespace jetpinn
