// Which buffers the jets of a network take during a sweep, and in which order the layers are walked in reverse. Known from
// the layers' kinds alone; every term of an engine sweeps in the same buffers.
//
// Forward, a tile of points goes through all layers before the next one begins. Jets that only the next layers read then lie
// in a buffer of one tile; jets that the reverse reads are kept for the whole chunk, or computed again there where their
// layer can. Two jets share a buffer when the first is no longer needed.
//
// A linearisation goes in reverse, and along directions, as often as it is asked to after one sweep forward: all values that
// a layer reads are then kept, and nothing takes their place.
#pragma once

#include "jetpinn/network/network.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

enum class BufferUse { training, linearisation };

struct BufferPlan {
  static constexpr int none = -1;
  struct Buffer {
    bool tile = false;       // of one tile; else of a chunk
    std::int64_t units = 0;  // columns, the most of any jet that takes it
  };
  // Of one layer's output: numbers of buffers.
  struct Jets {
    int value = none;     // forward
    int restored = none;  // in reverse: as value where it was kept; none: nobody reads it
    int adjoint = none;   // none: nothing below it is trained
    int tangent = none;   // its change along a direction; none: the plan is of training
  };
  // Layers that a tile goes through in reverse before the next tile; then the first one gathers.
  using Pass = std::vector<int>;

  std::vector<Buffer> buffers;
  std::vector<Jets> jets;               // [layers]
  std::vector<Pass> passes;             // in the order of the reverse sweep
  std::vector<std::vector<bool>> adds;  // [layers][inputs] whether the input's adjoint holds another layer's share already

  int chunk_buffers() const;
  std::int64_t widest() const;  // units of any buffer
};

// all_layers: adjoints pass through layers below all parameters too, down to the features, for some term's coefficients are
// trained. Throws Error (internal) for layers that contradict their kinds' needs.
BufferPlan plan_buffers(const Network& network, BufferUse use = BufferUse::training, bool all_layers = false);

}  // namespace jetpinn
