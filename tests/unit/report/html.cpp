#include "jetpinn/report/html.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(Html, EveryTextIsEscaped) {
  const std::string bad = "<img src=x onerror=alert(1)>\"'";
  const std::string html = paragraph(bad) + heading("a\"b", bad) + facts_table({{bad, bad}}) + table_of({bad}, {{bad}}) +
                           bars({{bad, bad, 0.5}}) + figures({{"name", bad, "<svg></svg>", ""}});
  EXPECT_EQ(html.find("<img"), std::string::npos);
  EXPECT_EQ(html.find("a\"b"), std::string::npos);
}

TEST(Html, EmptyPicturesAreLeftOut) { EXPECT_EQ(figures({{"name", "caption", "", ""}}), ""); }

TEST(Html, NamesOfFilesArePlain) {
  EXPECT_EQ(plain_name("field-u, t = 0.5"), "field-u-t-0-5");
  EXPECT_EQ(plain_name("../../etc"), "etc");
  EXPECT_EQ(plain_name("速度"), "x");
}

}  // namespace
}  // namespace jetpinn
