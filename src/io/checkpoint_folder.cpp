#include "jetpinn/io/checkpoint_folder.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/checkpoint_manifest.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

const std::string aside = ".old-", temporary = ".tmp-", rejected = "rejected-", step_prefix = "step-";

bool begins_with(const std::string& text, const std::string& prefix) { return text.compare(0, prefix.size(), prefix) == 0; }

[[noreturn]] void fail(const std::string& what, const std::error_code& reason) {
  throw Error(Status::storage,
              what + ": " + reason.message() + "; check that the folder exists, may be written and has space left");
}

std::optional<std::int64_t> step_of(const std::string& name) {
  const std::size_t begin = (begins_with(name, aside) ? aside.size() : 0) + step_prefix.size();
  if (!begins_with(name, step_prefix) && !begins_with(name, aside + step_prefix)) return {};
  std::int64_t step = 0;
  const char* const last = name.data() + name.size();
  const auto [end, trouble] = std::from_chars(name.data() + begin, last, step);
  if (name.size() < begin + 8 || trouble != std::errc() || end != last || step < 0) return {};
  return step;
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code trouble;
  fs::directory_iterator entry(directory, trouble);
  if (trouble == std::errc::no_such_file_or_directory) return names;
  for (; !trouble && entry != fs::directory_iterator(); entry.increment(trouble))
    names.push_back(entry->path().filename().string());
  if (trouble) fail("cannot look into " + directory, trouble);
  return names;
}

void rename(const std::string& from, const std::string& to) {
  std::error_code trouble;
  fs::rename(from, to, trouble);
  if (trouble) fail("cannot rename " + from + " to " + to, trouble);
}

}  // namespace

std::string CheckpointFolder::name_of(std::int64_t step) { return fmt::format("step-{:08d}", step); }

std::vector<CheckpointFolder::Entry> CheckpointFolder::entries() const {
  std::vector<Entry> found;
  for (const std::string& name : names_in(directory_))
    if (const auto step = step_of(name)) found.push_back({*step, name});
  // The one in its place comes before the one that it replaced.
  std::sort(found.begin(), found.end(),
            [](const Entry& a, const Entry& b) { return a.step != b.step ? a.step > b.step : a.name > b.name; });
  return found;
}

void CheckpointFolder::prepare() {
  std::error_code trouble;
  if (fs::create_directory(directory_, trouble)) flush_folder(fs::path(directory_).parent_path().string());
  if (trouble) fail("cannot create the folder " + directory_, trouble);
  remove_leftovers();
  for (const std::string& name : names_in(directory_)) {
    if (!begins_with(name, aside + step_prefix)) continue;
    const std::string place = name.substr(aside.size());
    if (fs::exists(path(place), trouble)) remove(name);
    else rename(path(name), path(place));
  }
}

std::string CheckpointFolder::create_temporary(std::int64_t step) {
  const std::string folder = path(fmt::format("{}{}-{}", temporary, step, ::getpid()));
  std::error_code trouble;
  fs::create_directory(folder, trouble);
  if (trouble) fail("cannot create the folder " + folder, trouble);
  return folder;
}

const CheckpointFolder::Known& CheckpointFolder::known(const std::string& name) {
  const auto found = known_.find(name);
  if (found != known_.end()) return found->second;
  Known& made = known_[name];
  try {
    const CheckpointManifest manifest = read_manifest(path(name));
    made = {manifest.ordinal, manifest.facts.loss};
  } catch (const Error&) {
    made = {};   // it counts for nothing
  }
  return made;
}

std::int64_t CheckpointFolder::ordinal_for(std::int64_t step) {
  std::int64_t last = 0;
  for (const Entry& entry : entries()) {
    const std::int64_t ordinal = known(entry.name).ordinal;
    if (entry.step == step && ordinal > 0) return ordinal;
    last = std::max(last, ordinal);
  }
  return last + 1;
}

void CheckpointFolder::publish(const std::string& folder, std::int64_t step) {
  const std::string name = name_of(step);
  std::error_code trouble;
  const bool replaces = fs::exists(fs::symlink_status(path(name), trouble));
  if (replaces) rename(path(name), path(aside + name));
  fs::rename(folder, path(name), trouble);
  if (trouble) {
    std::error_code ignored;
    if (replaces) fs::rename(path(aside + name), path(name), ignored);   // if that fails too, it is still found where it is
    fail("cannot rename " + folder + " to " + path(name), trouble);
  }
  known_.erase(name);
  flush_folder(directory_);
  point_latest_to(name);
  if (replaces) remove(aside + name);
}

void CheckpointFolder::point_latest_to(const std::string& name) {
  const std::string link = path(temporary + "latest-" + std::to_string(::getpid()));
  std::error_code trouble;
  fs::remove(link, trouble);
  fs::create_symlink(name, link, trouble);
  if (trouble) write_text_file(link, name + "\n");   // a file system without links
  rename(link, path("latest"));
  flush_folder(directory_);
}

// First away, then removed: a process that dies meanwhile must not leave half of it under its name.
void CheckpointFolder::remove(const std::string& name) noexcept {
  std::error_code trouble;
  const std::string away = begins_with(name, temporary) ? path(name) : path(temporary + "away-" + name);
  if (!begins_with(name, temporary)) {
    fs::rename(path(name), away, trouble);
    if (trouble) return;
    known_.erase(name);
  }
  fs::remove_all(away, trouble);
}

void CheckpointFolder::remove_leftovers() noexcept {
  try {
    for (const std::string& name : names_in(directory_))
      if (begins_with(name, temporary)) remove(name);
  } catch (const std::exception&) {
    // They take space, nothing else.
  }
}

void CheckpointFolder::reject(const std::string& name) noexcept {
  std::error_code trouble;
  const std::string to = path(rejected + (begins_with(name, aside) ? name.substr(aside.size()) : name));
  fs::remove_all(to, trouble);
  fs::rename(path(name), to, trouble);
  known_.erase(name);
}

void CheckpointFolder::prune(const CheckpointOptions& options, std::int64_t step) noexcept {
  try {
    std::vector<Entry> sound;
    for (const Entry& entry : entries()) {
      if (entry.step > step) reject(entry.name);
      else if (known(entry.name).ordinal > 0) sound.push_back(entry);
    }
    std::string best;
    for (const Entry& entry : sound)
      if (std::isfinite(known(entry.name).loss) && (best.empty() || known(entry.name).loss < known(best).loss))
        best = entry.name;
    const auto newest = static_cast<std::size_t>(std::max(options.keep, 1));
    for (std::size_t k = newest; k < sound.size(); ++k) {
      const bool kept = options.keep_every > 0 && known(sound[k].name).ordinal % options.keep_every == 0;
      if (!kept && sound[k].name != best) remove(sound[k].name);
    }
  } catch (const std::exception&) {
    // The new checkpoint is in its place all the same.
  }
}

}  // namespace jetpinn
