// Completion scripts for shells: `source <(jetpinn completion bash)`, or installed by cmake --install.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

const std::vector<std::string>& completion_shells();   // bash, zsh, fish

// Commands, options, their choices, configs, run folders, keys behind --set and the words that a key may have.
// `shell`: one of completion_shells().
std::string completion_script(const std::string& shell);

}  // namespace jetpinn
