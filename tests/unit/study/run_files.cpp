#include "jetpinn/study/run_files.hpp"

#include "jetpinn/study/study_slurm.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace jetpinn {
namespace {

TEST(RunFiles, AStatusIsALineOfTwoNumbers) {
  const testing::TemporaryFolder folder;
  const std::string run = folder.file("run");
  const auto status_of = [&](const std::string& text) {
    std::ofstream(run + ".status") << text;
    return run_status(run);
  };
  EXPECT_EQ(run_status(run), -1);
  EXPECT_EQ(status_of("0 1.500\n"), 0);
  EXPECT_EQ(status_of("75 3\n"), 75);
  for (const char* damaged : {"", "\n", "x", "3", "-4 1", "done 2"}) EXPECT_EQ(status_of(damaged), -1) << damaged;
}

TEST(RunFiles, AFileThatIsNoObjectIsAFault) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("summary.json");
  EXPECT_EQ(find_json(path).fault, "");
  for (const char* text : {"", "[1]", "{\"steps\": 4"}) {
    std::ofstream(path) << text;
    EXPECT_EQ(find_json(path).fault, path + " is damaged (it holds no JSON object)");
    EXPECT_TRUE(read_json(path).is_null());
  }
  std::ofstream(path) << "{\"steps\": 4}";
  EXPECT_EQ(find_json(path).fault, "");
  EXPECT_EQ(number_at(read_json(path), "/steps"), 4);
}

TEST(RunFiles, AJobWithoutItsNumberIsNotSubmittedAgain) {
  const testing::TemporaryFolder folder;
  const std::string stem = folder.file("sweep");
  EXPECT_EQ(submitted_job(stem), "");
  std::ofstream(stem + ".job") << "4711\n";
  EXPECT_EQ(submitted_job(stem), "4711");
  std::ofstream(stem + ".job") << "\n";
  testing::expect_error(Status::usage, {stem + ".job", "is empty", "squeue", "call again"}, [&] { submitted_job(stem); });
}

}  // namespace
}  // namespace jetpinn
