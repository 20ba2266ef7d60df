#include "jetpinn/comm/communicator.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "support/turns.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <new>
#include <numeric>
#include <stdexcept>

namespace jetpinn {
namespace {

using test::world;

TEST(Communicator, BroadcastsBytesAndTextFromAnyRank) {
  for (int root = 0; root < world().size(); ++root) {
    double values[3] = {0, 0, 0};
    if (world().rank() == root) std::iota(values, values + 3, 10.0 + root);
    world().broadcast("test", values, sizeof values, root);
    EXPECT_EQ(values[2], 12.0 + root);
    const std::string text = world().rank() == root ? "text of rank " + std::to_string(root) : "another";
    EXPECT_EQ(world().broadcast("test", text, root), "text of rank " + std::to_string(root));
    EXPECT_EQ(world().broadcast("test", std::string(), root), "");
  }
}

TEST(Communicator, SumsAndMaximaAreReplicated) {
  const int rank = world().rank(), size = world().size();
  std::int64_t integers[2] = {rank, std::int64_t{1} << 40};
  world().sum("test", integers, 2);
  EXPECT_EQ(integers[0], size * (size - 1) / 2);
  EXPECT_EQ(integers[1], size * (std::int64_t{1} << 40));

  double value = std::sin(1.0 + rank);  // the sum rounds: same bits all the same
  world().sum("test", &value, 1);
  for (double other : world().gather("test", value)) EXPECT_EQ(other, value);

  double largest[2] = {-1.0 * rank, 1.0 * rank};
  world().max("test", largest, 2);
  EXPECT_EQ(largest[0], 0);
  EXPECT_EQ(largest[1], size - 1);
}

TEST(Communicator, WaitingForOthersIsAccountedAsIdle) {
  const double before = region_times()[Region::idle], begin = wall_seconds();
  for (int turn = 0; turn < 5; ++turn) {   // a machine may keep a rank from coming first, but not five times
    const double late_until = wall_seconds() + 0.05;
    while (world().root() && wall_seconds() < late_until) {}
    world().barrier("test");
  }
  const double idle = region_times()[Region::idle] - before;
  EXPECT_GE(idle, world().root() ? 0 : 0.02);
  EXPECT_LE(idle, wall_seconds() - begin);
}

TEST(Communicator, GathersValuesTextsAndRows) {
  const int rank = world().rank(), size = world().size();
  const auto values = world().gather("test", 0.5 * rank);
  const auto texts = world().gather("test", std::string(static_cast<std::size_t>(rank), 'x'));
  ASSERT_EQ(values.size(), static_cast<std::size_t>(size));
  ASSERT_EQ(texts.size(), static_cast<std::size_t>(size));
  for (int r = 0; r < size; ++r) {
    EXPECT_EQ(values[static_cast<std::size_t>(r)], 0.5 * r);
    EXPECT_EQ(texts[static_cast<std::size_t>(r)].size(), static_cast<std::size_t>(r));
  }

  // Rank r brings r rows (rank 0 none) with its number in them.
  const auto rows = world().gather_rows("test", std::vector<double>(static_cast<std::size_t>(rank), rank));
  if (!world().root()) {
    EXPECT_TRUE(rows.empty());
  } else {
    std::size_t at = 0;
    for (int r = 0; r < size; ++r)
      for (int i = 0; i < r; ++i) EXPECT_EQ(rows.at(at++), r);
    EXPECT_EQ(at, rows.size());
  }

  // Rank r fills r rows of two numbers (rank 0 none).
  std::vector<std::int64_t> begin = {0};
  for (int r = 0; r < size; ++r) begin.push_back(begin.back() + r);
  std::vector<double> shares(static_cast<std::size_t>(2 * begin.back()), -1), expected;
  for (int r = 0; r < size; ++r) expected.insert(expected.end(), static_cast<std::size_t>(2 * r), r);
  for (int i = 0; i < 2 * rank; ++i) shares[static_cast<std::size_t>(2 * begin[static_cast<std::size_t>(rank)] + i)] = rank;
  world().gather_shares("test", shares.data(), begin, 2);
  EXPECT_EQ(shares, expected);
}

// What agree throws here: (own error?, status, message).
struct Outcome {
  bool threw = false, elsewhere = false;
  Status status = Status::done;
  std::string message;
};

Outcome outcome_of(const std::function<void()>& work) {
  try {
    world().agree("test", work);
  } catch (const FailedElsewhere& error) {
    return {true, true, error.status(), error.what()};
  } catch (const Error& error) {
    return {true, false, error.status(), error.what()};
  }
  return {};
}

TEST(Agree, SoundWorkPassesEverywhere) {
  int done = 0;
  EXPECT_FALSE(outcome_of([&] { ++done; }).threw);
  EXPECT_EQ(done, 1);
}

TEST(Agree, LowestFailingRankSpeaksAndAllLeaveWithItsStatus) {
  const int rank = world().rank();
  for (int first = 0; first < world().size(); ++first) {
    const auto outcome = outcome_of([&] {
      if (rank >= first)
        throw Error(rank == first ? Status::storage : Status::usage, "rank " + std::to_string(rank) + " failed");
    });
    EXPECT_TRUE(outcome.threw);
    EXPECT_EQ(outcome.status, Status::storage);
    EXPECT_EQ(outcome.elsewhere, rank != first);
    if (rank == first) {
      EXPECT_EQ(outcome.message, "rank " + std::to_string(first) + " failed");
    }
  }
}

TEST(Agree, ForeignExceptionsBecomeErrors) {
  auto outcome = outcome_of([] { throw std::runtime_error("file is odd"); });
  EXPECT_EQ(outcome.status, Status::numerical);
  if (world().root()) {
    EXPECT_EQ(outcome.message, "file is odd");
  }
  outcome = outcome_of([] { throw std::bad_alloc(); });
  EXPECT_EQ(outcome.status, Status::usage);
  if (world().root()) {
    EXPECT_NE(outcome.message.find("not enough memory"), std::string::npos);
  }
}

TEST(Agree, NestedAgreementLetsTheRankThatFailedSpeak) {
  const int rank = world().rank(), last = world().size() - 1;
  const auto outcome = outcome_of([&] {
    world().agree("inner", [&] {
      if (rank == last) throw Error(Status::usage, "the last rank failed");
    });
  });
  EXPECT_TRUE(outcome.threw);
  EXPECT_EQ(outcome.elsewhere, rank != last);
  EXPECT_EQ(outcome.status, Status::usage);
}

TEST(Deadline, ASilentRankIsAnErrorOfTheOthers) {
  const int rank = world().rank(), last = world().size() - 1;
  set_collective_step(17);
  if (rank != last) {
    world().set_deadline(0.05);
    try {
      world().barrier("deadline test");
      ADD_FAILURE() << "the barrier returned without the last rank";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::communication);
      EXPECT_NE(std::string(error.what()).find("'deadline test' of step 17"), std::string::npos) << error.what();
    }
    world().set_deadline(0);
    test::tell_done(last);
    set_collective_step(-1);
    world().barrier("afterwards");
  } else {
    // Enters both barriers late: the first, which the others gave up, completes here.
    test::wait_until_others_are_done();
    world().barrier("deadline test");
    set_collective_step(-1);
    world().barrier("afterwards");
  }
}

TEST(CollectiveScope, SaysWhoIsWhere) {
  EXPECT_EQ(collective_place().phase, nullptr);
  {
    CollectiveScope outer("outer");
    EXPECT_STREQ(collective_place().phase, "outer");
    {
      CollectiveScope inner("inner");
      EXPECT_STREQ(collective_place().phase, "inner");
    }
    EXPECT_STREQ(collective_place().phase, "outer");
  }
  EXPECT_EQ(collective_place().phase, nullptr);
}

}  // namespace
}  // namespace jetpinn
