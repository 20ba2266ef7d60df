#include "jetpinn/base/folder_name.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(FolderName, LosesItsTrailingSlashesAndNothingElse) {
  EXPECT_EQ(without_trailing_slash("runs/a/"), "runs/a");
  EXPECT_EQ(without_trailing_slash("runs/a///"), "runs/a");
  EXPECT_EQ(without_trailing_slash("runs/a"), "runs/a");
  EXPECT_EQ(without_trailing_slash("/"), "/");
  EXPECT_EQ(without_trailing_slash("///"), "/");
  EXPECT_EQ(without_trailing_slash(""), "");
}

}  // namespace
}  // namespace jetpinn
