#include "jetpinn/app/pruned_folder.hpp"

#include "jetpinn/app/kept_request.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/io/run_folder.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

const char* const record = "/pruning.json";

// A link that leads nowhere is there too.
bool lies_there(const fs::path& path) {
  std::error_code trouble;
  return fs::exists(fs::symlink_status(path, trouble));
}

// Copies before they are all there, and when they are.
std::string copies_begun(const std::string& folder) { return folder + "/rounds/copies.begun"; }
std::string copies(const std::string& folder) { return folder + "/rounds/copies"; }

FoundPruning look_at(const std::string& folder, const std::string& request) {
  const auto found = nlohmann::json::parse(read_text_file(folder + record), nullptr, false);
  const auto text = [&](const char* key) {
    return found.is_object() && found.contains(key) && found[key].is_string() ? found[key].get<std::string>() : "";
  };
  const std::string kept = text("request"),
                    others = "; choose a new one with --output, or --force to rename the old one to " + folder + ".old-N";
  if (is_of_another_version(kept, request))
    throw Error(Status::usage, "the folder " + folder +
                                   " holds a pruning by an older version of jetpinn, which did not keep all that it was "
                                   "asked for, so that this one cannot go on with it" +
                                   others);
  if (const std::string differences = request_differences(kept, request); !differences.empty())
    throw Error(Status::usage, "the folder " + folder + " holds another pruning (" + differences + ")" + others);
  if (text("status") != "completed") return FoundPruning::goes_on;
  for (const char* file : {"/config.toml", "/network.h5"})
    if (!is_file(folder + file))
      throw Error(Status::usage, "the pruning in " + folder + " was complete, and its " + (file + 1) +
                                     " is not there any more; put it back, or prune anew with --force, which renames the "
                                     "folder to " +
                                     folder + ".old-N");
  return FoundPruning::complete;
}

}  // namespace

std::string round_folder(const std::string& folder, int round) { return folder + "/rounds/" + std::to_string(round); }

bool has_network(const std::string& folder) { return is_file(folder + "/network.h5"); }

FoundPruning open_pruned_folder(const std::string& folder, const std::string& request, bool force) {
  if (is_file(folder + record) && !force) return look_at(folder, request);
  create_own_folder(folder, force, "pruning");
  return FoundPruning::fresh;
}

void write_untrained_run(const std::string& folder, const std::string& config, const Problem& problem,
                         const Network& network, const std::vector<double>& parameters) {
  make_folder(folder);
  write_text_file(folder + "/config.toml", config);
  write_network_file(folder + "/network.h5", problem, network, parameters.data());
}

void copy_run(const std::string& from, const std::string& to) {
  constexpr const char* names[] = {"metrics.jsonl", "engine.json", "profile",    "checkpoints",  "points",
                                   "streams",       "start",       "network.h5", "summary.json", "config.toml"};
  const std::string begun = copies_begun(to), whole = copies(to);
  const auto place = [](const std::string& folder, const char* name) { return folder + "/" + name; };
  if (!lies_there(whole)) {
    remove_folder(begun);  // of a call that was broken off
    make_folder(begun);
    for (const char* name : names)
      if (lies_there(place(from, name))) copy_all(place(from, name), place(begun, name), Links::copy);
    move_file(begun, whole);
  }
  for (const char* name : names) {  // what such a call has moved is not there any more
    const std::string target = place(to, name);
    if (!lies_there(place(whole, name))) continue;
    if (lies_there(target))
      throw Error(Status::usage, target + " is in the place of a file of the pruned network, and no pruning has written it; "
                                          "move it away, and the same command goes on");
    move_file(place(whole, name), target);
  }
}

void forget_copies(const std::string& to) {
  std::error_code trouble;  // an empty folder more
  fs::remove(copies(to), trouble);
}

}  // namespace jetpinn
