#include "jetpinn/fault/job_files.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace jetpinn {
namespace {

class InAFolder : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override {
    std::filesystem::remove_all(folder_);
    unsetenv("JETPINN_STATUS_FILE");
  }
  static std::string text_of(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string folder_ = ::testing::TempDir() + "jetpinn-job-files-" + std::to_string(::getpid());
};

TEST_F(InAFolder, OneOfAJobSpeaks) {
  const JobFiles job(folder_ + "/", 1), same = job, other(folder_ + "/", 2);
  EXPECT_TRUE(job.claim_speech());
  EXPECT_FALSE(same.claim_speech());
  EXPECT_TRUE(other.claim_speech());
  EXPECT_TRUE(JobFiles().claim_speech());   // nowhere to meet: everybody for himself
  EXPECT_TRUE(JobFiles().claim_speech());
}

TEST_F(InAFolder, TheEndIsSeenByTheJobAndNoOther) {
  const JobFiles job(folder_ + "/", 1), other(folder_ + "/", 2);
  EXPECT_FALSE(job.announced_end());
  job.announce_end(4);
  EXPECT_EQ(job.announced_end(), 4);
  EXPECT_FALSE(other.announced_end());
  EXPECT_FALSE(JobFiles().announced_end());
}

TEST_F(InAFolder, RankAndJobComeFromTheLauncher) {
  // What MPI or the shell of this test has set.
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE"})
    unsetenv(name);
  setenv("SLURM_PROCID", "5", 1);
  setenv("SLURM_STEP_NUM_TASKS", "8", 1);
  EXPECT_EQ(launched_rank().rank, 5);
  EXPECT_EQ(launched_rank().size, 8);
  setenv("OMPI_COMM_WORLD_RANK", "1", 1);   // mpirun inside a Slurm job
  setenv("OMPI_COMM_WORLD_SIZE", "2", 1);
  EXPECT_EQ(launched_rank().rank, 1);
  EXPECT_EQ(launched_rank().size, 2);
  const std::uint64_t before = launched_job();
  setenv("SLURM_RESTART_COUNT", "1", 1);
  EXPECT_NE(launched_job(), before);
  for (const char* name :
       {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "SLURM_RESTART_COUNT"})
    unsetenv(name);
}

TEST_F(InAFolder, LeavingAtOnceTellsTheOthers) {
  const std::string status_file = folder_ + "/status";
  setenv("JETPINN_STATUS_FILE", status_file.c_str(), 1);
  const JobFiles job = JobFiles::of_launch();
  prepare_leaving(job, 12);
  const int child = ::fork();
  if (child == 0) leave_at_once("leaving\n");
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 4);
  EXPECT_EQ(text_of(status_file), "12 4\n");
  EXPECT_EQ(job.announced_end(), 4);
  EXPECT_FALSE(job.claim_speech());
  prepare_leaving(JobFiles(), 0);
}

TEST_F(InAFolder, AStatusIsReportedOnce) {
  const std::string status_file = folder_ + "/status";
  setenv("JETPINN_STATUS_FILE", status_file.c_str(), 1);
  report_status(1, 0);
  report_status(1, 0);
  report_status(1, 4);
  EXPECT_EQ(text_of(status_file), "1 0\n1 4\n");
}

}  // namespace
}  // namespace jetpinn
