#include "jetpinn/io/folder_lock.hpp"

#include "jetpinn/base/error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>

namespace jetpinn {
namespace {

TEST(FolderLock, KeepsASecondHolderOutAndNamesTheFirst) {
  const testing::TemporaryFolder folder;
  auto first = std::make_unique<FolderLock>(folder.path());
  try {
    const FolderLock second(folder.path());
    ADD_FAILURE() << "two hold the lock";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    EXPECT_NE(std::string(error.what()).find("pid " + std::to_string(getpid())), std::string::npos) << error.what();
  }
  EXPECT_TRUE(FolderLock::is_held(folder.path()));
  first.reset();
  EXPECT_FALSE(FolderLock::is_held(folder.path()));
  EXPECT_NO_THROW(FolderLock{folder.path()});
}

TEST(FolderLock, AFolderThatCannotBeWrittenIsAnError) { EXPECT_THROW(FolderLock{"/nowhere/at/all"}, Error); }

}  // namespace
}  // namespace jetpinn
