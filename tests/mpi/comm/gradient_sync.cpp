#include "jetpinn/comm/gradient_sync.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "support/turns.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using test::world;

// Every rank's bits of `values`, folded to 64 of them and compared with rank 0's.
bool same_bits_everywhere(const std::vector<double>& values) {
  std::uint64_t hash = 1469598103934665603u;
  for (double value : values) {
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    hash = (hash ^ bits) * 1099511628211u;
  }
  std::uint64_t first = hash;
  world().broadcast("test", &first, sizeof first);
  double different = first != hash;
  world().max("test", &different, 1);
  return different == 0;
}

// 53 random bits, of a magnitude that changes with the rank: their sums round, and differently in every order.
double entry(int rank, std::int64_t i) {
  std::uint64_t bits = static_cast<std::uint64_t>(i * 64 + rank + 1) * 0x9e3779b97f4a7c15u;
  bits ^= bits >> 29;
  bits *= 0xbf58476d1ce4e5b9u;
  return std::ldexp(static_cast<double>(static_cast<std::int64_t>(bits) >> 11), -53 + 3 * (rank % 5));
}

// Every kind, and the hierarchy with nodes of one, two and three ranks and with all of them in one.
class GradientSyncTest : public ::testing::TestWithParam<GradientSyncOptions> {
 protected:
  std::unique_ptr<GradientSync> make(std::int64_t piece = std::int64_t{1} << 27) {
    GradientSyncOptions options = GetParam();
    options.piece = piece;
    return make_gradient_sync(world(), options);
  }
};

std::vector<double> entries(std::int64_t count, std::int64_t salt = 0) {
  std::vector<double> buffer(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) buffer[static_cast<std::size_t>(i)] = entry(world().rank(), i + salt);
  return buffer;
}

void expect_sums(const std::vector<double>& buffer, std::int64_t salt = 0, std::size_t stride = 1) {
  for (std::size_t i = 0; i < buffer.size(); i += stride) {
    double expected = 0, size = 0;
    for (int r = 0; r < world().size(); ++r) {
      const double mine = entry(r, static_cast<std::int64_t>(i) + salt);
      expected += mine, size += std::fabs(mine);
    }
    // Any order of size() - 1 additions errs by at most so many roundings of the sum of magnitudes; twice for our own sum.
    ASSERT_NEAR(buffer[i], expected, 2 * world().size() * 0x1p-53 * size) << i;
  }
}

TEST_P(GradientSyncTest, SumsAndGivesEveryRankTheSameBits) {
  // Around the sizes at which MPI changes its algorithm, from some tail values to the gradient of a wide network.
  for (std::int64_t count : {0, 1, 3, 63, 64, 1000, 3333, 50000, 300001}) {
    auto sync = make();
    std::vector<double> buffer = entries(count);
    sync->start(Stream{}, buffer.data(), count);
    sync->wait(Stream{}, 60);
    expect_sums(buffer, 0, 7);
    EXPECT_TRUE(same_bits_everywhere(buffer)) << count << " entries";
  }
}

TEST_P(GradientSyncTest, RepeatedSumsHaveTheSameBits) {
  auto sync = make();
  std::vector<double> first;
  for (int repeat = 0; repeat < 5; ++repeat) {
    std::vector<double> buffer = entries(20011);
    sync->start(Stream{}, buffer.data(), static_cast<std::int64_t>(buffer.size()));
    sync->wait(Stream{}, 60);
    if (repeat == 0) first = buffer;
    EXPECT_EQ(buffer, first);
  }
}

TEST_P(GradientSyncTest, LongBuffersGoInPieces) {
  auto sync = make(10);
  std::vector<std::int64_t> buffer(95);
  for (std::size_t i = 0; i < buffer.size(); ++i) buffer[i] = static_cast<std::int64_t>(i) + 1000 * world().rank();
  sync->start(Stream{}, buffer.data(), 95);
  sync->wait(Stream{}, 60);
  const int size = world().size();
  for (std::size_t i = 0; i < buffer.size(); ++i)
    EXPECT_EQ(buffer[i], size * static_cast<std::int64_t>(i) + 1000 * (size * (size - 1) / 2));
}

// Sums of both types that overlap, while ranks progress at moments of their own; the second round
// finds nothing left of the first.
TEST_P(GradientSyncTest, SeveralSumsMayBeOnTheirWay) {
  auto sync = make(700);
  for (int round = 0; round < 2; ++round) {
    std::vector<std::vector<double>> buffers;
    std::vector<std::int64_t> integers(1500, world().rank());
    for (std::int64_t count : {2000, 0, 1, 1401}) buffers.push_back(entries(count, 7 * count));
    for (std::size_t b = 0; b < buffers.size(); ++b) {
      sync->start(Stream{}, buffers[b].data(), static_cast<std::int64_t>(buffers[b].size()));
      for (int looks = 0; looks < (world().rank() + 2) * static_cast<int>(b) * 3; ++looks) sync->progress();
      if (b == 1) sync->start(Stream{}, integers.data(), 1500);
    }
    sync->wait(Stream{}, 60);
    for (const std::vector<double>& buffer : buffers) {
      expect_sums(buffer, 7 * static_cast<std::int64_t>(buffer.size()));
      EXPECT_TRUE(same_bits_everywhere(buffer));
    }
    EXPECT_EQ(integers, std::vector<std::int64_t>(1500, world().size() * (world().size() - 1) / 2));
  }
}

// Progress alone brings a sum to its end: what `wait` then takes is next to nothing.
TEST_P(GradientSyncTest, ProgressCompletesASum) {
  auto sync = make();
  std::vector<double> buffer = entries(5000);
  sync->progress();   // of nothing
  sync->start(Stream{}, buffer.data(), 5000);
  // A rank that the machine keeps from its core starts late: then there is more to wait for.
  for (int turn = 1;; ++turn) {
    const double begin = wall_seconds();
    while (wall_seconds() - begin < 0.2) sync->progress();
    try {
      sync->wait(Stream{}, 1e-9);
      break;
    } catch (const Error&) {
      ASSERT_LT(turn, 20);
    }
  }
  expect_sums(buffer);
}

TEST_P(GradientSyncTest, ALateRankIsAnErrorAfterTheDeadlineAndNotAHang) {
  static double buffer[4];  // outlives the abandoned sum
  std::fill_n(buffer, 4, 1.0);
  auto sync = make();
  // Rank 0 is on every way that the others' sums take.
  const bool late = world().root();
  if (late) test::wait_until_others_are_done();
  sync->start(Stream{}, buffer, 4);
  if (late) {
    sync->wait(Stream{}, 60);
  } else {
    try {
      sync->wait(Stream{}, 0.05);
      ADD_FAILURE() << "the sum completed without rank 0";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::communication);
    }
    test::tell_done(0);
    sync->wait(Stream{}, 60);  // it was only late: the sum still arrives
  }
  EXPECT_EQ(buffer[0], world().size());
  world().barrier("test");
}

TEST_P(GradientSyncTest, WaitingIsAccountedAsAllreduce) {
  auto sync = make();
  const double before = region_times()[Region::allreduce];
  for (int turn = 0; turn < 5; ++turn) {   // a machine may keep a rank from coming first, but not five times
    const double begin = wall_seconds();
    if (world().root()) {
      while (wall_seconds() - begin < 0.05) {}
    }
    double value = 1;
    sync->start(Stream{}, &value, 1);
    sync->wait(Stream{}, 60);
    EXPECT_EQ(value, world().size());
  }
  if (!world().root()) {
    EXPECT_GT(region_times()[Region::allreduce] - before, 0.01);
  }
}

TEST(GradientSync, WhatWasGivenUpIsNotWaitedFor) {
  static double buffer[4];  // outlives the sums given up
  for (GradientSyncKind kind : gradient_sync_kinds) {
    // Nodes of a size of their own: ranks give up at different stages, and no later sum may meet them on the same ways.
    auto sync = make_gradient_sync(world(), {kind, 1, 1000});
    if (!world().root()) sync->start(Stream{}, buffer, 4);
    sync->abort();
    EXPECT_NO_THROW(sync->wait(Stream{}, 1e-9)) << to_string(kind);
    sync->progress();
    if (world().root()) sync->start(Stream{}, buffer, 4), sync->abort();   // MPI ends only when it has what it was promised
  }
  world().barrier("test");
}

GradientSyncOptions hierarchy(int node_ranks) { return {GradientSyncKind::hierarchical, 1, node_ranks}; }

// The same promises over NCCL, by a stub of it (tests/stubs/nccl.cpp).
GradientSyncOptions over_nccl(GradientSyncOptions options) {
  options.library = GradientLibrary::nccl;
  options.nccl = {JETPINN_STUB_NCCL, {JETPINN_STUB_NCCL}};
  return options;
}

INSTANTIATE_TEST_SUITE_P(Kinds, GradientSyncTest,
                         ::testing::Values(GradientSyncOptions{}, GradientSyncOptions{GradientSyncKind::early}, hierarchy(0),
                                           hierarchy(1), hierarchy(2), hierarchy(3), hierarchy(4), over_nccl({}),
                                           over_nccl(hierarchy(2))),
                         [](const auto& info) {
                           const bool nodes = info.param.kind == GradientSyncKind::hierarchical;
                           const bool nccl = info.param.library == GradientLibrary::nccl;
                           return std::string(nccl ? "nccl_" : "") + to_string(info.param.kind) +
                                  (nodes ? "_" + std::to_string(info.param.node_ranks) : std::string());
                         });

}  // namespace
}  // namespace jetpinn
