// Which buffers the jets of a network take during a sweep, and in which order the layers are walked in reverse. Known from
// the layers' kinds alone; every term of an engine sweeps in the same buffers.
//
// Forward, a tile of points goes through all layers before the next one begins. Jets that only the next layers read then lie
// in a buffer of one tile; jets that the reverse reads are kept for the whole chunk, or computed again there where their
// layer can. Two jets share a buffer when the first is no longer needed.
//
// Of layers that are recomputed, only what others read before is kept from the forward sweep on. They are swept forward once
// more, over all tiles of the chunk, before the first pass in which one of them takes part; from then on their jets lie as
// those of the others do. They read and compute what they read and computed before, so that the bits are the same.
//
// A linearisation goes in reverse, and along directions, as often as it is asked to after one sweep forward: all values that
// a layer reads are then kept, nothing takes their place, and nothing is recomputed.
#pragma once

#include "jetpinn/layer/layer_range.hpp"
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
    int value = none;       // forward
    int again = none;       // forward once more; none: it is not recomputed
    int restored = none;    // in reverse, from the recomputation on; none: nobody reads it
    int adjoint = none;     // none: nothing below it is trained
    int tangent = none;     // its change along a direction; none: the plan is of training
    bool restores = false;  // the layer's own reverse writes it to `restored`; else it lies there already
  };
  // Where a layer reads the value of one of its inputs.
  struct Read {
    int again = none;       // when the layer is recomputed; none: it is not
    int in_reverse = none;  // in its reverse and its gather
  };
  // What lies in a buffer, and when: the forward sweep is time 0, pass p (from 1) is 2 p, what is recomputed before it 2 p
  // - 1. Of a tile: layers forward, then, as many behind them, layers that are recomputed.
  struct Life {
    enum class Holds { value, recomputed, restored, adjoint, tangent };
    Holds holds = Holds::value;
    int layer = 0;  // of the first jets that lie there: an adjoint is handed down in place
    bool tile = false;
    std::int64_t units = 0;
    int from = 0, to = 0;  // both included
  };
  // Layers that a tile goes through in reverse before the next tile; then the first one gathers.
  using Pass = std::vector<int>;

  std::vector<Buffer> buffers;
  std::vector<Jets> jets;                // [layers]
  std::vector<Pass> passes;              // in the order of the reverse sweep
  std::vector<std::vector<int>> again;   // [passes] layers that are recomputed before it, rising
  std::vector<std::vector<bool>> adds;   // [layers][inputs] whether the input's adjoint holds another layer's share already
  std::vector<std::vector<Read>> reads;  // [layers][inputs]
  std::vector<Life> lives;

  int chunk_buffers() const;
  std::int64_t chunk_units() const;  // columns of all chunk buffers
  std::int64_t live_units() const;   // the most columns of a chunk that hold something at one time: no plan takes less
  std::int64_t widest() const;       // units of any buffer
};

// all_layers: adjoints pass through layers below all parameters too, down to the features, for some term's coefficients are
// trained. recomputed: ranges none of which takes part in the reverse are kept. Throws Error (internal) for layers that
// contradict their kinds' needs, and for ranges that do not rise or of which two would be recomputed at once.
BufferPlan plan_buffers(const Network& network, BufferUse use = BufferUse::training, bool all_layers = false,
                        const RecomputedLayers& recomputed = {});

}  // namespace jetpinn
