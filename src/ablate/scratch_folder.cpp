#include "jetpinn/ablate/scratch_folder.hpp"

#include "jetpinn/profile/host.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <sys/types.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <vector>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

std::string scratch_prefix() { return fmt::format("features-{}-", host_name()); }

bool is_gone(pid_t process) { return ::kill(process, 0) != 0 && errno == ESRCH; }

// The process of this host whose folder has this name; 0: none.
pid_t process_of(const std::string& name) {
  const std::string prefix = scratch_prefix();
  if (name.rfind(prefix, 0) != 0) return 0;
  const char *first = name.data() + prefix.size(), *last = name.data() + name.size();
  pid_t process = 0;
  const auto [end, trouble] = std::from_chars(first, last, process);
  return trouble == std::errc() && end == last && process > 0 ? process : 0;
}

}  // namespace

std::string scratch_folder(const std::string& output) {
  return fmt::format("{}/{}{}", output, scratch_prefix(), process_id());
}

void remove_stale_scratch(const std::string& output) {
  std::error_code trouble;
  std::vector<fs::path> stale;
  // A range-based loop would throw where the folder cannot be read on.
  for (fs::directory_iterator entry(output, trouble), end; !trouble && entry != end; entry.increment(trouble))
    if (const pid_t process = process_of(entry->path().filename().string()); process > 0 && is_gone(process))
      stale.push_back(entry->path());
  for (const fs::path& folder : stale)
    if (fs::is_directory(fs::symlink_status(folder, trouble))) fs::remove_all(folder, trouble);
}

}  // namespace jetpinn
