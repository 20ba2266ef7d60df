// The warnings of a run, each once, through all its continuations.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/base/warning.hpp"

#include <string>

namespace jetpinn {

// Replicated.
class RunWarnings {
 public:
  bool add(const Warning& warning);   // false: its text is held already
  Warnings all() const { return from_lines(lines_); }   // in the order in which they came

  State state() { return {{"lines", &lines_}}; }

 private:
  std::string lines_;
};

// To the standard error output of this rank, at once.
void print_warning(const std::string& sentence);

}  // namespace jetpinn
