#include "jetpinn/chart/page.hpp"

#include "jetpinn/chart/svg_canvas.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(Page, KnowsItsOwn) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/page.html";
  EXPECT_FALSE(written_by_jetpinn(path));   // there is none
  write_text_file(path, page_begin("a <title>") + page_end());
  EXPECT_TRUE(written_by_jetpinn(path));
  write_text_file(path, SvgCanvas().finished(1, 1, "", SvgUse::file));
  EXPECT_TRUE(written_by_jetpinn(path));
  write_text_file(path, "<!DOCTYPE html><title>jetpinn</title>");
  EXPECT_FALSE(written_by_jetpinn(path));
}

TEST(Page, TitlesAreText) { EXPECT_EQ(page_begin("</title><script>").find("<script"), std::string::npos); }

}  // namespace
}  // namespace jetpinn
