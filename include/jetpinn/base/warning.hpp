// What is allowed but seldom meant, or ended short of what was wanted: said once, kept in the summary.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

struct Warning {
  std::string kind;   // short, for programs: "scale", "weights", "conditions", ...
  std::string text;   // one sentence: place, figure and what to change
};
using Warnings = std::vector<Warning>;

// "kind\ttext\n" each, as checkpoints and messages between ranks carry them. Tabs and line ends inside become spaces.
std::string to_lines(const Warnings& warnings);
Warnings from_lines(const std::string& lines);

}  // namespace jetpinn
