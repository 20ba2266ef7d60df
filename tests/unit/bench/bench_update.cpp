#include "jetpinn/bench/bench_update.hpp"

#include "support/world.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

constexpr std::int64_t parameters = 131;  // whole packs and a rest

BenchUpdate small_update(double memory_bytes_per_s) {
  return bench_update(test::world(), "ssbroyden", parameters, memory_bytes_per_s, {0, 3});
}

TEST(BenchUpdate, HoldsOnePassAgainstTheMemory) {
  const BenchUpdate update = small_update(1e9);
  EXPECT_TRUE(update.verified);
  EXPECT_EQ(update.bytes, 16 * parameters * parameters);
  EXPECT_GE(update.seconds.samples, 3);
  EXPECT_GT(update.seconds.min, 0);
  EXPECT_DOUBLE_EQ(update.bytes_per_s, static_cast<double>(update.bytes) / update.seconds.median);
  EXPECT_DOUBLE_EQ(update.memory_share, update.bytes_per_s / 1e9);
}

TEST(BenchUpdate, WithoutTheMemorysBandwidthThereIsNoShareOfIt) {
  const BenchUpdate update = small_update(0);
  EXPECT_EQ(update.text().find("bandwidth"), std::string::npos);
  for (const auto& [name, value] : update.result().figures) EXPECT_NE(name, "memory_share");
  EXPECT_NE(small_update(1e9).text().find("of one core's memory bandwidth"), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
