// Names of folders as text.
#pragma once

#include <string>

namespace jetpinn {

// "runs/a/" names the same folder as "runs/a"; only the latter can have ".old-1" appended.
std::string without_trailing_slash(std::string folder);

}  // namespace jetpinn
