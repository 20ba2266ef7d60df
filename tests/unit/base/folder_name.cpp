#include "jetpinn/base/folder_name.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>

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

TEST(FolderName, IsAbsoluteWithoutDots) {
  const std::filesystem::path before = std::filesystem::current_path();
  EXPECT_EQ(absolute_path("a/./b/../c"), (before / "a/c").string());
  EXPECT_EQ(absolute_path("/a//b/.."), "/a/");
}

TEST(FolderName, ItsOwnIsTheLast) {
  EXPECT_EQ(own_name("runs/a"), "a");
  EXPECT_EQ(own_name("runs/a//"), "a");
  EXPECT_EQ(own_name("."), std::filesystem::current_path().filename().string());
}

TEST(FolderName, OfACurrentFolderThatIsGoneIsAMessage) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::create_directory(folder.file("gone"));
  std::filesystem::current_path(folder.file("gone"));
  std::filesystem::remove(folder.file("gone"));
  testing::expect_error(Status::usage, {"runs/a", "the current folder cannot be found", "change into a folder"},
                        [] { absolute_path("runs/a"); });
  std::filesystem::current_path(before);
}

TEST(FolderName, ASuffixMakesAFolderBeside) {
  EXPECT_EQ(folder_beside("runs/a", "-pruned"), "runs/a-pruned");
  EXPECT_EQ(folder_beside("runs/a//", "-pruned"), "runs/a-pruned");
  EXPECT_EQ(folder_beside("runs/a.b", "-pruned"), "runs/a.b-pruned");
  const testing::TemporaryFolder folder;
  const std::string whole = std::filesystem::canonical(folder.file(".")).string();
  std::filesystem::create_directories(whole + "/a/b");
  std::filesystem::create_directory_symlink(whole + "/a/b", whole + "/link");
  for (const char* here : {"/a/.", "/a/./", "/a/b/..", "/a/b/../", "/link/.."})
    EXPECT_EQ(folder_beside(whole + here, "-pruned"), whole + "/a-pruned") << here;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(whole + "/a");
  EXPECT_EQ(folder_beside(".", "-pruned"), whole + "/a-pruned");
  EXPECT_EQ(folder_beside("./", "-pruned"), whole + "/a-pruned");
  std::filesystem::current_path(before);
  EXPECT_EQ(folder_beside("/nowhere/.", "-pruned"), "/nowhere/.-pruned");
}

}  // namespace
}  // namespace jetpinn
