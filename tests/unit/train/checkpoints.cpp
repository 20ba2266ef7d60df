#include "jetpinn/train/checkpoints.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/version.hpp"
#include "support/temporary_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

class CheckpointsTest : public ::testing::Test {
 protected:
  Checkpoints make(double every_s) {
    TrainSetup setup;
    setup.run_directory = folder_.path();
    setup.output.checkpoint_every_s = every_s;
    setup.config_hash = "a hash";
    return Checkpoints(test::world(), setup, "", [this](const std::string& sentence) { warnings_.push_back(sentence); });
  }
  testing::TemporaryFolder folder_;
  std::vector<std::string> warnings_;
  std::int64_t number_ = 7;
  State state_ = {{"number", &number_}};
};

TEST_F(CheckpointsTest, AreDueByWallTime) {
  Checkpoints checkpoints = make(10);
  EXPECT_FALSE(checkpoints.due(9.9));
  EXPECT_TRUE(checkpoints.due(10));
  EXPECT_TRUE(checkpoints.save(1, 0, 0.5, 10, state_));
  EXPECT_FALSE(checkpoints.due(19.9));
  EXPECT_TRUE(checkpoints.due(20));
  checkpoints.begin_at(100, 5);
  EXPECT_FALSE(checkpoints.due(109));
  EXPECT_EQ(checkpoints.saved_step(), 5);
}

TEST_F(CheckpointsTest, OneThatFailsIsAWarningAndIsTriedAgainLater) {
  Checkpoints checkpoints = make(10);
  std::ofstream(folder_.file("checkpoints")) << "a file where a folder should be";
  EXPECT_FALSE(checkpoints.save(1, 0, 0.5, 10, state_));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0], checkpoints.failure());
  EXPECT_EQ(checkpoints.saved_step(), -1);
  EXPECT_FALSE(checkpoints.due(19));
  EXPECT_TRUE(checkpoints.due(20));
  fs::remove(folder_.file("checkpoints"));
  EXPECT_TRUE(checkpoints.save(2, 0, 0.5, 20, state_));
  EXPECT_EQ(checkpoints.failure(), "");
  EXPECT_EQ(checkpoints.saved_step(), 2);
  EXPECT_EQ(checkpoints.saves(), 1);
}

TEST_F(CheckpointsTest, TellWhereTheyAreFrom) {
  make(10).save(3, 1, 0.5, 20, state_);
  const auto loaded = CheckpointStore(test::world(), folder_.path(), {}).load();
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->facts.step, 3);
  EXPECT_EQ(loaded->facts.stage, 1);
  EXPECT_EQ(loaded->facts.loss, 0.5);
  EXPECT_EQ(loaded->facts.time_s, 20);
  EXPECT_EQ(loaded->facts.ranks, 1);
  EXPECT_EQ(loaded->facts.reproducibility, "run");
  EXPECT_EQ(loaded->facts.config_hash, "a hash");
  EXPECT_EQ(loaded->facts.version, version);
}

}  // namespace
}  // namespace jetpinn
