#include "jetpinn/train/run_warnings.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(RunWarnings, KeepsEachTextOnceAndTheirOrder) {
  RunWarnings warnings;
  EXPECT_TRUE(warnings.all().empty());
  EXPECT_TRUE(warnings.add({"scale", "the first"}));
  EXPECT_TRUE(warnings.add({"weights", "the second,\non two lines"}));
  EXPECT_FALSE(warnings.add({"scale", "the first"}));
  EXPECT_FALSE(warnings.add({"weights", "the second,\non two lines"}));
  const Warnings all = warnings.all();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].kind, "scale");
  EXPECT_EQ(all[0].text, "the first");
  EXPECT_EQ(all[1].kind, "weights");
  EXPECT_EQ(all[1].text, "the second, on two lines");
}

TEST(RunWarnings, ACheckpointKeepsThem) {
  RunWarnings before, after;
  before.add({"scale", "a"});
  before.add({"gap", "b"});
  restore(after.state(), capture(before.state()));
  EXPECT_FALSE(after.add({"scale", "a"}));
  EXPECT_TRUE(after.add({"scale", "c"}));
  EXPECT_EQ(after.all().size(), 3u);
}

}  // namespace
}  // namespace jetpinn
