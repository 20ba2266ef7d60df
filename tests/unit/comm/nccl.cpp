// What the project declares of NCCL and CUDA against their own headers, where those are found.
#include "jetpinn/comm/nccl.hpp"

#include <gtest/gtest.h>

#if __has_include(<nccl.h>)
#include <cuda_runtime_api.h>
#include <nccl.h>

#include <cstddef>
#include <type_traits>

namespace jetpinn {
namespace {

TEST(NcclDeclarations, AreThoseOfTheHeader) {
  EXPECT_EQ(+nccl::success, +ncclSuccess);
  EXPECT_EQ(+nccl::in_progress, +ncclInProgress);
  EXPECT_EQ(+nccl::int64, +ncclInt64);
  EXPECT_EQ(+nccl::float32, +ncclFloat32);
  EXPECT_EQ(+nccl::float64, +ncclFloat64);
  EXPECT_EQ(+nccl::sum, +ncclSum);
  EXPECT_EQ(nccl::no_color, NCCL_SPLIT_NOCOLOR);
  EXPECT_EQ(sizeof(nccl::UniqueId), sizeof(ncclUniqueId));
}

// A library of any later version reads the members of 2.18 at these places.
TEST(NcclDeclarations, AConfigurationBeginsAsThatOfTheHeader) {
  const ncclConfig_t theirs = NCCL_CONFIG_INITIALIZER;
  const nccl::Config ours;
  EXPECT_EQ(ours.magic, theirs.magic);
  EXPECT_LE(ours.size, theirs.size);
  EXPECT_EQ(ours.size, offsetof(nccl::Config, next_member) + sizeof ours.next_member);  // no padding at its end
  EXPECT_EQ(ours.blocking, theirs.blocking);                                            // its "library's choice"
  EXPECT_EQ(offsetof(nccl::Config, magic), offsetof(ncclConfig_t, magic));
  EXPECT_EQ(offsetof(nccl::Config, version), offsetof(ncclConfig_t, version));
  EXPECT_EQ(offsetof(nccl::Config, blocking), offsetof(ncclConfig_t, blocking));
  EXPECT_EQ(offsetof(nccl::Config, cga_cluster_size), offsetof(ncclConfig_t, cgaClusterSize));
  EXPECT_EQ(offsetof(nccl::Config, min_ctas), offsetof(ncclConfig_t, minCTAs));
  EXPECT_EQ(offsetof(nccl::Config, max_ctas), offsetof(ncclConfig_t, maxCTAs));
  EXPECT_EQ(offsetof(nccl::Config, net_name), offsetof(ncclConfig_t, netName));
  EXPECT_EQ(offsetof(nccl::Config, split_share), offsetof(ncclConfig_t, splitShare));
#if NCCL_VERSION_CODE >= 22800
  EXPECT_EQ(offsetof(nccl::Config, next_member), offsetof(ncclConfig_t, trafficClass));
#endif
}

TEST(CudaDeclarations, AreThoseOfTheHeader) {
  EXPECT_EQ(+cuda::success, +cudaSuccess);
  EXPECT_EQ(+cuda::not_ready, +cudaErrorNotReady);
  EXPECT_EQ(+cuda::host_to_device, +cudaMemcpyHostToDevice);
  EXPECT_EQ(+cuda::device_to_host, +cudaMemcpyDeviceToHost);
  EXPECT_EQ(cuda::stream_non_blocking, static_cast<unsigned>(cudaStreamNonBlocking));
  EXPECT_EQ(cuda::event_disable_timing, static_cast<unsigned>(cudaEventDisableTiming));
}

}  // namespace
}  // namespace jetpinn

#else

TEST(NcclDeclarations, AreThoseOfTheHeader) { GTEST_SKIP() << "not run: nccl.h is not on this machine"; }

#endif
