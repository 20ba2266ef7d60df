// What a run's time was lost to, in one sentence with evidence and what to try. Rules and thresholds: docs/profiling.md.
#pragma once

#include <array>
#include <string>

namespace jetpinn {

struct ProfileSummary;

enum class BottleneckKind : int {
  compute,        // kernels, and their arithmetic bounds them
  bandwidth,      // kernels, and moving operands bounds them
  latency,        // too little work per call, step or message
  communication,  // moving bytes between ranks
  input_output,   // checkpoints and files
  imbalance,      // ranks wait for one that has more to do, or is slower
  memory,         // pages come from disk, or the machine is nearly full
  startup,        // the run was over before its start-up had paid off
  evaluation,     // comparing with the reference, monitors, ...
  crowding,       // all ranks share their cores with other processes
  count,
};
const char* to_string(BottleneckKind);   // "compute-bound", ..., "imbalance", "memory", "start-up", "evaluation",
                                         // "crowded cores"

struct Bottleneck {
  BottleneckKind kind = BottleneckKind::compute;
  // Share of the time after the start-up that goes away when this kind is cured. Compute and
  // bandwidth: what the kernels take.
  std::array<double, static_cast<int>(BottleneckKind::count)> shares{};
  std::string sentence;

  double share(BottleneckKind of) const { return shares[static_cast<int>(of)]; }
};

// Pure: reads everything of the summary but its bottleneck.
Bottleneck find_bottleneck(const ProfileSummary& summary);

}  // namespace jetpinn
