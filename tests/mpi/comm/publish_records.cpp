// What ranks see of each other without MPI: records in a common folder, and who speaks.
#include "jetpinn/comm/publish_records.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/fault/rank_record.hpp"
#include "jetpinn/fault/watchdog.hpp"
#include "support/turns.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace jetpinn {
namespace {

using test::world;

std::string common_folder() {
  const std::string mine = ::testing::TempDir() + "jetpinn-records-" + std::to_string(::getpid());
  return world().broadcast("test", mine);
}

// One process, one watchdog: the tests of this file share it.
class Watched : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    unsetenv("JETPINN_STATUS_FILE");
    start_watchdog();
    set_watchdog_rank(world().rank(), world().size());
    folder_ = common_folder();
    publish_rank_records(world(), folder_);
  }
  static void TearDownTestSuite() {
    world().barrier("test");
    stop_watchdog();
    world().barrier("test");
    if (world().root()) std::filesystem::remove_all(folder_);
  }
  static std::string record_of(int rank) { return folder_ + "/.ranks/rank-" + std::to_string(rank); }
  inline static std::string folder_;
};

TEST_F(Watched, EveryRankReadsWhereTheOthersAre) {
  if (world().size() == 1) GTEST_SKIP() << "one rank has no others";
  set_collective_step(100 + world().rank());
  {
    WorkScope scope(world().root() ? "first" : "other");
    world().barrier("test");
    for (int rank = 0; rank < world().size(); ++rank) {
      const auto view = read_record(record_of(rank), own_record().job);
      ASSERT_TRUE(view) << rank;
      EXPECT_EQ(view->rank, rank);
      EXPECT_EQ(view->size, world().size());
      EXPECT_EQ(view->machine, machine_id());
      EXPECT_EQ(view->place.step, 100 + rank);
      EXPECT_FALSE(view->ended);
      EXPECT_EQ(process_state(view->pid, view->process_start), ProcessState::running);
    }
    const auto mine = read_record(record_of(world().rank()), own_record().job);
    EXPECT_EQ(mine->place.phase, world().root() ? "first" : "other");
    EXPECT_EQ(mine->pid, ::getpid());
    world().barrier("test");
  }
  set_collective_step(-1);
}

TEST_F(Watched, WorkThatOthersMayWaitForIsNamed) {
  Place inside, outside;
  world().agree("some work", [&] { inside = view_of(own_record()).place; });
  outside = view_of(own_record()).place;
  EXPECT_EQ(inside.phase, "some work");
  EXPECT_FALSE(inside.waiting);
  EXPECT_EQ(outside.phase, "");
}

TEST_F(Watched, ARecordOfAnotherJobIsNoRecord) {
  if (world().size() == 1) GTEST_SKIP() << "one rank publishes nothing";
  EXPECT_FALSE(read_record(record_of(0), own_record().job + 1));
  EXPECT_FALSE(read_record(folder_ + "/.ranks/rank-99", own_record().job));
}

TEST_F(Watched, TheBeatGoesOnWhileTheMainThreadIsBusy) {
  const double before = view_of(own_record()).beat_s, begin = wall_seconds();
  while (wall_seconds() - begin < 60 && view_of(own_record()).beat_s == before) {}
  EXPECT_GT(view_of(own_record()).beat_s, before);
}

// The deadline's own error names the rank that does not come, at the place that it told, and one
// rank alone has something to say.
TEST_F(Watched, ALateRankIsNamedByOne) {
  if (world().size() == 1) GTEST_SKIP() << "one rank waits for nobody";
  const int last = world().size() - 1;
  set_collective_step(17);
  std::string message;
  if (world().rank() == last) {
    {
      WorkScope scope("long work");
      test::wait_until_others_are_done();
    }
    world().barrier("late test");   // completes what the others gave up; a barrier has no buffer that could be gone
  } else {
    world().set_deadline(0.2);
    try {
      world().barrier("late test");
      ADD_FAILURE() << "the barrier returned without the last rank";
    } catch (const FailedElsewhere& error) {
      EXPECT_EQ(error.status(), Status::communication);
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::communication);
      message = error.what();
    }
    world().set_deadline(0);
    test::tell_done(last);
  }
  if (!message.empty()) {
    EXPECT_EQ(message.find("rank " + std::to_string(last) + " (host "), 0u) << message;
    EXPECT_NE(message.find("is late: in 'long work' of step 17 for "), std::string::npos) << message;
    EXPECT_NE(message.find("while the others wait in 'late test' of step 17"), std::string::npos) << message;
  }
  set_collective_step(-1);
  double speakers = message.empty() ? 0 : 1;
  world().barrier("afterwards");
  world().sum("test", &speakers, 1);
  EXPECT_EQ(speakers, 1);
}

}  // namespace
}  // namespace jetpinn
