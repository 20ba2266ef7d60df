#include "jetpinn/io/whole_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/profile/host.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
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
  const auto bytes = static_cast<double>(std::filesystem::file_size(path, trouble));
  if (times * bytes > static_cast<double>(available_memory_bytes()))
    refuse("it is too large for the memory at hand", smaller);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(std::strerror(errno), "check its permissions");
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace jetpinn
