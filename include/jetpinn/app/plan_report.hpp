// What `check` prints: everything a run would do, known before its first step.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/profile/record.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/memory_plan.hpp"

#include <string>
#include <vector>

namespace jetpinn {

std::string plan_report(const Assembly& assembly, const Config& config, int ranks);

// A line on what a core of this machine can do at best, with the least time of a step that
// follows; "" where it is not known.
std::string peaks_report(const Peaks& peaks, const Assembly& assembly, const Config& config, int ranks);

// Bytes that all ranks together plan to take.
double planned_bytes(const Assembly& assembly, const Config& config);

// Chooses which layers are recomputed (train/recompute.hpp). Throws Error (usage).
void choose_recomputed(Assembly& assembly, const Config& config);

// After choose_recomputed. Throws Error (usage) when that is beyond run.memory_limit, or the network beyond what a stage's
// optimiser is for.
void require_memory(const Assembly& assembly, const Config& config);

// What a rank has around it: ranks of one host share its free memory.
struct RankMemory {
  std::string host;
  double free = 0;            // bytes of the host, as this rank sees it
  double address_space = 0;   // bytes that the rank's own limit (ulimit -v) leaves
};

// Why ranks with these plans cannot run where they are, with the arithmetic; empty: they can. plans, places: [ranks].
std::string memory_shortage(const std::vector<MemoryPlan>& plans, const std::vector<RankMemory>& places);

// Collective, before anything is written. Throws Error (usage) on every rank when the hosts do not have what their ranks
// plan to take, and when it turns out not to be there: every rank takes its share for a moment, all of them at once.
void reserve_planned_memory(Communicator& communicator, const Assembly& assembly, const Config& config);

}  // namespace jetpinn
