#include "jetpinn/io/line_file.hpp"

#include "jetpinn/io/atomic_file.hpp"
#include "support/expect_error.hpp"
#include "support/file_size_limit.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

TEST(LineFile, LinesAreThereAtOnce) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("log");
  {
    const LineFile first(path, false);
    first.add("one");
    EXPECT_EQ(read_text_file(path), "one\n");
  }
  const LineFile second(path, true);
  second.add("two");
  EXPECT_EQ(read_text_file(path), "one\ntwo\n");
  const LineFile third(path, false);
  EXPECT_EQ(read_text_file(path), "");
  testing::expect_error(Status::usage, {folder.file("none/log"), "permissions"},
                        [&] { LineFile(folder.file("none/log"), true); });
}

// The disk is full within the second line, and has room again for the third one.
TEST(LineFile, ALineThatCannotBeWrittenLeavesNothingInTheWayOfTheNext) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("log");
  const LineFile file(path, false);
  file.add("one");
  {
    const testing::FileSizeLimit full(6);
    testing::expect_error(Status::storage, {path, "ulimit -f"}, [&] { file.add("another"); });
  }
  EXPECT_EQ(read_text_file(path), "one\n");
  file.add("three");
  EXPECT_EQ(read_text_file(path), "one\nthree\n");
}

}  // namespace
}  // namespace jetpinn
