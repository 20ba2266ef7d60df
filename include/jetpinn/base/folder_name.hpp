// Names of folders as text.
#pragma once

#include <string>

namespace jetpinn {

// "runs/a/" names the same folder as "runs/a"; only the latter can have ".old-1" appended.
std::string without_trailing_slash(std::string folder);

// `path` from the root on, without "." and "..". Error (usage) where the current folder is gone.
std::string absolute_path(const std::string& path);

// Its last name, which tells runs apart: "a" for "runs/a/", and for "." that of the current folder. Throws as
// absolute_path().
std::string own_name(const std::string& folder);

// The folder beside `folder` that has its name with `suffix` behind it: "runs/a-pruned" for "runs/a/" and "-pruned". Where
// the text ends in "." or "..", the name is that of the folder it leads to, which is asked of the file system.
std::string folder_beside(const std::string& folder, const std::string& suffix);

}  // namespace jetpinn
