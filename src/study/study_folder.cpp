#include "jetpinn/study/study_folder.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/run_folder.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <system_error>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

const char* const ways = "; choose another --output, or let --force rename it away";

Json identity_json(const StudyIdentity& identity) {
  Json json = {{"schema", 1}};
  for (const auto& [name, value] : identity.options) json[name] = Json::parse(value);
  if (identity.device != "auto") json["device"] = identity.device;
  return json;
}

// A key that is not there: no device was named, or a program of another version did not know it.
std::string value_text(const Json& options, const std::string& key) {
  return options.contains(key) ? options.at(key).dump() : key == "device" ? "\"auto\"" : "none";
}

// Why the study in `folder` is not this one; empty: it is.
std::string difference(const std::string& folder, const Json& here, const Config& config) {
  const Json there = Json::parse(read_text_file(folder + "/study-options.json"), nullptr, false);
  if (!there.is_object()) return "its study-options.json is damaged";
  Json keys = here;
  keys.update(there);
  for (const auto& [key, unused] : keys.items())
    if (value_text(there, key) != value_text(here, key))
      return fmt::format("{}: {} -> {}", key, value_text(there, key), value_text(here, key));
  try {
    const std::vector<std::string> keys =
        matters(parse_config(read_text_file(folder + "/config.toml"), folder + "/config.toml", {}, config.task), config);
    return keys.empty() ? "" : keys.front();
  } catch (const Error&) {
    return "its config.toml cannot be read";
  }
}

void make_folder(const std::string& folder) {
  std::error_code trouble;
  fs::create_directories(folder, trouble);
  if (trouble)
    throw Error(Status::usage,
                "cannot create the folder " + folder + ": " + trouble.message() + "; choose another one with --output");
}

}  // namespace

StudyFolder::StudyFolder(const StudyIdentity& identity, const Config& config)
    : path_(without_trailing_slash(absolute_path(identity.path))) {
  const Json options = identity_json(identity);
  std::error_code trouble;
  if (fs::exists(path_ + "/study-options.json", trouble)) {
    const std::string other = difference(path_, options, config);
    if (!other.empty() && !identity.force)
      throw Error(Status::usage, "the folder " + path_ + " holds another study (" + other + ")" + ways);
    if (!other.empty()) rename_away(path_);
  } else if (fs::exists(path_ + "/config.toml", trouble)) {
    if (!identity.force) throw Error(Status::usage, "the folder " + path_ + " holds something else than a study" + ways);
    rename_away(path_);
  } else if (fs::exists(path_, trouble) && !fs::is_directory(path_, trouble)) {
    throw Error(Status::usage, path_ + " is not a folder; choose another one with --output");
  }
  make_folder(path_);
  check_writable(path_);
  make_folder(path_ + "/runs");
  if (identity.slurm) make_folder(jobs());
  check_writable(path_ + "/runs");
  write_text_file(config_file(), config.resolved, Status::usage);
  write_text_file(path_ + "/study-options.json", options.dump(2) + "\n", Status::usage);
}

void StudyFolder::write(const std::vector<std::pair<std::string, std::string>>& files,
                        const std::vector<Picture>& pictures) const {
  for (const auto& [name, text] : files) write_text_file(path_ + "/" + name, text);
  for (const Picture& picture : pictures) {
    write_text_file(path_ + "/" + picture.name + ".svg", picture.svg);
    if (!picture.png.empty()) write_text_file(path_ + "/" + picture.name + ".png", picture.png);
  }
}

}  // namespace jetpinn
