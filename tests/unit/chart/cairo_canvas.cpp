#include "jetpinn/chart/cairo_canvas.hpp"

#include "support/not_run.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace jetpinn {
namespace {

// Things that do not touch are the same picture in any order: a line does not begin where the text before it ended.
TEST(CairoCanvas, WhatIsDrawnBehindATextBeginsWhereItShould) {
  if (!png_available()) JETPINN_NOT_RUN("built without Cairo");
  const auto text = [](Canvas& canvas) { canvas.text(10, 20, "words", {}, Paint::ink); };
  const std::function<void(Canvas&)> others[] = {[](Canvas& canvas) { canvas.line(10, 60, 90, 60, Paint::ink); },
                                                 [](Canvas& canvas) { canvas.dots({{50, 60}}, Paint::ink, 3); }};
  for (const auto& other : others)
    EXPECT_EQ(draw_png(100, 80, [&](Canvas& canvas) { text(canvas), other(canvas); }),
              draw_png(100, 80, [&](Canvas& canvas) { other(canvas), text(canvas); }));
}

}  // namespace
}  // namespace jetpinn
