// Texts made from the table of commands: shell completion and manual pages. They hold what --help holds, for
// they come from the same place.
#pragma once

#include "jetpinn/app/command_table.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// What may follow a word, from the type name of its option: "auto|never" are choices, FILE, DIR, RUN,
// CONFIG and KEY=VALUE say themselves.
struct WordKind {
  enum Kind : char { none, free, choices, file, folder, run, config, key } kind = none;   // none: a flag
  std::vector<std::string> words;           // of choices
};

struct OptionWords {
  std::vector<std::string> names;   // "--set"; of what stands alone its own name: "CONFIG"
  std::string doc;                  // its first line
  WordKind value;
  bool repeats = false, required = false;
};

struct CommandWords {
  std::string name, doc;
  std::vector<OptionWords> subjects, options;   // in their order; subjects stand alone
};

std::vector<CommandWords> command_words(const CommandTable& table);   // in the order of --help

// Keys of a config as --set takes them: lists begin with their item 0, "problem.constants." is gone on by the user.
// With the words a key may have.
struct KeyWords {
  std::string key;   // with '=' at its end where it is whole
  std::vector<std::string> words;
};
std::vector<KeyWords> key_words();

}  // namespace jetpinn
