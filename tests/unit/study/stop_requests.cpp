#include "jetpinn/study/stop_requests.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(StopRequests, AreHeldBackUntilTheyAreAskedFor) {
  StopRequests stops;
  EXPECT_FALSE(stops.asked());
  ::raise(SIGUSR1);   // to this thread: others may hold nothing back
  EXPECT_FALSE(stops.came());
  EXPECT_TRUE(stops.asked());
  EXPECT_TRUE(stops.came());
  EXPECT_EQ(stops.interrupts(), 0);
  EXPECT_TRUE(stops.wait(60)) << "one that has come is not waited for again";
}

TEST(StopRequests, InterruptsAreCounted) {
  StopRequests stops;
  for (int count = 1; count <= 2; ++count) {
    ::raise(SIGINT);
    stops.wait_or_child_ends(1);
    EXPECT_EQ(stops.interrupts(), count);
  }
}

}  // namespace
}  // namespace jetpinn
