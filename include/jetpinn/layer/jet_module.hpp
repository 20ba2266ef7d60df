// A layer as a sweep of one term sees it: it maps jets to jets, tile by tile, and takes adjoints back.
#pragma once

#include "jetpinn/base/arithmetic.hpp"
#include "jetpinn/base/kernel_work.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/layer/jet_place.hpp"
#include "jetpinn/layer/point_columns.hpp"
#include "jetpinn/layer/wide_tiles.hpp"
#include "jetpinn/plan/jet_plan.hpp"
#include "jetpinn/runtime/device.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// What of a sweep's work grows with points, what with tiles and what with chunks.
struct SweepWork {
  EngineWork point, tile, chunk;

  void add_chunk(EngineWork& total, std::int64_t points, std::int64_t tiles) const;
};
void add(SweepWork& to, const SweepWork& work);

// The outputs of all networks with all channels: channel c of the field in column f (Network::columns) begins at
// (f * channels + c) * stride.
template <class A>
struct FieldColumns {
  Place<A> values = nullptr, adjoints = nullptr, tangents = nullptr;   // tangents in sweeps along a direction
  std::int64_t stride = 0;

  FieldColumns from(std::int64_t column) const {
    const auto moved = [&](Place<A> place) { return place ? place + column * stride : place; };
    return {moved(values), moved(adjoints), moved(tangents), stride};
  }
};

// What a module is made for: one term, one size of chunk, and its places in the buffers.
template <class A>
struct ModuleSetting {
  const TermProgram& program;
  const PointColumns<ColumnArithmetic<A>>& points;
  ChunkSize size;
  std::vector<JetInput<A>> inputs;
  JetPlace<A> value;       // of its output: forward
  JetPlace<A> again;       // of its output: forward once more, where the layer is recomputed
  JetPlace<A> restored;    // of its output: where its reverse writes the values again; null: nobody wants them
  JetPlace<A> adjoint;     // of its output
  JetPlace<A> tangent;     // of its output, in sweeps along a direction
  FieldColumns<ColumnArithmetic<A>> fields;  // for the layer that has no jets of its own to give
  PoolOf<A>& pool;         // for columns of its own
  Stream stream;           // of what is made once
  bool along = false;      // the sweep goes along directions too
  WideTiles* tiles = nullptr;  // of the network, where rows are kept in bf16
  int channels() const { return program.channels(); }
};

// Calls come in this order, for every chunk: begin_chunk; forward for each tile; again for each tile, where the layer is
// recomputed; reverse for each tile; gather. Where values are kept for a linearisation, the last two and tangent for each
// tile may follow as often as is wanted.
template <class A>
class JetModule {
 public:
  virtual ~JetModule() = default;
  virtual void begin_chunk(Stream, std::int64_t /*points*/) {}
  // A direction was loaded: before tangents along it, of the points of the last chunk.
  virtual void begin_tangent(Stream, std::int64_t /*points*/) {}
  virtual void forward(Stream stream, TileRange tile) = 0;
  // What forward did, from and to the places of the recomputation; never asked of a layer that has no jets to give.
  virtual void again(Stream, TileRange /*tile*/) {}
  // Reads the adjoint of its output; writes or adds those of its inputs; adds to its parameters' gradients what a tile can.
  virtual void reverse(Stream stream, TileRange tile) = 0;
  // Along the layer's direction: how its output changes with its inputs and its parameters.
  virtual void tangent(Stream stream, TileRange tile) = 0;
  // Parameter gradients that one product over all rows of the chunk computes.
  virtual void gather(Stream, std::int64_t /*points*/) {}

  virtual Region region() const { return Region::activation; }  // to which its time is accounted
  virtual SweepWork forward_work() const = 0;
  virtual SweepWork reverse_work() const = 0;
  virtual SweepWork tangent_work() const = 0;
};

}  // namespace jetpinn
