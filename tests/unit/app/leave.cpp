#include "jetpinn/app/leave.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(Leave, MessagesDoNotSteerATerminal) {
  EXPECT_EQ(printable("unknown key 'a\x1b[31mRED\x7f'\n\t| caf\xc3\xa9"), "unknown key 'a\\x1b[31mRED\\x7f'\n\t| caf\xc3\xa9");
}

}  // namespace
}  // namespace jetpinn
