// What to write instead of characters that come from text processors and textbooks: expressions are written in ASCII.
#pragma once

#include "jetpinn/base/utf8.hpp"

#include <string>
#include <string_view>

namespace jetpinn {

// The first byte outside ASCII; npos: none.
std::size_t first_beyond_ascii(std::string_view text);

// "'−' (minus sign, U+2212) has no place in an expression; write '-'": of the character at byte `at`.
std::string describe_character(std::string_view text, std::size_t at);

}  // namespace jetpinn
