#include "jetpinn/io/whole_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/profile/host.hpp"

#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace jetpinn {

std::string read_whole_file(const std::string& path, const std::string& kind, double times, const std::string& smaller) {
  const auto refuse = [&](const std::string& reason, const std::string& mend) {
    throw Error(Status::usage, "cannot read " + path + ": " + reason + "; " + mend);
  };
  std::error_code trouble;
  const auto type = std::filesystem::status(path, trouble).type();
  if (type == std::filesystem::file_type::not_found) refuse("no such file", "check the path");
  if (type != std::filesystem::file_type::regular) refuse("it is no regular file", "name a file of " + kind);
  const auto bytes = static_cast<double>(file_bytes(path, Status::usage));
  if (times * bytes > static_cast<double>(available_memory_bytes()))
    refuse("it is too large for the memory at hand", smaller);
  FileText file = file_text(path);
  if (file.code != 0) refuse(std::strerror(file.code), way_to_read(file.code));
  return std::move(file.text);
}

}  // namespace jetpinn
