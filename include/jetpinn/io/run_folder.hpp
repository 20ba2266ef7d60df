// The folder a training leaves: created with its parents, never deleted.
#pragma once

#include <cstdint>
#include <string>

namespace jetpinn {

// What a folder tells of a run that went there before.
struct FoundRun {
  bool exists = false;         // config.toml is there
  std::string config;          // its text
  std::string status;          // of summary.json: completed | stopped | failed; empty: the run ended
                               // without a summary, or still goes on
  std::string stopped_by;
  std::int64_t steps = 0;      // of summary.json
};
FoundRun find_run(const std::string& folder);

// A step of the run in `folder` was logged.
bool has_steps(const std::string& folder);

// Rank 0 only. Creates the folder with its parents and checks that files can be written there. A folder that holds
// a run is renamed away to <folder>.old-1 (-2, ...) when `force` is set. Throws Error (usage): another run is
// there, not a folder, no permission.
void create_run_folder(const std::string& folder, bool force);

// The same for commands that write more than a training: nothing that anybody else has put there may be in the way. kind:
// "pruning", for the message. Throws Error (usage), also where another process works in a folder that is to be renamed.
void create_own_folder(const std::string& folder, bool force, const std::string& kind);

// Renames `folder` to <folder>.old-1 (-2, ...). Throws Error (usage).
void rename_away(const std::string& folder);

// For commands that make a run of another one, before they write anything. Throws Error (usage) where `output` is the folder
// of that run, lies in it or holds it, whatever links and ".." lead there. done: "pruned", for the message.
void require_apart(const std::string& output, const std::string& run, const std::string& done);

// For commands on an existing run: throws Error (usage) when `folder` holds no run.
void require_run(const std::string& folder);

}  // namespace jetpinn
