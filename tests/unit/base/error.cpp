#include "jetpinn/base/error.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

TEST(Error, SaysWhatFollowsAZeroByte) {
  const std::string quoted("\0P3\0\0", 5);
  const Error error(Status::usage, "it begins with '" + quoted + "'; give a PPM file");
  EXPECT_STREQ(error.what(), "it begins with '\\x00P3\\x00\\x00'; give a PPM file");
  EXPECT_EQ(error.status(), Status::usage);
}

}  // namespace
}  // namespace jetpinn
