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
  write_text_file(output_ + "/config.toml", "name = \"small\"\n");
  testing::expect_error(Status::usage, {"was complete, and its network.h5 is not there any more; put it back", "--force"},
                        [&] { open("a"); });
  write_text_file(output_ + "/network.h5", "network");
  EXPECT_EQ(open("a"), FoundPruning::complete);
  testing::expect_error(Status::usage, {"holds another pruning", "--force"}, [&] { open("b"); });
  EXPECT_EQ(open("b", true), FoundPruning::fresh);
  EXPECT_TRUE(fs::exists(output_ + ".old-1/pruning.json"));
}

// The same words on the command line: it is not another pruning.
TEST_F(PrunedFolder, OfAnOlderVersionIsSaidToBe) {
  fs::create_directories(output_);
  record(R"({\"source_hash\": \"0f\", \"sets\": [], \"options\": {}})", "stopped");
  testing::expect_error(Status::usage, {"holds a pruning by an older version of jetpinn", "--output", "--force"},
                        [&] { open(R"({"parameters of the run": "0f", "sets": [], "options": {"device": "cpu"}})"); });
}

TEST_F(PrunedFolder, NeverReplacesARun) {
  fs::create_directories(output_);
  write_text_file(output_ + "/config.toml", "name = \"other\"\n");
  testing::expect_error(Status::usage, {"holds another run"}, [&] { open("a"); });
}

TEST_F(PrunedFolder, WhatIsSomebodysStays) {
  fs::create_directories(output_ + "/points");
  write_text_file(output_ + "/points/mine.csv", "1, 2");
  testing::expect_error(Status::usage, {"holds something that no pruning has written (points)", "--output", "--force"},
                        [&] { open("a"); });
  EXPECT_EQ(read_text_file(output_ + "/points/mine.csv"), "1, 2");
  EXPECT_EQ(open("a", true), FoundPruning::fresh);
  EXPECT_EQ(read_text_file(output_ + ".old-1/points/mine.csv"), "1, 2");
}

TEST_F(PrunedFolder, AnEmptyFolderIsTaken) {
  fs::create_directories(output_);
  write_text_file(output_ + "/.lock", "");  // of a command that ended before it wrote anything else
  EXPECT_EQ(open("a"), FoundPruning::fresh);
}

// A round with everything that is copied.
std::string make_round(const std::string& output) {
  const std::string round = round_folder(output, 3);
  EXPECT_EQ(round, output + "/rounds/3");
  fs::create_directories(round + "/checkpoints/step-1");
  fs::create_directory_symlink("step-1", round + "/checkpoints/latest");
  fs::create_directories(round + "/start");
  write_text_file(round + "/checkpoints/step-1/state.h5", "state");
  write_text_file(round + "/start/network.h5", "start");
  write_text_file(round + "/config.toml", "new");
  write_text_file(round + "/network.h5", "network");
  return round;
}

void expect_copied(const std::string& output) {
  EXPECT_EQ(read_text_file(output + "/checkpoints/latest/state.h5"), "state");
  EXPECT_TRUE(fs::is_symlink(output + "/checkpoints/latest"));
  EXPECT_EQ(read_text_file(output + "/start/network.h5"), "start");
  EXPECT_EQ(read_text_file(output + "/config.toml"), "new");
  EXPECT_TRUE(has_network(output));
  EXPECT_FALSE(fs::exists(output + "/summary.json"));
}

TEST_F(PrunedFolder, ARoundIsCopiedWhole) {
  const std::string round = make_round(output_);
  EXPECT_FALSE(has_network(output_));
  copy_run(round, output_);
  expect_copied(output_);
  EXPECT_EQ(read_text_file(round + "/config.toml"), "new");
  forget_copies(output_);
  EXPECT_FALSE(fs::exists(output_ + "/rounds/copies"));
}

TEST_F(PrunedFolder, ACopyThatWasBrokenOffGoesOn) {
  const std::string round = make_round(output_), copies = output_ + "/rounds/copies";
  fs::create_directories(copies + ".begun");
  write_text_file(copies + ".begun/config.toml", "ne");  // broken off while it copied
  copy_run(round, output_);
  expect_copied(output_);
  for (const char* name : {"network.h5", "config.toml"}) fs::rename(output_ + "/" + name, copies + "/" + name);
  copy_run(round, output_);  // while it moved what was copied
  expect_copied(output_);
  copy_run(round, output_);  // behind that
  expect_copied(output_);
}

TEST_F(PrunedFolder, ACopyThatCannotBeWrittenIsAFailureOfStorage) {
  const std::string round = make_round(folder_.file("other"));
  fs::create_directories(output_);
  write_text_file(output_ + "/rounds", "no folder");
  testing::expect_error(Status::storage, {"cannot write " + output_ + "/rounds/copies.begun: Not a directory"},
                        [&] { copy_run(round, output_); });
}

TEST_F(PrunedFolder, ACopyTakesNobodysPlace) {
  const std::string round = make_round(output_);
  fs::create_directories(output_ + "/start");
  write_text_file(output_ + "/start/mine.csv", "1, 2");
  testing::expect_error(Status::usage, {output_ + "/start is in the place of", "move it away"},
                        [&] { copy_run(round, output_); });
  EXPECT_EQ(read_text_file(output_ + "/start/mine.csv"), "1, 2");
  EXPECT_FALSE(fs::exists(output_ + "/config.toml"));
  fs::rename(output_ + "/start", output_ + "/mine");
  copy_run(round, output_);
  expect_copied(output_);
}

}  // namespace
}  // namespace jetpinn
