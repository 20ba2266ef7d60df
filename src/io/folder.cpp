#include "jetpinn/io/folder.hpp"

#include "jetpinn/io/atomic_file.hpp"

#include <filesystem>
#include <system_error>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

void require_written(const std::string& path, const std::error_code& trouble) {
  if (trouble) fail_to_write(path, trouble.value());
}

}  // namespace

void make_folder(const std::string& folder) {
  std::error_code trouble;
  fs::create_directories(folder, trouble);
  require_written(folder, trouble);
}

void copy_all(const std::string& from, const std::string& to, Links links) {
  const fs::copy_options how = fs::copy_options::recursive | fs::copy_options::overwrite_existing;
  std::error_code trouble;
  fs::copy(from, to, links == Links::copy ? how | fs::copy_options::copy_symlinks : how, trouble);
  require_written(to, trouble);
}

void move_file(const std::string& from, const std::string& to) {
  std::error_code trouble;
  fs::rename(from, to, trouble);
  require_written(to, trouble);
}

void remove_folder(const std::string& folder) {
  std::error_code trouble;
  fs::remove_all(folder, trouble);
  require_written(folder, trouble);
}

std::string name_in(const std::string& folder) {
  std::error_code trouble;
  if (!fs::is_directory(folder, trouble)) return {};
  for (fs::directory_iterator entry(folder, trouble), end; !trouble && entry != end; entry.increment(trouble))
    if (entry->path().filename() != ".lock") return entry->path().filename().string();
  if (trouble) fail_to_read(folder, trouble.value());
  return {};
}

}  // namespace jetpinn
