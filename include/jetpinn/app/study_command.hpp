// What the commands that make a study, scale and sweep, have in common.
#pragma once

#include "jetpinn/app/command_line.hpp"
#include "jetpinn/study/study_folder.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

// `options` of a study, with those that stand elsewhere on its command line.
template <class Options>
Options study_options(Options options, const CommandLine& line) {
  options.config = line.subject;
  options.sets = line.sets;
  options.device = line.device;
  options.output = line.output;
  options.force = line.force;
  options.quiet = line.quiet;
  return options;
}

// A line for a person who waits.
void say_unless(bool quiet, const std::string& line);

// Writes what the study leaves, and prints its text. Throws Error (storage).
void leave_results(const StudyFolder& folder, const std::vector<std::pair<std::string, std::string>>& files,
                   const std::vector<Picture>& pictures, const std::string& text);

}  // namespace jetpinn
