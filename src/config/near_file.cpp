#include "jetpinn/config/near_file.hpp"

#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/expr/parser.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <system_error>
#include <vector>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_names = 10000;  // of a folder that are looked at

using Fits = std::function<bool(const fs::path&)>;

// The entry of `folder` that is nearest to `name`; empty: none.
std::string nearest_entry(const fs::path& folder, const std::string& name, const Fits& fits) {
  std::vector<std::string> names;
  std::error_code trouble;
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, trouble), end;
       !trouble && entry != end && names.size() < most_names; entry.increment(trouble))
    if (fits(entry->path())) names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end());
  const std::string found = nearest_name(name, names);
  return found.empty() ? "" : (folder / found).string();
}

std::string offer(const std::string& found) { return found.empty() ? "" : "; did you mean '" + found + "'?"; }

}  // namespace

std::string near_config(const std::string& path) {
  const fs::path given(path);
  std::string name = given.filename().string();
  if (given.extension() != ".toml") name += ".toml";
  const Fits is_config = [](const fs::path& file) {
    std::error_code trouble;
    return file.extension() == ".toml" && fs::is_regular_file(file, trouble);
  };
  const std::string found = nearest_entry(given.parent_path(), name, is_config);
  return offer(found.empty() && !given.has_parent_path() ? nearest_entry("configs", name, is_config) : found);
}

std::string near_table(const std::string& path) {
  const fs::path given(path);
  return offer(nearest_entry(given.parent_path(), given.filename().string(), [](const fs::path& file) {
    std::error_code trouble;
    const std::string ending = file.extension().string();
    return (ending == ".h5" || ending == ".hdf5" || ending == ".csv" || ending == ".vtu" || ending == ".vtp") &&
           fs::is_regular_file(file, trouble);
  }));
}

std::string near_run(const std::string& path) {
  const fs::path given(without_trailing_slash(path));
  const Fits is_run = [](const fs::path& folder) {
    std::error_code trouble;
    return fs::is_regular_file(folder / "config.toml", trouble);
  };
  const std::string found = nearest_entry(given.parent_path(), given.filename().string(), is_run);
  return offer(found.empty() && !given.has_parent_path() ? nearest_entry("runs", given.filename().string(), is_run) : found);
}

}  // namespace jetpinn
