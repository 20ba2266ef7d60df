// Pieces of text from a config or the command line that remember where they were written, for messages with a caret.
#pragma once

#include "jetpinn/base/error.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace jetpinn {

struct SourceText {
  std::string text;
  std::string file;
  std::string key;                            // for example problem.equations.0.residual
  int line = 0;                               // 1-based; 0: not from a file (given by --set or another option)
  int column = 0;                             // 1-based, in characters: where `text` begins in that line
  std::shared_ptr<const std::string> source;  // the whole text it is a part of; null: `text` stands alone
  std::size_t begin = 0;                      // byte of `source` where `text` begins
  char quote = 0;  // ' or " for a TOML string (escapes are counted as written), 0 for a bare token
};

// "config.toml:12:14: unknown field 'v'\n   12 | residual = \"u_t + v\"\n      |                   ^": offset and length are
// bytes of `text`. Without a line, the place is named by file ("--set") and key.
std::string point_at(const SourceText& place, std::size_t offset, std::size_t length, const std::string& message);

// An error whose message names a place: at_place() gives it no second one.
class PlacedError : public Error {
 public:
  using Error::Error;
};

// Throws PlacedError (usage) pointing at the whole text, or at its part.
[[noreturn]] void fail_at(const SourceText& place, const std::string& message);
[[noreturn]] void fail_at(const SourceText& place, std::size_t offset, std::size_t length, const std::string& message);

}  // namespace jetpinn
