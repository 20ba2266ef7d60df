#include "jetpinn/base/version.hpp"
#include "jetpinn/app/command_line.hpp"
#include "jetpinn/runtime/versions.hpp"

#include <algorithm>

namespace jetpinn {

std::string version_text() {
  std::string text = std::string("jetpinn ") + version + "\n";
  const auto libraries = library_versions();
  std::size_t width = 0;
  for (const auto& [name, number] : libraries) width = std::max(width, name.size());
  for (const auto& [name, number] : libraries)
    text += "  " + name + std::string(width + 2 - name.size(), ' ') + number + "\n";
  return text;
}

}  // namespace jetpinn
