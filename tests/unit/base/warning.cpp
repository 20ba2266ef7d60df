#include "jetpinn/base/warning.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(WarningLines, ComeBackAsTheyWere) {
  const Warnings back = from_lines(to_lines({{"scale", "one\tsentence\non two lines"}, {"weights", ""}}));
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].kind, "scale");
  EXPECT_EQ(back[0].text, "one sentence on two lines");
  EXPECT_EQ(back[1].kind, "weights");
  EXPECT_EQ(back[1].text, "");
  EXPECT_TRUE(from_lines("").empty());
  EXPECT_TRUE(from_lines("torn\toff").empty());
}

}  // namespace
}  // namespace jetpinn
