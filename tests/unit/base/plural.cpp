#include "jetpinn/base/plural.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

namespace jetpinn {
namespace {

TEST(Plural, OneThingIsNone) {
  EXPECT_EQ(plural(1, "rank"), "1 rank");
  EXPECT_EQ(plural(std::size_t{0}, "run"), "0 runs");
  EXPECT_EQ(plural(std::int64_t{12}, "step"), "12 steps");
}

}  // namespace
}  // namespace jetpinn
