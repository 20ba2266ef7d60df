#include "jetpinn/runtime/libtorch.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <dlfcn.h>

namespace jetpinn {
namespace {

// A rank per core. Whoever loads the module gets it so, whatever was set before.
TEST(LibtorchAlgebra, IsLoadedOnceAndOnOneThread) {
  ASSERT_EQ(dlopen("libjetpinn_libtorch.so", RTLD_NOW | RTLD_NOLOAD), nullptr) << "loaded before this test";
  at::set_num_threads(3);
  const LibtorchAlgebra& algebra = libtorch_algebra("this test");
  EXPECT_EQ(at::get_num_threads(), 1);
  at::set_num_threads(2);
  EXPECT_EQ(&libtorch_algebra("this test"), &algebra);
  EXPECT_EQ(at::get_num_threads(), 2);
  at::set_num_threads(1);
}

}  // namespace
}  // namespace jetpinn
