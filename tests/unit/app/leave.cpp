#include "jetpinn/app/leave.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(Leave, MessagesDoNotSteerATerminal) {
  EXPECT_EQ(printable("unknown key 'a\x1b[31mRED\x7f'\n\t| caf\xc3\xa9"),
            "unknown key 'a\\x1b[31mRED\\x7f'\n\t| caf\xc3\xa9");
}

TEST(Leave, CharactersAreShownWholeAndOtherBytesByNumber) {
  EXPECT_EQ(printable("'\u2212' \u65e5 \U0001F600"), "'\u2212' \u65e5 \U0001F600");
  EXPECT_EQ(printable("half \xe2\x88, latin \xe9"), "half \\xe2\\x88, latin \\xe9");
  EXPECT_EQ(printable("\u009b31m"), "\\xc2\\x9b31m");   // a control of 8-bit terminals
}

}  // namespace
}  // namespace jetpinn
