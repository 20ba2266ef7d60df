#include "jetpinn/io/checkpoint_at.hpp"

#include "support/checkpoint_case.hpp"
#include "support/expect_error.hpp"
#include "support/file_damage.hpp"
#include "support/shared_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace jetpinn {
namespace {

using test::world;

TEST(CheckpointAt, AnyOfThoseThatAreKeptIsRead) {
  const testing::SharedFolder run;
  CheckpointOptions all;
  all.keep_every = 1;
  EXPECT_TRUE(checkpoint_steps(run.path()).empty());
  CheckpointStore store(world(), run.path(), all);
  for (const int step : {0, 7, 9, 20}) {
    testing::CheckpointCase state(step);
    store.save(testing::facts_of(step, 1.0 / (step + 1)), state.state());
  }
  world().barrier("test");
  EXPECT_EQ(checkpoint_steps(run.path()), (std::vector<std::int64_t>{0, 7, 9, 20}));
  const LoadedCheckpoint found = checkpoint_at(run.path(), 7);
  EXPECT_EQ(found.facts.step, 7);
  EXPECT_EQ(found.folder, run.file("checkpoints/step-00000007"));
  testing::CheckpointCase state(0), wanted(7);
  restore(state.state(), found.values);
  EXPECT_TRUE(state == wanted);
  testing::expect_error(Status::storage, {"step-00000008", "no such checkpoint"}, [&] { checkpoint_at(run.path(), 8); });
  world().barrier("test");
  if (world().root()) testing::flip_bit(run.file("checkpoints/step-00000009/state.h5"), 3000);
  world().barrier("test");
  testing::expect_error(Status::storage, {"step-00000009/state.h5"}, [&] { checkpoint_at(run.path(), 9); });
}

}  // namespace
}  // namespace jetpinn
