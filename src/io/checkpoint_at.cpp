#include "jetpinn/io/checkpoint_at.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/checkpoint_folder.hpp"
#include "jetpinn/io/checkpoint_manifest.hpp"
#include "jetpinn/io/state_file.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

CheckpointFolder folder_of(const std::string& run_folder) { return CheckpointFolder(run_folder + "/checkpoints"); }

}  // namespace

std::vector<std::int64_t> checkpoint_steps(const std::string& run_folder) {
  const std::vector<CheckpointFolder::Entry> entries = folder_of(run_folder).entries();  // newest first
  std::vector<std::int64_t> steps;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
    if (steps.empty() || steps.back() != entry->step) steps.push_back(entry->step);
  return steps;
}

LoadedCheckpoint checkpoint_at(const std::string& run_folder, std::int64_t step) {
  const CheckpointFolder folder = folder_of(run_folder);
  const std::vector<CheckpointFolder::Entry> entries = folder.entries();
  const auto entry = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.step == step; });
  if (entry == entries.end())
    throw Error(Status::storage, folder.path(CheckpointFolder::name_of(step)) + ": there is no such checkpoint");
  LoadedCheckpoint loaded;
  loaded.folder = folder.path(entry->name);
  const CheckpointManifest manifest = read_manifest(loaded.folder);
  if (manifest.facts.step != step)
    throw Error(Status::storage, loaded.folder + ": its manifest is that of step " + std::to_string(manifest.facts.step));
  check_state_hash(loaded.folder, manifest);
  loaded.facts = manifest.facts;
  loaded.values = read_state_file(loaded.folder + "/state.h5", manifest.datasets);
  return loaded;
}

}  // namespace jetpinn
