#include "jetpinn/base/warning.hpp"

#include <algorithm>
#include <cstddef>

namespace jetpinn {
namespace {

std::string on_one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return text;
}

}  // namespace

std::string to_lines(const Warnings& warnings) {
  std::string lines;
  for (const Warning& warning : warnings) lines += on_one_line(warning.kind) + "\t" + on_one_line(warning.text) + "\n";
  return lines;
}

Warnings from_lines(const std::string& lines) {
  Warnings warnings;
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t tab = lines.find('\t', begin), end = lines.find('\n', tab);
    if (end == std::string::npos) break;
    warnings.push_back({lines.substr(begin, tab - begin), lines.substr(tab + 1, end - tab - 1)});
    begin = end + 1;
  }
  return warnings;
}

}  // namespace jetpinn
