#include "jetpinn/profile/peaks.hpp"

#include "support/temporary_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>

namespace jetpinn {
namespace {

// One measurement for the ranks of a host: every rank with a cache folder of its own, only the first rank's is filled.
TEST(MachinePeaks, TheFirstRankOfAHostMeasuresForAll) {
  Communicator& world = test::world();
  const testing::TemporaryFolder folder;
  setenv("JETPINN_CACHE", folder.path().c_str(), 1);
  const MachinePeaks machine = machine_peaks(world);
  const Peaks fp64 = machine.in(Precision::fp64), fp32 = machine.in(Precision::fp32);
  EXPECT_GT(fp64.flops, 1e9);
  EXPECT_GT(fp32.flops, fp64.flops);
  EXPECT_GT(fp64.cache_bytes, 1e9);
  EXPECT_EQ(fp32.cache_bytes, fp64.cache_bytes);
  for (double value : {fp64.flops, fp32.flops, fp64.cache_bytes, fp64.memory_bytes})
    for (double other : world.gather("test", value)) EXPECT_EQ(other, value);
  EXPECT_EQ(folder.names().size(), world.root() ? 1u : 0u);
}

// Two ranks a host, dealt in turn as some launchers do.
TEST(MachinePeaks, EveryHostHasItsOwn) {
  Communicator& world = test::world();
  const int hosts = (world.size() + 1) / 2, host = world.rank() % hosts;
  int measured = 0;
  const MachinePeaks peaks = peaks_of_host(world, "host" + std::to_string(host), [&] {
    ++measured;
    return MachinePeaks{1.0 + world.rank(), 2.0, 3.0, 4.0 * world.rank(), 0, 0};
  });
  EXPECT_EQ(peaks.fp64_flops, 1.0 + host);   // rank `host` is the first there
  EXPECT_EQ(peaks.fp32_flops, 2.0);
  EXPECT_EQ(peaks.cache_bytes, 3.0);
  EXPECT_EQ(peaks.memory_bytes, 4.0 * host);
  EXPECT_EQ(measured, world.rank() < hosts ? 1 : 0);
}

}  // namespace
}  // namespace jetpinn
