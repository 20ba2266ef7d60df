#include "jetpinn/comm/collective_scope.hpp"

#include "jetpinn/fault/rank_record.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

Place recorded() { return view_of(own_record()).place; }

TEST(CollectiveScope, IsWrittenIntoTheRanksRecord) {
  set_collective_step(33);
  {
    CollectiveScope scope("somewhere");
    EXPECT_EQ(recorded().phase, "somewhere");
    EXPECT_EQ(recorded().step, 33);
    EXPECT_TRUE(recorded().waiting);
  }
  EXPECT_EQ(recorded().phase, "");
  EXPECT_FALSE(recorded().waiting);
  set_collective_step(-1);
  EXPECT_EQ(recorded().step, -1);
}

TEST(CollectiveScope, GivesWayToTheScopeInsideAndComesBack) {
  CollectiveScope outer("outer");
  {
    WorkScope inner("inner");
    EXPECT_EQ(recorded().phase, "inner");
    EXPECT_FALSE(recorded().waiting);
  }
  EXPECT_EQ(recorded().phase, "outer");
  EXPECT_TRUE(recorded().waiting);
}

}  // namespace
}  // namespace jetpinn
