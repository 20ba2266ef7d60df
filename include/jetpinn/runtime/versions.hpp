// The libraries in this program, for --version and run folders.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

// {name, version}; of shared libraries the version that is loaded, where it can be asked. Of LibTorch the one that its
// module is built with, which is not loaded for this.
std::vector<std::pair<std::string, std::string>> library_versions();

}  // namespace jetpinn
