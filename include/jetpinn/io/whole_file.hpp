// Files that are read at once.
#pragma once

#include <string>

namespace jetpinn {

// The bytes of a file, of which memory for `times` as many is at hand. kind: what the file should be, as in "name a file of
// KIND"; smaller: what to do where it is too large. Throws Error (usage) for what is no regular file, or cannot be read.
std::string read_whole_file(const std::string& path, const std::string& kind, double times, const std::string& smaller);

}  // namespace jetpinn
