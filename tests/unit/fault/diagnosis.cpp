#include "jetpinn/fault/diagnosis.hpp"

#include "jetpinn/base/region.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

const Place here{"gradient all-reduce", 512, true, 0};

Finding finding(int rank, Condition condition, const Place& place, double unseen_s, double there_s) {
  Finding result;
  result.rank = rank;
  result.condition = condition;
  result.view.rank = rank;
  result.view.host = "n1";
  result.view.pid = 100 + rank;
  result.view.place = place;
  result.unseen_s = unseen_s;
  result.there_s = there_s;
  return result;
}

Finding waits(int rank) { return finding(rank, Condition::waiting, here, 0, 3); }

TEST(Diagnosis, NamesALostRankWithItsPlace) {
  const Place place{"gradient all-reduce", 512, true, 0};
  EXPECT_EQ(
      describe({waits(0), finding(1, Condition::dead, place, 3.12, 3.2)}, here, 2),
      "rank 1 (host n1, pid 101) is lost: last seen in 'gradient all-reduce' of step 512, 3.1 s ago; its process died");
  EXPECT_EQ(describe({finding(1, Condition::stopped, {"", 511, false, 0}, 0.04, 1), waits(2)}, here, 0),
            "rank 1 (host n1, pid 101) is lost: last seen computing step 511, 0.0 s ago; its process is stopped");
  EXPECT_EQ(describe({finding(1, Condition::silent, {"MPI_Init", -1, true, 0}, 20, 21)}, here, 0),
            "rank 1 (host n1, pid 101) is lost: last seen in 'MPI_Init', 20.0 s ago; its machine hangs or is lost");
}

TEST(Diagnosis, ALostRankComesBeforeAnAbsentOneAndThatBeforeALateOne) {
  const Finding absent = finding(1, Condition::absent, {}, 0, 0),
                late = finding(2, Condition::working, {"checkpoint", 7, false, 0}, 0, 3.4);
  EXPECT_EQ(describe({absent, late, finding(3, Condition::dead, {"", -1, false, 0}, 1, 1)}, here, 0).find("rank 3 "), 0u);
  EXPECT_EQ(describe({absent, late}, here, 0), "rank 1 is lost: it has given no sign of life");
  EXPECT_EQ(describe({waits(1), late}, here, 0),
            "rank 2 (host n1, pid 102) is late: in 'checkpoint' of step 7 for 3.4 s while the others wait in 'gradient "
            "all-reduce' of step 512");
}

TEST(Diagnosis, SaysSoWhenAllWait) {
  EXPECT_EQ(describe({finding(1, Condition::waiting, {"barrier", 511, true, 0}, 0, 1)}, here, 0),
            "no rank is lost and none gets on: rank 0 waits in 'gradient all-reduce' of step 512, rank 1 (host n1, pid 101) "
            "waits in 'barrier' of step 511");
}

TEST(Diagnosis, NamesTheOneThatStoodStillAmongThoseThatWait) {
  EXPECT_EQ(describe({waits(1), finding(2, Condition::waiting, here, 2.04, 2.1)}, here, 0),
            "rank 2 (host n1, pid 102) is late: it stood still in 'gradient all-reduce' of step 512 for 2.0 s while the "
            "others waited");
}

TEST(Diagnosis, KnowsNothingWithoutRecords) {
  EXPECT_EQ(describe({}, here, 0), "");
  EXPECT_EQ(describe({finding(1, Condition::absent, {}, 0, 0)}, here, 0), "");   // training, and no common folder
}

TEST(Diagnosis, CutsALongList) {
  std::vector<Finding> lost;
  for (int rank = 1; rank <= 5; ++rank) lost.push_back(finding(rank, Condition::dead, here, 1, 1));
  const std::string text = describe(lost, here, 0);
  EXPECT_NE(text.find("and rank 3 "), std::string::npos) << text;
  EXPECT_EQ(text.find("rank 4 "), std::string::npos) << text;
  EXPECT_NE(text.find(", and 2 more"), std::string::npos) << text;
}

// A rank of another machine is judged by the age of its beat, whatever that machine's own clock says.
TEST(Diagnosis, JudgesAnotherMachineByItsBeat) {
  RankRecord record{};
  describe_process(record, 1, 2, 0);
  RankView view = view_of(record);
  view.machine += 1;
  const double offset = 1e6;   // its machine started long before
  view.beat_s += offset;
  view.place.since_s = view.beat_s - 2;
  EXPECT_EQ(judge(view).condition, Condition::working);
  EXPECT_NEAR(judge(view).there_s, 2, 0.5);
  view.beat_utc_s -= 60;
  EXPECT_EQ(judge(view).condition, Condition::silent);
  EXPECT_NEAR(judge(view).unseen_s, 60, 0.5);
  view.ended = true;
  EXPECT_EQ(judge(view).condition, Condition::ended);
}

}  // namespace
}  // namespace jetpinn
