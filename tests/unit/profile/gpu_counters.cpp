#include "jetpinn/profile/gpu_counters.hpp"

#include "support/environment_variable.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::EnvironmentVariable;

const char* const stub = JETPINN_STUB_NVML;   // tests/stubs/nvml.cpp

// What is still held of the stub library; the handle is the one that GpuCounters opened.
int held(const char* what) {
  void* handle = dlopen(stub, RTLD_NOW);
  const auto count = reinterpret_cast<int (*)()>(dlsym(handle, what));
  return count ? count() : -1;
}

TEST(GpuCounters, AreSilentlyAbsentWithoutALibraryOrADevice) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  for (const char* library : {"libno-such-library.so.1", "libm.so.6"}) {   // not there; there, and another one
    GpuCounters counters("0", library);
    EXPECT_FALSE(counters.available());
    EXPECT_TRUE(counters.take().empty());
  }
  for (const char* device : {"1", "", "zero", "0x", "GPU-other", "0000:00:00.0"}) {
    GpuCounters counters(device, stub);
    EXPECT_FALSE(counters.available()) << device;
    EXPECT_TRUE(counters.take().empty()) << device;
  }
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(held("jetpinn_stub_users"), 0);
}

TEST(GpuCounters, FindADeviceByIndexUuidAndBusId) {
  for (const char* device : {"0", "GPU-stub", "0000:3b:00.0"}) EXPECT_TRUE(GpuCounters(device, stub).available()) << device;
}

TEST(GpuCounters, CountWhatLiesBetweenTwoCalls) {
  const EnvironmentVariable time("JETPINN_STUB_TIME", "1"), joules("JETPINN_STUB_JOULES", "100");
  {
    GpuCounters counters("0", stub);
    time.set("3");
    joules.set("350");
    auto taken = counters.take();
    EXPECT_DOUBLE_EQ(taken.at("sm"), 0.2);
    EXPECT_DOUBLE_EQ(taken.at("tensor"), 0.1);
    EXPECT_DOUBLE_EQ(taken.at("memory_bandwidth"), 1.0);
    EXPECT_DOUBLE_EQ(taken.at("joules"), 250);
    EXPECT_DOUBLE_EQ(taken.at("busy"), 0.6);
    EXPECT_DOUBLE_EQ(taken.at("memory_used"), 1 << 30);
    time.set("4");
    joules.set("10");   // the driver was loaded anew
    taken = counters.take();
    EXPECT_DOUBLE_EQ(taken.at("sm"), 0.1);
    EXPECT_EQ(taken.count("joules"), 0u);
    EXPECT_EQ(held("jetpinn_stub_users"), 1);
    EXPECT_EQ(held("jetpinn_stub_samples"), 2);
  }
  EXPECT_EQ(held("jetpinn_stub_users"), 0);
  EXPECT_EQ(held("jetpinn_stub_samples"), 0);
}

TEST(GpuCounters, CallsThatFailLeaveTheirOwnCountersOut) {
  struct Case {
    const char* fails;
    std::map<std::string, int> missing;
  };
  const std::map<std::string, int> monitors = {{"sm", 1}, {"tensor", 1}, {"memory_bandwidth", 1}};
  for (const Case& one :
       {Case{"nvmlDeviceGetTotalEnergyConsumption", {{"joules", 1}}}, Case{"nvmlDeviceGetMemoryInfo", {{"memory_used", 1}}},
        Case{"nvmlDeviceGetUtilizationRates", {{"busy", 1}}}, Case{"nvmlGpmQueryDeviceSupport", monitors},
        Case{"support", monitors}, Case{"nvmlGpmSampleAlloc", monitors}, Case{"nvmlGpmSampleGet", monitors},
        Case{"nvmlGpmMetricsGet", monitors}, Case{"traffic", {{"memory_bandwidth", 1}}},
        Case{"number", {{"memory_bandwidth", 1}}}}) {
    const EnvironmentVariable fails("JETPINN_STUB_FAILS", one.fails), time("JETPINN_STUB_TIME", "1");
    GpuCounters counters("0", stub);
    time.set("2");
    const auto taken = counters.take();
    for (const char* name : {"sm", "tensor", "memory_bandwidth", "busy", "joules", "memory_used"})
      EXPECT_EQ(taken.count(name), 1 - one.missing.count(name)) << name << " while " << one.fails << " fails";
  }
  const EnvironmentVariable fails("JETPINN_STUB_FAILS", "nvmlInit_v2");
  EXPECT_FALSE(GpuCounters("0", stub).available());
}

TEST(GpuCounters, ALostSampleCostsOneIntervalOnly) {
  const EnvironmentVariable time("JETPINN_STUB_TIME", "1"), fails("JETPINN_STUB_FAILS", nullptr);
  GpuCounters counters("0", stub);
  fails.set("nvmlGpmSampleGet");
  time.set("2");
  EXPECT_EQ(counters.take().count("sm"), 0u);
  fails.set(nullptr);
  time.set("3");
  EXPECT_EQ(counters.take().count("sm"), 0u);   // its begin was lost
  time.set("5");
  EXPECT_DOUBLE_EQ(counters.take().at("sm"), 0.2);
}

}  // namespace
}  // namespace jetpinn
