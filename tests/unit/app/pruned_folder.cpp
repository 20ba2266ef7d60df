// What is in the way of a pruning, what goes on, and what is copied of a round.
#include "jetpinn/app/pruned_folder.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

class PrunedFolder : public ::testing::Test {
 protected:
  FoundPruning open(const std::string& request, bool force = false) const {
    return open_pruned_folder(output_, request, force);
  }
  void record(const std::string& request, const std::string& status) const {
    write_text_file(output_ + "/pruning.json", R"({"request": ")" + request + R"(", "status": ")" + status + "\"}");
  }

  testing::TemporaryFolder folder_;
  const std::string output_ = folder_.file("small");
};

TEST_F(PrunedFolder, GoesOnWithTheSameRequestAlone) {
  EXPECT_EQ(open("a"), FoundPruning::fresh);
  record("a", "stopped");
  EXPECT_EQ(open("a"), FoundPruning::goes_on);
  record("a", "completed");
  EXPECT_EQ(open("a"), FoundPruning::complete);
  testing::expect_error(Status::usage, {"holds another pruning", "--force"}, [&] { open("b"); });
  EXPECT_EQ(open("b", true), FoundPruning::fresh);
  EXPECT_TRUE(fs::exists(output_ + ".old-1/pruning.json"));
}

TEST_F(PrunedFolder, NeverReplacesARun) {
  fs::create_directories(output_);
  write_text_file(output_ + "/config.toml", "name = \"other\"\n");
  testing::expect_error(Status::usage, {"holds another run"}, [&] { open("a"); });
}

TEST_F(PrunedFolder, ARoundIsCopiedWhole) {
  const std::string round = round_folder(output_, 3);
  EXPECT_EQ(round, output_ + "/rounds/3");
  fs::create_directories(round + "/checkpoints/step-1");
  fs::create_directories(round + "/start");
  write_text_file(round + "/checkpoints/step-1/state.h5", "state");
  write_text_file(round + "/start/network.h5", "start");
  write_text_file(round + "/config.toml", "new");
  write_text_file(output_ + "/summary.json", "of an earlier copy");
  EXPECT_FALSE(has_network(output_));
  write_text_file(round + "/network.h5", "network");
  for (int times = 0; times < 2; ++times) copy_run(round, output_);  // what was broken off is begun again
  EXPECT_EQ(read_text_file(output_ + "/checkpoints/step-1/state.h5"), "state");
  EXPECT_EQ(read_text_file(output_ + "/start/network.h5"), "start");
  EXPECT_EQ(read_text_file(output_ + "/config.toml"), "new");
  EXPECT_TRUE(has_network(output_));
  EXPECT_FALSE(fs::exists(output_ + "/summary.json"));
}

}  // namespace
}  // namespace jetpinn
