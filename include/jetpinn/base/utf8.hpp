// Characters of UTF-8 text, for messages that show what their reader wrote.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jetpinn {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // of UTF-8, which some programs write before a text

struct Character {
  char32_t code = 0;        // where it is not valid: the byte
  std::size_t length = 1;   // bytes
  bool valid = true;        // false: this byte begins no character (cut off, overlong, a surrogate, beyond U+10FFFF)
};

// The character that begins at byte `at`, which lies in the text.
Character character_at(std::string_view text, std::size_t at);

// The first byte that belongs to no character; npos: all of it is UTF-8.
std::size_t first_invalid_byte(std::string_view text);

// Columns that a character takes on a terminal: 0 for marks that join the letter before, 2 for the wide ones of East Asia.
int columns_of(char32_t code);

// The text, cut after so many bytes at most where it is longer, between two characters, with "..." behind.
std::string shortened(const std::string& text, std::size_t bytes);

// "U+2212"
std::string code_name(char32_t code);

}  // namespace jetpinn
