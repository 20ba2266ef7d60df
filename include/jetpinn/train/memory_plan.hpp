// What a run takes of memory, by what it is for.
#pragma once

#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/options.hpp"

#include <cstdint>

namespace jetpinn {

// Bytes of one rank. The theoretical minimum is parameters + gradient + optimiser state + one chunk's live channels + stored
// points. What the program itself and the libraries that it is linked with take is not in it, nor what the reference file
// holds.
struct MemoryPlan {
  std::int64_t parameters = 0, gradient = 0, optimizer = 0, channels = 0, points = 0;
  std::int64_t engine = 0;       // copies of the weights in the engine's layout, columns of a chunk, the fp64
                                 // engine that evaluates the fields
  std::int64_t sums = 0;         // buffers of the all-reduce; at level `ranks` the exact sums
  std::int64_t spare = 0;        // parameters to go back to, the best ones, points being resampled, the list of
                                 // blocks, pieces of a checkpoint
  std::int64_t balance = 0;      // weights of points, and gradients of terms while such are balanced
  std::int64_t independent = 0;  // points that no step trains on, and their residuals
  std::int64_t libtorch = 0;     // where it is loaded, or may be: a wide product may take it
  std::int64_t chunk = 0;        // points of a chunk
  std::int64_t minimum() const { return parameters + gradient + optimizer + channels + points; }
  std::int64_t total() const { return minimum() + balance + independent + engine + sums + spare + libtorch; }
};
MemoryPlan plan_memory(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output, int rank);
// Were these layers recomputed, and not those of the assembly.
MemoryPlan plan_memory(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output, int rank,
                       const RecomputedLayers& recomputed);
// Of all ranks together.
double planned_bytes(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output);

}  // namespace jetpinn
