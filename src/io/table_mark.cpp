#include "jetpinn/io/table_mark.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/hdf5.hpp"

#include <filesystem>

namespace jetpinn {

std::optional<std::string> table_mark(const std::string& path, const std::string& kind) {
  try {
    return hdf5::InputFile(path).text_attribute(kind);
  } catch (const Error&) {
    return {};  // not a file of ours
  }
}

void require_own_table(const std::string& path, const std::string& kind, const std::string& mark) {
  std::error_code trouble;
  if (!std::filesystem::exists(path, trouble)) return;
  const std::optional<std::string> found = table_mark(path, kind);
  if (found != mark)
    throw Error(Status::usage, path + " is there already and is " +
                                   (found ? "of another " + kind + " (" + *found + ")" : "not of this " + kind) +
                                   "; name another file with --file, or move that one away");
}

}  // namespace jetpinn
