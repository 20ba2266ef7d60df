#include "jetpinn/study/study_slurm.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(StudySlurm, WordsSurviveAShell) {
  EXPECT_EQ(shell_word("--set"), "--set");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("it's $HOME"), "'it'\\''s $HOME'");
}

}  // namespace
}  // namespace jetpinn
