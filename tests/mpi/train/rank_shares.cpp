// Shares of the points that follow made-up times: a slow rank has less work afterwards, and the run keeps its bits.
#include "jetpinn/train/rank_shares.hpp"

#include "jetpinn/train/trainer.hpp"
#include "support/file_damage.hpp"
#include "support/shared_folder.hpp"
#include "support/stored_case.hpp"
#include "support/training_states.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using test::world;

class DealingOverRanks : public ::testing::Test {
 protected:
  DealingOverRanks() {
    testing::on_root([&] { write_point_table(table_, testing::stored_table(12 * block_points + 5)); });
  }
  // heat: 24 blocks that are drawn, initial: 13 of a table.
  TrainSetup setup_in(const std::string& name, bool measured) const {
    TrainSetup setup = testing::quiet_setup(testing::new_folder(base_, name));
    setup.sampling = testing::stored_sampling(table_);
    setup.sampling.points["heat"] = 24 * block_points - 9;
    setup.sampling.resample_every = 5;
    setup.training.reproducibility = Reproducibility::ranks;
    setup.training.stages.resize(2);
    setup.training.stages[0].steps = 7;
    setup.training.stages[1].steps = 3;
    setup.training.stages[1].optimizer.kind = "lbfgs";
    setup.run.dealing_measured = setup.sampling.dealt_by_times = measured;
    setup.run.dealing_every = 2;
    // The last rank takes three times as long for its work.
    const double slowness = world().rank() + 1 == world().size() ? 3 : 1;
    setup.times = [slowness](double, double work) { return slowness * work; };
    return setup;
  }
  StateValues trained(const TrainSetup& setup) const {
    train(world(), testing::heat_problem(), setup);
    world().barrier("test");
    return testing::newest(setup.run_directory).values;
  }
  static nlohmann::json dealing_of(const TrainSetup& setup) {
    std::ifstream in(setup.run_directory + "/summary.json");
    return nlohmann::json::parse(in)["dealing"];
  }
  // Both runs have the same bits, and in the second the slow rank ends with a third of the others' work.
  void compare(TrainSetup planned, TrainSetup measured) const {
    const StateValues expected = trained(planned);
    EXPECT_EQ(testing::difference(expected, trained(measured)), "");
    EXPECT_TRUE(dealing_of(planned).is_null());
    const nlohmann::json dealing = dealing_of(measured);
    EXPECT_EQ(dealing.is_null(), world().size() == 1);
    if (world().size() == 1) return;
    EXPECT_EQ(dealing["dealings"], 1) << "once dealt, the times are even";
    const std::vector<double> work = dealing["work"];
    ASSERT_EQ(work.size(), static_cast<std::size_t>(world().size()));
    for (std::size_t r = 0; r + 1 < work.size(); ++r) EXPECT_GT(work[r], 2 * work.back());
  }

  const testing::SharedFolder base_;
  const std::string table_ = base_.file("set.h5");
};

TEST_F(DealingOverRanks, ASlowRankHasLessAndBitsStay) { compare(setup_in("planned", false), setup_in("measured", true)); }

TEST_F(DealingOverRanks, WhatIsKeptOfPointsGoesWithThem) {
  const auto with_weights = [&](const std::string& name, bool measured) {
    TrainSetup setup = setup_in(name, measured);
    setup.sampling.resample_every = 0;
    setup.sampling.batch = {{"heat", 8 * block_points}};
    setup.training.balance.method = BalanceMethod::rba;
    return setup;
  };
  compare(with_weights("planned", false), with_weights("measured", true));
}

TEST_F(DealingOverRanks, PointsThatFollowTheResidualGoToo) {
  const auto adaptive = [&](const std::string& name, bool measured) {
    TrainSetup setup = setup_in(name, measured);
    setup.sampling.resample_every = 0;
    setup.sampling.adaptive.method = AdaptiveMethod::r3;
    setup.sampling.adaptive.every = 3;
    return setup;
  };
  compare(adaptive("planned", false), adaptive("measured", true));
}

// A run that goes on begins with the planned shares.
TEST_F(DealingOverRanks, ARunGoesOnAcrossADealing) {
  const StateValues expected = trained(setup_in("whole", true));
  TrainSetup part = setup_in("part", true);
  part.stop_requested = testing::stop_at(5);
  trained(part);
  part.stop_requested = [] { return false; };
  part.resume = testing::newest(part.run_directory);
  EXPECT_EQ(testing::difference(expected, trained(part)), "");
}

}  // namespace
}  // namespace jetpinn
