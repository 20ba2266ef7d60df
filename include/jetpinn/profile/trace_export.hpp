// A trace for Perfetto (ui.perfetto.dev) or chrome://tracing: a process per rank, its regions nested,
// and what each interval went into.
#pragma once

#include "jetpinn/profile/profile_reader.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

struct TraceFacts {
  std::int64_t steps = 0, events = 0, counters = 0;
  std::vector<std::string> notes;   // as in RunProfile
};

// Writes the trace of a run that read_profile has read, whole or not at all. Time 0 of every rank is the begin of its
// program: the launcher starts them within a fraction of a second, and no clock is compared between machines. Memory:
// O(events of a step). Throws Error (usage).
TraceFacts export_trace(const std::string& path, const RunProfile& profile);

}  // namespace jetpinn
