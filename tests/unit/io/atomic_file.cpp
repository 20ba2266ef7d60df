// What a message about a file that cannot be written says of its cause.
#include "jetpinn/io/atomic_file.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

namespace jetpinn {
namespace {

TEST(AtomicFile, TheWayOutIsThatOfTheCause) {
  EXPECT_NE(way_to_write(ENOSPC).find("free some space"), std::string::npos);
  EXPECT_NE(way_to_write(EDQUOT).find("free some space"), std::string::npos);
  EXPECT_NE(way_to_write(EFBIG).find("ulimit -f"), std::string::npos);
  EXPECT_NE(way_to_write(EMFILE).find("ulimit -n"), std::string::npos);
  for (const int code : {EIO, ESTALE, ENXIO, ENAMETOOLONG, EMFILE, EFBIG, ENOSPC})
    EXPECT_EQ(way_to_write(code).find("folder exists"), std::string::npos) << code;
  for (const int code : {ENOENT, ENOTDIR, EACCES, EROFS})
    EXPECT_NE(way_to_write(code).find("folder exists and may be written"), std::string::npos) << code;
}

TEST(AtomicFile, AMessageHasCauseAndWayOut) {
  const testing::TemporaryFolder folder;
  testing::expect_error(Status::storage, {folder.file("none/a"), "No such file or directory; check that its folder exists"},
                        [&] { write_text_file(folder.file("none/a"), "text"); });
}

}  // namespace
}  // namespace jetpinn
