// Loading NCCL and CUDA's runtime: from the stub, and what is said where something is missing.
#include "jetpinn/comm/nccl_library.hpp"

#include "support/environment_variable.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::EnvironmentVariable;
using testing::expect_error;

const NcclNames stub{JETPINN_STUB_NCCL, {"libno-such-cuda.so", JETPINN_STUB_NCCL}};

TEST(NcclLibrary, IsFoundUnderAnyOfItsNames) {
  const NcclLibrary library = load_nccl(stub);
  EXPECT_EQ(library.version, 22809);
  EXPECT_NE(library.all_reduce, nullptr);
  EXPECT_NE(library.event_query, nullptr);
}

TEST(NcclLibrary, VersionsAreWrittenAsPeopleWriteThem) {
  EXPECT_EQ(nccl_version_text(22809), "2.28.9");
  EXPECT_EQ(nccl_version_text(oldest_nccl), "2.18.1");
  EXPECT_EQ(nccl_version_text(first_nccl_of_shared_gpus), "2.30.3");
  EXPECT_EQ(nccl_version_text(2708), "2.7.8");
}

TEST(NcclLibrary, WhatIsMissingIsNamed) {
  const auto load = [](const NcclNames& names) { return [names] { load_nccl(names); }; };
  expect_error(Status::usage, {"NCCL cannot be loaded", "libno-such-nccl.so", "LD_LIBRARY_PATH", "run.gradient_library"},
               load({"libno-such-nccl.so", {JETPINN_STUB_NCCL}}));
  expect_error(Status::usage, {"CUDA's runtime library cannot be loaded", "libno-such-cuda.so.13"},
               load({JETPINN_STUB_NCCL, {"libno-such-cuda.so.13", "libno-such-cuda.so"}}));
  expect_error(Status::usage, {"the NCCL library has no function ncclGetVersion"}, load({"libm.so.6", {JETPINN_STUB_NCCL}}));
  expect_error(Status::usage, {"CUDA's runtime library has no function cuda"}, load({JETPINN_STUB_NCCL, {"libm.so.6"}}));
}

TEST(NcclLibrary, AnOldOneIsRefusedWithTheVersionThatIsNeeded) {
  const EnvironmentVariable version("JETPINN_STUB_NCCL_VERSION", "21801");
  EXPECT_NO_THROW(load_nccl(stub));
  for (const char* old : {"21603", "2708"}) {
    version.set(old);
    expect_error(Status::usage, {"NCCL 2.", "is too old", "need 2.18.1 or later"}, [] { load_nccl(stub); });
  }
}

}  // namespace
}  // namespace jetpinn
