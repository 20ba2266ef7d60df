// Sums over ranks: in fp64 and exactly, in one piece and with pieces that go ahead, with a rank that fails and a lost one.
#include "jetpinn/train/rank_sum.hpp"

#include "jetpinn/base/error.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using test::world;

constexpr std::int64_t entries = 10, shared = 7;

double share_of(int rank, std::int64_t entry) { return 0.1 * static_cast<double>(entry + 1) * (rank + 1); }

// Each rank adds its share twice: entries one by one, and as a run.
void add_shares(RankSum& sum) {
  for (std::int64_t e = 0; e < entries; ++e) sum.put(e, share_of(world().rank(), e));
  sum.add(2, entries - 2, [](double* target) {
    for (std::int64_t e = 2; e < entries; ++e) target[e - 2] += share_of(world().rank(), e);
  });
}

double expected(std::int64_t entry) {
  double sum = 0;
  for (int r = 0; r < world().size(); ++r) sum += share_of(r, entry) * (entry < 2 ? 1 : 2);
  return sum;
}

TEST(RankSum, AddsTheSharesOfAllRanks) {
  const auto sync = make_gradient_sync(world());
  for (const bool exact : {false, true})
    for (const std::int64_t piece : {0, 2, 3}) {
      RankSum sum({world(), *sync, exact, 60}, entries, shared);
      for (int repeat = 0; repeat < 2; ++repeat) {   // begin() forgets what was
        sum.begin();
        sum.attempt([&] {
          add_shares(sum);
          if (piece > 0 && world().rank() == 0) sum.start_early(3, piece);
        });
        EXPECT_GE(sum.exchange(piece), 0);
        EXPECT_NO_THROW(sum.throw_if_failed());
        for (std::int64_t e = 0; e < entries; ++e)
          EXPECT_NEAR(sum.values()[e], expected(e), 1e-14 * expected(e)) << e << " by pieces of " << piece;
      }
    }
}

// In exact sums an entry behind the shared ones tells of its own overflow.
TEST(RankSum, WhatIsNotFiniteStaysWhereItBelongs) {
  const auto sync = make_gradient_sync(world());
  RankSum sum({world(), *sync, true, 60}, entries, shared);
  sum.begin();
  sum.attempt([&] {
    add_shares(sum);
    if (world().rank() == world().size() - 1) sum.put(8, std::nan(""));
  });
  sum.exchange();
  EXPECT_NO_THROW(sum.throw_if_failed());
  EXPECT_TRUE(std::isnan(sum.values()[8]));
  EXPECT_TRUE(std::isfinite(sum.values()[7]));
  EXPECT_TRUE(std::isfinite(sum.values()[9]));
}

TEST(RankSum, AFailureIsToldByTheRankThatFailedAndEndsTheSumForAll) {
  const auto sync = make_gradient_sync(world());
  const bool last = world().rank() == world().size() - 1;
  for (const bool exact : {false, true}) {
    RankSum sum({world(), *sync, exact, 60}, entries, shared);
    sum.begin();
    sum.attempt([&] {
      add_shares(sum);
      if (last) throw Error(Status::usage, "out of order");
    });
    sum.exchange();
    try {
      sum.throw_if_failed();
      ADD_FAILURE() << "no rank may go on";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
      EXPECT_EQ(std::string(error.what()).find("out of order") != std::string::npos, last);
    }
    sum.begin();   // the next one is sound
    sum.attempt([&] { add_shares(sum); });
    sum.exchange();
    EXPECT_NO_THROW(sum.throw_if_failed());
  }
}

// Notes what is started, and sums nothing.
class NotedSync : public GradientSync {
 public:
  void start_together(Stream, std::span<const SumPart> together) override {
    parts.insert(parts.end(), together.begin(), together.end());
  }
  void progress() override {}
  void wait(Stream, double) override {}
  void abort() noexcept override {}

  std::vector<SumPart> parts;
};

// A sum whose other ranks never come: it is started, and waiting for it fails.
class LostSync : public NotedSync {
 public:
  void wait(Stream, double) override { throw Error(Status::communication, "rank 7 is lost"); }
};

// Of a sum's entries, how often each is among the parts that lie on a card, or here.
std::vector<int> times_started(const NotedSync& noted, bool on_card, const double* begin) {
  std::vector<int> times(entries + 1);
  for (const SumPart& part : noted.parts) {
    if (part.on_card != on_card || part.count == 0) continue;
    const auto first = static_cast<const double*>(part.data) - begin;
    for (std::int64_t i = 0; i < part.count; ++i) ++times.at(static_cast<std::size_t>(first + i));
  }
  return times;
}

// Each once, whatever went ahead, and the others here; where nobody sums them, not at all. The next sum knows of no card.
TEST(RankSum, EntriesOnACardAreSummedWhereTheyLie) {
  const std::vector<int> none(entries + 1), all(entries + 1, 1);
  std::vector<int> first_ones(entries + 1), last_ones(all);
  std::fill_n(first_ones.begin(), shared, 1);
  std::fill_n(last_ones.begin(), shared, 0);
  for (const std::int64_t piece : {0, 2, 3, 7})
    for (const bool ahead : {false, true}) {
      NotedSync noted;
      RankSum sum({world(), noted, false, 60}, entries, shared);
      std::vector<double> card(shared);
      sum.begin();
      sum.use_card(Stream{}, card.data());
      sum.attempt([&] {
        if (piece > 0 && ahead) sum.start_early(3, piece);
      });
      sum.exchange(piece);
      EXPECT_EQ(times_started(noted, true, card.data()), first_ones) << "by pieces of " << piece;
      EXPECT_EQ(times_started(noted, false, sum.values()), last_ones) << "by pieces of " << piece;

      noted.parts.clear();
      sum.begin();
      sum.attempt([] {});
      sum.leave_shared();
      sum.exchange();
      EXPECT_EQ(times_started(noted, true, card.data()), none);
      EXPECT_EQ(times_started(noted, false, sum.values()), last_ones);

      noted.parts.clear();
      sum.begin();
      sum.attempt([] {});
      sum.exchange(piece);
      EXPECT_EQ(times_started(noted, false, sum.values()), all);
    }
}

// The sanitizer build sees who frees what a late message still writes to.
TEST(RankSum, BuffersOfASumThatWasGivenUpMayStillBeWrittenTo) {
  for (const bool exact : {false, true}) {
    LostSync lost;
    auto sum = std::make_unique<RankSum>(RankSumSetting{world(), lost, exact, 60}, entries, shared);
    sum->begin();
    sum->attempt([&] { add_shares(*sum); });
    EXPECT_THROW(sum->exchange(), Error);
    sum.reset();
    EXPECT_FALSE(lost.parts.empty());
    for (const SumPart& part : lost.parts) std::memset(part.data, 1, static_cast<std::size_t>(part.bytes()));
  }
}

// Nothing is started once a rank is known to be lost.
TEST(RankSum, ALossIsToldAtOnce) {
  LostSync lost;
  RankSum sum({world(), lost, false, 60}, entries, shared);
  sum.begin();
  sum.attempt([] { throw Error(Status::communication, "rank 7 is lost"); });
  EXPECT_THROW(sum.exchange(2), Error);
  EXPECT_TRUE(lost.parts.empty());
}

}  // namespace
}  // namespace jetpinn
