#include "jetpinn/app/pruned_folder.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/folder_lock.hpp"
#include "jetpinn/io/kept_request.hpp"
#include "jetpinn/io/run_folder.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

const char* const record = "/pruning.json";

bool is_file(const std::string& path) {
  std::error_code trouble;
  return fs::is_regular_file(path, trouble);
}

FoundPruning look_at(const std::string& folder, const std::string& request) {
  const auto found = nlohmann::json::parse(read_text_file(folder + record), nullptr, false);
  const auto text = [&](const char* key) {
    return found.is_object() && found.contains(key) && found[key].is_string() ? found[key].get<std::string>() : "";
  };
  if (const std::string differences = request_differences(text("request"), request); !differences.empty())
    throw Error(Status::usage, "the folder " + folder + " holds another pruning (" + differences +
                                   "); choose a new one with --output, or --force to rename the old one to " + folder +
                                   ".old-N");
  return text("status") == "completed" ? FoundPruning::complete : FoundPruning::goes_on;
}

}  // namespace

std::string round_folder(const std::string& folder, int round) { return folder + "/rounds/" + std::to_string(round); }

bool has_network(const std::string& folder) { return is_file(folder + "/network.h5"); }

FoundPruning open_pruned_folder(const std::string& folder, const std::string& request, bool force) {
  if (is_file(folder + record)) {
    if (!force) return look_at(folder, request);
    { const FolderLock held(folder); }  // a pruning that goes on there is not renamed away
    rename_away(folder);
  }
  create_run_folder(folder, force);
  return FoundPruning::fresh;
}

void write_untrained_run(const std::string& folder, const std::string& config, const Problem& problem,
                         const Network& network, const std::vector<double>& parameters) {
  fs::create_directories(folder);
  write_text_file(folder + "/config.toml", config);
  write_network_file(folder + "/network.h5", problem, network, parameters.data());
}

void copy_run(const std::string& from, const std::string& to) {
  for (const char* name : {"metrics.jsonl", "engine.json", "profile", "checkpoints", "points", "start", "network.h5",
                           "summary.json", "config.toml"}) {
    const fs::path source = fs::path(from) / name, target = fs::path(to) / name;
    fs::remove_all(target);
    if (fs::exists(source)) fs::copy(source, target, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  }
}

}  // namespace jetpinn
