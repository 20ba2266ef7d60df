// What a sweep of a term's jets does, counted from its plan: floating-point operations, and bytes with each operand of a tile or chunk
// counted once (kernel_work.hpp). docs/engine.md has the formulas.
#pragma once

#include "jetpinn/base/kernel_work.hpp"
#include "jetpinn/engine/jet_layers.hpp"
#include "jetpinn/plan/jet_plan.hpp"

#include <cstdint>

namespace jetpinn {

// What of a sweep's work grows with points, what with tiles and what with chunks.
struct SweepWork {
  EngineWork point, tile, chunk;

  void add_chunk(EngineWork& total, std::int64_t points, std::int64_t tiles) const;
};

// How a sweeper holds its features.
struct FeatureWork {
  std::int64_t features = 0;          // of the network
  std::int64_t varying = 0;           // pairs of channel and feature that vary over points
  std::int64_t constant_channels = 0; // channels with a feature that does not
  std::int64_t parts = 0;             // summands of the pairs that vary
  std::int64_t turns = 0;             // sines and cosines
};

template <class T>
SweepWork jet_forward_work(const Network& network, const TermProgram& program, const JetLayers<T>& layers, const FeatureWork& features);
template <class T>
SweepWork jet_reverse_work(const Network& network, const TermProgram& program, const JetLayers<T>& layers, const FeatureWork& features);

// Of the residual tape, per point.
template <class T>
KernelWork tape_forward_work(const TermProgram& program);
template <class T>
KernelWork tape_reverse_work(const TermProgram& program);

}  // namespace jetpinn
