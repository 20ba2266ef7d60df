#include "jetpinn/base/folder_name.hpp"

#include "jetpinn/base/error.hpp"

#include <filesystem>
#include <system_error>

namespace jetpinn {

std::string without_trailing_slash(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

std::string absolute_path(const std::string& path) {
  std::error_code trouble;
  const std::filesystem::path whole = std::filesystem::absolute(path, trouble);
  if (trouble)
    throw Error(Status::usage, "cannot tell where " + path + " lies: the current folder cannot be found: " +
                                   trouble.message() + "; change into a folder that is there");
  return whole.lexically_normal().string();
}

std::string own_name(const std::string& folder) {
  return std::filesystem::path(without_trailing_slash(absolute_path(folder))).filename().string();
}

std::string folder_beside(const std::string& folder, const std::string& suffix) {
  const std::string name = without_trailing_slash(folder), last = std::filesystem::path(name).filename().string();
  if (last != "." && last != "..") return name + suffix;
  std::error_code trouble;
  const std::filesystem::path whole = std::filesystem::canonical(name, trouble);
  return (trouble ? name : whole.string()) + suffix;
}

}  // namespace jetpinn
