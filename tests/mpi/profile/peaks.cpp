#include "jetpinn/profile/peaks.hpp"

#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace jetpinn {
namespace {

// One measurement for the ranks of a host: every rank with a cache folder of its own, only the first rank's is filled.
TEST(MachinePeaks, TheFirstRankOfAHostMeasuresForAll) {
  Communicator& world = Communicator::world();
  const testing::TemporaryFolder folder;
  setenv("JETPINN_CACHE", folder.path().c_str(), 1);
  const Peaks fp64 = machine_peaks(world, Precision::fp64), fp32 = machine_peaks(world, Precision::fp32);
  EXPECT_GT(fp64.flops, 1e9);
  EXPECT_GT(fp32.flops, fp64.flops);
  EXPECT_GT(fp64.cache_bytes, 1e9);
  EXPECT_EQ(fp32.cache_bytes, fp64.cache_bytes);
  for (double value : {fp64.flops, fp32.flops, fp64.cache_bytes, fp64.memory_bytes})
    for (double other : world.gather("test", value)) EXPECT_EQ(other, value);
  EXPECT_EQ(folder.names().size(), world.root() ? 1u : 0u);
}

}  // namespace
}  // namespace jetpinn
