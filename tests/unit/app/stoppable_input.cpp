#include "jetpinn/app/stoppable_input.hpp"

#include "support/expect_error.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <istream>
#include <string>

namespace jetpinn {
namespace {

class StoppableInputs : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe(pipe_), 0); }
  void TearDown() override {
    ::close(pipe_[0]);
    close_end();
  }
  void send(const std::string& text) {
    ASSERT_EQ(::write(pipe_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close_end() {
    if (pipe_[1] >= 0) ::close(pipe_[1]);
    pipe_[1] = -1;
  }

  int pipe_[2] = {-1, -1};
};

TEST_F(StoppableInputs, GivesWhatComesUpToItsEnd) {
  const std::string text(200000, 'x');  // more than a buffer, and than a pipe takes at once
  StoppableInput buffer(pipe_[0], [] { return false; });
  std::istream input(&buffer);
  std::string line, all;
  send("first\n");
  ASSERT_TRUE(std::getline(input, line));
  EXPECT_EQ(line, "first");
  for (std::size_t at = 0; at < text.size(); at += 50000) {
    send(text.substr(at, 50000));
    std::string piece(50000, ' ');
    ASSERT_TRUE(input.read(piece.data(), 50000));
    all += piece;
  }
  EXPECT_EQ(all, text);
  send("last");
  close_end();
  ASSERT_TRUE(std::getline(input, line));
  EXPECT_EQ(line, "last");
  EXPECT_FALSE(std::getline(input, line));
}

// The other end stays open and sends nothing: the read ends all the same.
TEST_F(StoppableInputs, EndsWhereItIsAskedToStop) {
  int looks = 0;
  StoppableInput buffer(pipe_[0], [&looks] { return ++looks > 2; });
  std::istream input(&buffer);
  std::string line;
  EXPECT_FALSE(std::getline(input, line));
  EXPECT_EQ(looks, 3);
}

// Not the end of what was measured: the rest is on a disk or behind a connection that failed.
TEST_F(StoppableInputs, WhatCannotBeReadIsAFailureOfStorage) {
  const int closed = ::dup(pipe_[0]);
  ::close(closed);
  StoppableInput buffer(closed, [] { return false; });
  std::istream input(&buffer);
  input.exceptions(std::ios::badbit);
  std::string line;
  testing::expect_error(Status::storage, {"standard input cannot be read: Bad file descriptor"},
                        [&] { std::getline(input, line); });
}

}  // namespace
}  // namespace jetpinn
