// What a message about a file that cannot be written says of its cause.
#include "jetpinn/io/atomic_file.hpp"

#include "jetpinn/io/whole_file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
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

TEST(AtomicFile, AllOfAFileIsRead) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("text");
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{7}, (std::size_t{1} << 18) + 1}) {
    std::string text(bytes, 'x');
    if (bytes > 0) text.back() = '\0';
    write_text_file(path, text);
    EXPECT_EQ(read_text_file(path), text);
    EXPECT_EQ(file_text(path, 5).text, text.substr(0, 5));
  }
}

// The first page of a process's memory is no one's: reading it is an error of input and output.
TEST(AtomicFile, AnErrorOfReadingIsNoEndOfTheFile) {
  const std::string path = "/proc/self/mem";
  EXPECT_EQ(file_text(path).code, EIO);
  testing::expect_error(Status::usage, {path, "Input/output error; check the disk"}, [&] { read_text_file(path); });
  testing::expect_error(Status::usage, {path, "Input/output error; check the disk"},
                        [&] { read_whole_file(path, "text", 1, "make it smaller"); });
}

TEST(AtomicFile, WhatCannotBeReadIsNamedWithItsWayOut) {
  const testing::TemporaryFolder folder;
  testing::expect_error(Status::usage, {folder.path() + " is a folder, a file is needed"},
                        [&] { read_text_file(folder.path()); });
  testing::expect_error(Status::usage, {folder.file("none"), "No such file or directory; check the path"},
                        [&] { read_text_file(folder.file("none")); });
}

// A limit on the size of files cuts a write in two: its first part is written, its second one fails.
TEST(AtomicFile, AWriteThatWasCutShortFails) {
  const testing::TemporaryFolder folder;
  const int file = ::open(folder.file("numbers").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  ASSERT_GE(file, 0);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 20;
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const double number = 1;
  const int inside = code_of_writing(file, &number, sizeof number, 8), across = code_of_writing(file, &number, 8, 16);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(inside, 0);
  EXPECT_EQ(across, EFBIG);
  EXPECT_EQ(::lseek(file, 0, SEEK_END), 20);
  ::close(file);
}

}  // namespace
}  // namespace jetpinn
