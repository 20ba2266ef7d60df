#include "jetpinn/train/checkpoints.hpp"

#include "jetpinn/base/error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

class CheckpointsTest : public ::testing::Test {
 protected:
  Checkpoints make(double every_s) {
    return Checkpoints(Communicator::world(), folder_.path(), {}, every_s,
                       [this](const std::string& sentence) { warnings_.push_back(sentence); });
  }
  CheckpointFacts at(std::int64_t step) {
    CheckpointFacts facts;
    facts.step = step;
    return facts;
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
  EXPECT_TRUE(checkpoints.save(at(1), state_, 10));
  EXPECT_FALSE(checkpoints.due(19.9));
  EXPECT_TRUE(checkpoints.due(20));
  checkpoints.begin_at(100, 5);
  EXPECT_FALSE(checkpoints.due(109));
  EXPECT_EQ(checkpoints.saved_step(), 5);
}

TEST_F(CheckpointsTest, OneThatFailsIsAWarningAndIsTriedAgainLater) {
  Checkpoints checkpoints = make(10);
  std::ofstream(folder_.file("checkpoints")) << "a file where a folder should be";
  EXPECT_FALSE(checkpoints.save(at(1), state_, 10));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0], checkpoints.failure());
  EXPECT_EQ(checkpoints.saved_step(), -1);
  EXPECT_FALSE(checkpoints.due(19));
  EXPECT_TRUE(checkpoints.due(20));
  fs::remove(folder_.file("checkpoints"));
  EXPECT_TRUE(checkpoints.save(at(2), state_, 20));
  EXPECT_EQ(checkpoints.failure(), "");
  EXPECT_EQ(checkpoints.saved_step(), 2);
  EXPECT_EQ(checkpoints.saves(), 1);
}

}  // namespace
}  // namespace jetpinn
