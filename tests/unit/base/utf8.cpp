#include "jetpinn/base/utf8.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(Utf8, CharactersAndTheirBytes) {
  const std::string text = "a\u00e9\u2212\U0001F600";
  EXPECT_EQ(character_at(text, 0).code, U'a');
  EXPECT_EQ(character_at(text, 1).code, 0xE9u);
  EXPECT_EQ(character_at(text, 3).code, 0x2212u);
  EXPECT_EQ(character_at(text, 6).code, 0x1F600u);
  EXPECT_EQ(character_at(text, 6).length, 4u);
  EXPECT_EQ(first_invalid_byte(text), std::string::npos);
  EXPECT_EQ(code_name(0x2212), "U+2212");
  EXPECT_EQ(code_name(0x1F600), "U+1F600");
}

TEST(Utf8, WhatIsNoCharacter) {
  for (const char* wrong :
       {"\x92", "\xC0\x80", "\xE2\x88", "\xE2\x88z", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5", "\xE0\x80\x80", "\xC3"}) {
    EXPECT_FALSE(character_at(wrong, 0).valid) << wrong;
    EXPECT_EQ(character_at(wrong, 0).length, 1u);
    EXPECT_EQ(first_invalid_byte(std::string("ok ") + wrong), 3u);
  }
}

TEST(Utf8, ColumnsOfATerminal) {
  EXPECT_EQ(columns_of('x'), 1);
  EXPECT_EQ(columns_of(0x2212), 1);
  EXPECT_EQ(columns_of(0x65E5), 2);
  EXPECT_EQ(columns_of(0xFF08), 2);
  EXPECT_EQ(columns_of(0x0301), 0);   // an accent that joins the letter before it
}

TEST(Utf8, TextsAreShortenedBetweenCharacters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "abc...");
  EXPECT_EQ(shortened("ab\u00e9d", 3), "ab...") << "no half of a character";
  EXPECT_EQ(shortened("ab\u00e9d", 4), "ab\u00e9...");
  EXPECT_EQ(shortened("", 0), "");
}

}  // namespace
}  // namespace jetpinn
