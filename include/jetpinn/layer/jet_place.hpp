// Where the jets of a chunk of points lie.
//
// A chunk is laid out tile by tile, [tile][channels, tile points, width], so that each step of a tile finds the one before
// still in the first-level cache, while a product over the chunk sees the rows of all its tiles at once.
#pragma once

#include "jetpinn/base/arithmetic.hpp"

#include <cstdint>

namespace jetpinn {

// Points of a chunk that go through the layers together: [first, first + points).
struct TileRange {
  std::int64_t first = 0, points = 0;
};

// Points per chunk and per tile.
struct ChunkSize {
  std::int64_t chunk = 0, tile = 0;
};

// Jets of one layer. `pitch` is how far apart two points' tiles begin: channels * width; 0 where every tile takes the same
// place.
template <class A>
struct JetPlace {
  Place<A> data = nullptr;
  std::int64_t width = 0, pitch = 0;
  Place<A> at(TileRange tile) const { return data + tile.first * pitch; }
};

// What a layer's module reads and writes for one input. Null data: not there.
template <class A>
struct JetInput {
  JetPlace<A> value;     // forward
  JetPlace<A> again;     // forward once more, where the layer is recomputed
  JetPlace<A> restored;  // in reverse: the same values, computed again where they were not kept
  JetPlace<A> adjoint;   // null: nobody wants it
  JetPlace<A> tangent;   // in sweeps along a direction; null: the input does not change
  bool adds = false;     // the adjoint holds another layer's share already
};

}  // namespace jetpinn
