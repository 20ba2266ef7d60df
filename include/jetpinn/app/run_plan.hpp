// What a run folder that is there already means for a run that is to be trained in it.
#pragma once

#include "jetpinn/app/command_line.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/io/folder_lock.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace jetpinn {

struct RunPlan {
  enum Kind : char { fresh, done, go_on } kind = fresh;
  bool longer = false;  // go_on: the run had come to its end
};

// The end of a message about a folder that is in the way.
inline constexpr const char* ways_around_a_run = "; choose another --output or name, or let --force rename it away";

// `where` in `folder` holds a run with this config; throws Error (usage) with the keys that differ in what
// matters, and what can be done.
Config require_same(const std::string& folder, const std::string& where, const std::string& text, const Config& config);

// A run folder that is this process' own, with copies of the tables that its problem reads.
struct OpenRun {
  RunPlan plan;
  std::unique_ptr<FolderLock> lock;  // rank 0; empty: the run in it is done
};

// Collective. Throws Error (usage) where the folder is in the way. resume: auto | never. keep: puts what else belongs into
// the folder there, on rank 0.
OpenRun open_run(Communicator& communicator, const std::string& folder, const Config& config, bool force,
                 const std::string& resume, const std::function<void()>& keep);
OpenRun open_run(Communicator& communicator, const std::string& folder, const Config& config, const Problem& problem,
                 bool force, const std::string& resume);

// The newest sound checkpoint; empty: the run ended before its first step, and begins again. check: what else it has to
// hold, on every rank. Collective.
std::optional<LoadedCheckpoint> load_checkpoint(Communicator& communicator, const std::string& folder, const Config& config,
                                                const std::function<void(const LoadedCheckpoint&)>& check);

}  // namespace jetpinn
