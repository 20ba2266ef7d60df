#include "jetpinn/comm/gradient_sync.hpp"

#include "jetpinn/base/region.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace jetpinn {
namespace {

Communicator& world() { return Communicator::world(); }

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

TEST(GradientSync, SumsAndGivesEveryRankTheSameBits) {
  // Around the sizes at which MPI changes its algorithm, from some tail values to the gradient of a wide network.
  for (std::int64_t count : {0, 1, 3, 63, 64, 1000, 3333, 50000, 300001}) {
    auto sync = make_mpi_gradient_sync(world());
    std::vector<double> buffer(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) buffer[static_cast<std::size_t>(i)] = entry(world().rank(), i);
    sync->start(Stream{}, buffer.data(), count);
    sync->wait(Stream{}, 60);
    for (std::int64_t i = 0; i < count; i += 7) {
      double expected = 0, size = 0;
      for (int r = 0; r < world().size(); ++r) expected += entry(r, i), size += std::fabs(entry(r, i));
      // Any order of size() - 1 additions errs by at most so many roundings of the sum of magnitudes; twice for our own sum.
      ASSERT_NEAR(buffer[static_cast<std::size_t>(i)], expected, 2 * world().size() * 0x1p-53 * size);
    }
    EXPECT_TRUE(same_bits_everywhere(buffer)) << count << " entries";
  }
}

TEST(GradientSync, RepeatedSumsHaveTheSameBits) {
  auto sync = make_mpi_gradient_sync(world());
  std::vector<double> first;
  for (int repeat = 0; repeat < 5; ++repeat) {
    std::vector<double> buffer(20011);
    for (std::size_t i = 0; i < buffer.size(); ++i) buffer[i] = entry(world().rank(), static_cast<std::int64_t>(i));
    sync->start(Stream{}, buffer.data(), static_cast<std::int64_t>(buffer.size()));
    sync->wait(Stream{}, 60);
    if (repeat == 0) first = buffer;
    EXPECT_EQ(buffer, first);
  }
}

TEST(GradientSync, LongBuffersGoInPieces) {
  auto sync = make_mpi_gradient_sync(world(), 10);
  std::vector<std::int64_t> buffer(95);
  for (std::size_t i = 0; i < buffer.size(); ++i) buffer[i] = static_cast<std::int64_t>(i) + 1000 * world().rank();
  sync->start(Stream{}, buffer.data(), 95);
  sync->wait(Stream{}, 60);
  const int size = world().size();
  for (std::size_t i = 0; i < buffer.size(); ++i)
    EXPECT_EQ(buffer[i], size * static_cast<std::int64_t>(i) + 1000 * (size * (size - 1) / 2));
}

TEST(GradientSync, ALateRankIsAnErrorAfterTheDeadlineAndNotAHang) {
  if (world().size() == 1) GTEST_SKIP() << "one rank waits for nobody";
  static double buffer[4] = {1, 1, 1, 1};  // outlives the abandoned sum
  auto sync = make_mpi_gradient_sync(world());
  const bool late = world().rank() == world().size() - 1;
  const double begin = wall_seconds();
  if (late) {
    while (wall_seconds() - begin < 0.2) {}
  }
  sync->start(Stream{}, buffer, 4);
  if (late) {
    sync->wait(Stream{}, 60);
  } else {
    try {
      sync->wait(Stream{}, 0.05);
      ADD_FAILURE() << "the sum completed without the last rank";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::communication);
    }
    EXPECT_LT(wall_seconds() - begin, 30);
    sync->wait(Stream{}, 60);  // it was only late: the sum still arrives
    EXPECT_EQ(buffer[0], world().size());
  }
  world().barrier("test");
}

TEST(GradientSync, WaitingIsAccountedAsAllreduce) {
  if (world().size() == 1) GTEST_SKIP() << "one rank waits for nobody";
  auto sync = make_mpi_gradient_sync(world());
  const double before = region_times()[Region::allreduce];
  const double begin = wall_seconds();
  if (world().root()) {
    while (wall_seconds() - begin < 0.05) {}
  }
  double value = 1;
  sync->start(Stream{}, &value, 1);
  sync->wait(Stream{}, 60);
  EXPECT_EQ(value, world().size());
  if (!world().root()) {
    EXPECT_GT(region_times()[Region::allreduce] - before, 0.01);
  }
}

}  // namespace
}  // namespace jetpinn
