// Gradient checkpointing of a run: which hidden layers' jets are computed again in the reverse sweep instead of kept, and
// what that takes and gives. The bits of losses and gradients do not depend on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

struct Assembly;
struct OutputOptions;
struct TrainingOptions;

// Of rank 0, as all ranks have it.
struct RecomputeFacts {
  struct Segment {
    std::size_t first = 0, last = 0;  // hidden layers, counted from 1, both included
  };
  std::vector<Segment> segments;   // that are recomputed
  std::size_t hidden_layers = 0;   // of all networks
  std::int64_t channels = 0;       // bytes of a chunk's jets (MemoryPlan::channels)
  std::int64_t channels_kept = 0;  // were all kept
  double more_work = 0;            // share of a step's work without it
};

// Chooses the layers as training.recompute says, for `assembly`, whose cost is then that of the choice. limit_bytes: of the
// memory that all ranks plan to take, 0: none; where "auto" finds no plan within it, the choice is the one of least memory.
// Where a number of segments takes no less memory than keeping all, all is kept. Pure computation, equal on every rank.
// Throws Error (usage) for more segments than there are hidden layers.
void choose_recomputed(Assembly& assembly, const TrainingOptions& training, const OutputOptions& output, double limit_bytes);

// None: all is kept.
std::optional<RecomputeFacts> recompute_facts(const Assembly& assembly, const TrainingOptions& training,
                                              const OutputOptions& output);

// "hidden layers 1-3, 4-6 of 10 are computed again in the reverse sweep: channels take 3 MiB in place of 5 MiB, 20 % more
// work"
std::string recompute_text(const RecomputeFacts& facts);

// Bytes that all ranks would plan to take were as little kept as can be.
double least_planned_bytes(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output);

}  // namespace jetpinn
