#include "jetpinn/base/folder_name.hpp"

namespace jetpinn {

std::string without_trailing_slash(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

}  // namespace jetpinn
