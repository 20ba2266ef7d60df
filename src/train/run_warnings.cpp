#include "jetpinn/train/run_warnings.hpp"

#include <cstdio>

namespace jetpinn {

bool RunWarnings::add(const Warning& warning) {
  const std::string line = to_lines({warning});
  const std::string text = from_lines(line).front().text;
  for (const Warning& known : all())
    if (known.text == text) return false;
  lines_ += line;
  return true;
}

void print_warning(const std::string& sentence) {
  std::fprintf(stderr, "jetpinn: warning: %s\n", sentence.c_str());
}

}  // namespace jetpinn
