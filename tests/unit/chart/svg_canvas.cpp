#include "jetpinn/chart/svg_canvas.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(SvgCanvas, TextIsEscaped) {
  EXPECT_EQ(escaped("a<b> & \"c\" 'd'\x01\x7f"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(escaped("Größe, 速度"), "Größe, 速度");
}

TEST(SvgCanvas, Base64) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64(std::string("\0\xff\x10", 3)), "AP8Q");
}

TEST(SvgCanvas, AFileCarriesItsColours) {
  SvgCanvas canvas;
  canvas.box(0, 0, 1, 1, Paint::of_series(0));
  EXPECT_NE(canvas.finished(10, 10, "t", SvgUse::file).find(".f-0{fill:#0072b2"), std::string::npos);
  EXPECT_EQ(canvas.finished(10, 10, "t", SvgUse::page).find("<style"), std::string::npos);
}

TEST(SvgCanvas, LongWordsAreCutBetweenCharacters) {
  EXPECT_EQ(fitted("short", 10, 100), "short");
  const std::string cut = fitted("ääääääääääääääääääää", 10, 60);   // 10 characters fit
  EXPECT_EQ(cut, "äääääää...");
}

}  // namespace
}  // namespace jetpinn
