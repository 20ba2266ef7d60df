#include "jetpinn/io/run_folder.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/checkpoint_folder.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/io/folder_lock.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

bool holds_checkpoints(const std::string& folder) {
  std::error_code trouble;
  return fs::is_directory(folder, trouble) && !CheckpointFolder(folder).entries().empty();
}

// `folder` or one above it is `whole`. Both absolute, without links as far as they exist.
bool lies_in(fs::path folder, const fs::path& whole) {
  std::error_code trouble;  // what does not exist is no folder that is there
  for (;; folder = folder.parent_path()) {
    if (folder == whole || fs::equivalent(folder, whole, trouble)) return true;
    if (folder == folder.parent_path()) return false;
  }
}

}  // namespace

void rename_away(const std::string& folder) {
  int number = 1;
  std::error_code trouble;  // where nothing can be told of a name, renaming says why
  while (fs::exists(fs::symlink_status(folder + ".old-" + std::to_string(number), trouble))) ++number;
  const std::string target = folder + ".old-" + std::to_string(number);
  fs::rename(folder, target, trouble);
  if (trouble)
    throw Error(Status::usage,
                "cannot rename " + folder + " to " + target + ": " + trouble.message() + "; move it away by hand");
}

FoundRun find_run(const std::string& folder) {
  FoundRun run;
  if (!is_file(folder + "/config.toml")) return run;
  run.exists = true;
  run.config = read_text_file(folder + "/config.toml");
  if (!is_file(folder + "/summary.json")) return run;
  const auto summary = nlohmann::json::parse(read_text_file(folder + "/summary.json"), nullptr, false);
  if (!summary.is_object()) return run;
  if (const auto status = summary.find("status"); status != summary.end() && status->is_string()) run.status = *status;
  if (const auto reason = summary.find("stopped_by"); reason != summary.end() && reason->is_string())
    run.stopped_by = *reason;
  if (const auto steps = summary.find("steps"); steps != summary.end() && steps->is_number_integer()) run.steps = *steps;
  return run;
}

bool has_steps(const std::string& folder) {
  std::error_code trouble;
  const auto size = fs::file_size(folder + "/metrics.jsonl", trouble);
  return !trouble && size > 0;
}

void create_run_folder(const std::string& path, bool force) {
  const std::string folder = without_trailing_slash(path);
  std::error_code trouble;
  const auto kind = fs::status(folder, trouble).type();
  // An empty folder for checkpoints may have been mounted or linked there beforehand.
  const bool run = find_run(folder).exists, checkpoints = holds_checkpoints(folder + "/checkpoints");
  if (kind == fs::file_type::directory && (run || checkpoints)) {
    // Checkpoints alone: whose they are cannot be known, and a new run would write over them.
    if (!force)
      throw Error(Status::usage,
                  "the folder " + folder + " holds " + (run ? "another run" : "checkpoints but no config.toml") +
                      "; choose a new one with --output, or --force to rename the old one to " + folder + ".old-N");
    rename_away(folder);
  } else if (kind != fs::file_type::directory && kind != fs::file_type::not_found && kind != fs::file_type::none) {
    throw Error(Status::usage, folder + " is not a folder; choose another one with --output");
  }
  fs::create_directories(folder, trouble);
  if (trouble)
    throw Error(Status::usage,
                "cannot create the folder " + folder + ": " + trouble.message() + "; choose another one with --output");
  check_writable(folder);
}

void create_own_folder(const std::string& folder, bool force, const std::string& kind) {
  if (const std::string name = name_in(folder); !name.empty()) {
    if (find_run(folder).exists && !force) create_run_folder(folder, false);  // refuses
    if (!force)
      throw Error(Status::usage, "the folder " + folder + " holds something that no " + kind + " has written (" + name +
                                     "); choose a new one with --output, or --force to rename it to " + folder + ".old-N");
    if (is_file(folder + "/.lock")) FolderLock{folder};  // what goes on there is not renamed away
    rename_away(folder);
  }
  create_run_folder(folder, false);
}

void require_apart(const std::string& output, const std::string& run, const std::string& done) {
  const auto whole = [](const std::string& folder) {
    std::error_code trouble;
    const fs::path path = fs::weakly_canonical(without_trailing_slash(folder), trouble);
    return fs::absolute(trouble ? fs::path(folder) : path).lexically_normal();
  };
  const fs::path target = whole(output), source = whole(run);
  const bool inside = lies_in(target, source), around = lies_in(source, target);
  if (!inside && !around) return;
  const std::string relation = inside && around ? "is the run that is " + done
                               : inside         ? "lies in " + run + ", the run that is " + done
                                                : "holds " + run + ", the run that is " + done;
  throw Error(Status::usage, "--output " + output + " " + relation + "; choose a folder beside it");
}

void require_run(const std::string& folder) {
  if (is_file(folder + "/config.toml")) return;
  std::error_code trouble;
  const bool exists = fs::exists(folder, trouble);
  throw Error(Status::usage,
              (exists ? folder + " holds no run (no config.toml in it)" : "there is no run folder " + folder) +
                  "; name a folder that `jetpinn train` has written");
}

}  // namespace jetpinn
