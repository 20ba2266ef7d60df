#include "jetpinn/ablate/feature_cache.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hash.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

const char* const ending = ".features";
const char* const result_ending = ".result";  // result_cache.hpp

struct CacheEntry {
  fs::path path;
  double bytes = 0;
  fs::file_time_type used;
};

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Whole files, and those that a process which was killed left half-written an hour ago or earlier.
std::vector<CacheEntry> entries_of(const std::string& folder) {
  std::vector<CacheEntry> entries;
  std::error_code trouble;
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (fs::directory_iterator entry(folder, trouble), end; !trouble && entry != end; entry.increment(trouble)) {
    const fs::directory_entry& file = *entry;
    const std::string name = file.path().filename().string();
    const bool part = name.find(std::string(ending) + ".part-") != std::string::npos ||
                      name.find(std::string(result_ending) + ".tmp-") != std::string::npos;  // of AtomicFile
    if (!part && !ends_with(name, ending) && !ends_with(name, result_ending)) continue;
    std::error_code gone;
    if (!file.is_regular_file(gone)) continue;  // a folder has no size, which would be told as the largest number
    const double bytes = static_cast<double>(fs::file_size(file.path(), gone));
    const fs::file_time_type used = gone ? fs::file_time_type() : fs::last_write_time(file.path(), gone);
    if (!gone && (!part || used < old)) entries.push_back({file.path(), bytes, used});
  }
  return entries;
}

}  // namespace

std::uint64_t FeatureKey::identity() const {
  return hash_of(fmt::format("data {} representation {} options {} of {} x {} fp{}", hex(data), representation, options,
                             shape.samples, shape.length, shape.fp64 ? 64 : 32));
}

std::string FeatureKey::file_name(std::int32_t version) const {
  return fmt::format("{}-{}-v{}{}", representation, hex(identity()), version, ending);
}

FeatureCache::FeatureCache(std::string folder, double most_bytes) : folder_(std::move(folder)), most_bytes_(most_bytes) {
  if (!on()) return;
  std::error_code trouble;
  fs::create_directories(folder_, trouble);
  if (trouble || !fs::is_directory(folder_, trouble))
    throw Error(Status::usage, "cannot make the folder " + folder_ +
                                   " of --cache: " + (trouble ? trouble.message() : "a file is there") +
                                   "; name another one, or leave --cache away");
}

FeatureCache::Found FeatureCache::look_up(const FeatureKey& key) const {
  Found found;
  if (!on()) return found;
  const std::string path = path_of(key);
  if (is_file(path)) {
    std::string trouble;
    const FeatureFile file(path, key.shape, key.identity(), trouble);
    if (file.valid() && !file.check()) trouble = "its numbers are not those that were written";
    found.there = trouble.empty();
    if (found.there)
      ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
    else
      found.remark = path + " does not serve (" + trouble + "); computed again";
    return found;
  }
  for (std::int32_t version = 0; version < feature_version + 100; ++version)
    if (version != feature_version && is_file(folder_ + "/" + key.file_name(version)))
      found.remark = fmt::format("the cache holds {} of version {}, not {}; computed again", key.representation, version,
                                 feature_version);
  return found;
}

std::int64_t FeatureCache::evict(const std::vector<std::string>& used) const {
  if (!on()) return 0;
  std::vector<CacheEntry> entries = entries_of(folder_);
  double bytes = 0;
  for (const CacheEntry& entry : entries) bytes += entry.bytes;
  std::sort(entries.begin(), entries.end(), [](const CacheEntry& x, const CacheEntry& y) { return x.used < y.used; });
  std::int64_t gone = 0;
  for (const CacheEntry& entry : entries) {
    if (bytes <= most_bytes_) break;
    const auto same = [&](const std::string& path) { return fs::path(path).filename() == entry.path.filename(); };
    if (std::any_of(used.begin(), used.end(), same)) continue;
    std::error_code trouble;
    gone += fs::remove(entry.path, trouble) ? 1 : 0;
    bytes -= entry.bytes;
  }
  return gone;
}

}  // namespace jetpinn
