#include "jetpinn/io/folder.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

class Folders : public ::testing::Test {
 protected:
  const testing::TemporaryFolder folder_;
  std::string file(const std::string& name, const std::string& text = "text") const {
    write_text_file(folder_.file(name), text);
    return folder_.file(name);
  }
};

TEST_F(Folders, AreCopiedWholeOverWhatIsThere) {
  const std::string from = folder_.file("from"), to = folder_.file("to");
  make_folder(from + "/a/b");
  make_folder(from + "/a/b");
  write_text_file(from + "/a/b/one", "new");
  fs::create_symlink("b/one", from + "/a/link");
  make_folder(to + "/a/b");
  write_text_file(to + "/a/b/one", "old");
  copy_all(from, to);
  EXPECT_EQ(read_text_file(to + "/a/b/one"), "new");
  EXPECT_FALSE(fs::is_symlink(to + "/a/link"));
  EXPECT_EQ(read_text_file(to + "/a/link"), "new");
  copy_all(from, to + "2", Links::copy);
  EXPECT_TRUE(fs::is_symlink(to + "2/a/link"));
  remove_folder(to);
  remove_folder(to);
  EXPECT_FALSE(fs::exists(to));
}

// One message with the status of storage, not an exception of the standard library.
TEST_F(Folders, WhatCannotBeWrittenIsAFailureOfStorage) {
  const std::string one = file("one"), below = one + "/below";
  make_folder(folder_.file("whole"));
  const auto fails = [&](const auto& action) {
    testing::expect_error(Status::storage, {"cannot write " + below + ": Not a directory"}, action);
  };
  fails([&] { make_folder(below); });
  fails([&] { copy_all(folder_.file("whole"), below); });
  fails([&] { move_file(folder_.file("whole"), below); });
}

TEST_F(Folders, LocksAreNoNames) {
  EXPECT_EQ(name_in(folder_.file("none")), "");
  file(".lock");
  EXPECT_EQ(name_in(folder_.path()), "");
  file("mine.csv");
  EXPECT_EQ(name_in(folder_.path()), "mine.csv");
  EXPECT_EQ(name_in(folder_.file("mine.csv")), "");
}

}  // namespace
}  // namespace jetpinn
