#include "jetpinn/profile/host.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

namespace jetpinn {
namespace {

TEST(Host, KnowsItsNameAndProcess) {
  EXPECT_FALSE(host_name().empty());
  EXPECT_EQ(process_id(), static_cast<int>(getpid()));
}

TEST(Host, ResidentMemoryFollowsAllocationAndThePeakStays) {
  constexpr std::int64_t bytes = 64 << 20;
  const std::int64_t before = resident_bytes();
  std::int64_t during = 0;
  {
    const std::vector<char> block(bytes, 1);
    during = resident_bytes() + block[bytes / 2] - 1;
  }
  // The system's counters may lag by some pages per thread.
  constexpr std::int64_t room = 1 << 20;
  EXPECT_GE(during - before, bytes - room);
  EXPECT_GE(peak_resident_bytes(), before + bytes - room);
  EXPECT_GT(available_memory_bytes(), 0);
}

TEST(Host, EnergyNeverFalls) {
  EnergyMeter meter;
  const auto first = meter.joules(), second = meter.joules();
  EXPECT_EQ(first.has_value(), second.has_value());
  EXPECT_GE(second.value_or(0), first.value_or(0));
}

}  // namespace
}  // namespace jetpinn
