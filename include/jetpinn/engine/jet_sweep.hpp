// Forward and reverse of one term's jets over a chunk of points: every layer's module in turn, tile by tile.
#pragma once

#include "jetpinn/engine/jet_network.hpp"
#include "jetpinn/engine/region_sample.hpp"
#include "jetpinn/engine/residual_tape.hpp"
#include "jetpinn/engine/tape_columns.hpp"
#include "jetpinn/kernels/tape.hpp"
#include "jetpinn/layer/jet_module.hpp"
#include "jetpinn/layer/point_columns.hpp"
#include "jetpinn/plan/jet_plan.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace jetpinn {

using LayersDone = std::function<void(int first)>;

template <class A>
class JetSweeper {
 public:
  using C = ColumnArithmetic<A>;  // of all but the jets between layers
  using T = typename C::Storage;

  // size: of what is swept, the points of all sites. The network's buffers are allocated; it outlives the sweeper.
  JetSweeper(JetNetwork<A>& network, const TermProgram& program, ChunkSize size, PoolOf<A>& pool, Stream stream);

  std::int64_t chunk() const { return size_.chunk / program_.sites; }   // points of the term
  const TermProgram& program() const { return program_; }

  // Network outputs and their derivatives; at most chunk() points.
  void forward(Stream stream, const TermRange& points, RegionSample& sample);
  // Where the network is planned for a linearisation, for the points of the last forward: how the outputs change along the
  // network's direction.
  void tangent(Stream stream);
  // From the adjoints that the tape's reverse wrote to the gradients of all parameters, for the points of the last forward:
  // trainables[k] += theirs, those of layers are gathered in the network. `done` is told after every tile from which layer
  // on nothing will be added any more.
  void reverse(Stream stream, RegionSample& sample, Pointer<double, typename A::Space> trainables,
               const LayersDone& done = {});

  // Sweeps forward layer by layer, and shows what each leaves in a buffer before the next one may write there: visit(layer,
  // place), [channels, points, width].
  template <class Visit>
  void forward_by_layers(Stream stream, const TermRange& point, const Visit& visit) requires(A::Space::host) {
    begin_chunk(stream, point);
    for (int l = 0; l < network_.layers(); ++l) {
      if (!modules_[static_cast<std::size_t>(l)]) continue;
      modules_[static_cast<std::size_t>(l)]->forward(stream, {0, points_});
      if (outputs_of_[static_cast<std::size_t>(l)].data) visit(l, outputs_of_[static_cast<std::size_t>(l)]);
    }
  }
  // Sweeps forward: the first layer with weights whose output is not finite in some channel; the number of layers: none.
  int first_not_finite(Stream stream, const TermRange& point) requires(A::Space::host);

  const EngineWork& work() const { return work_; }  // of all sweeps so far; the tape's as its owner tells
  void count_tape(std::int64_t n, bool reverse);
  void recount(const EngineWork& work) { work_ = work; }  // leaves out what came since

  ResidualTape<C>& tape() { return tape_; }
  // Of the residual tape, for the last forward.
  const TapeColumns<C>& columns() const { return tape_columns_; }
  const std::vector<Column<const T>>& inputs() const { return tape_columns_.inputs(); }
  const std::vector<Column<T>>& adjoints() const { return tape_columns_.adjoints(); }

 private:
  // Layers that a tile passes before the next tile comes, those that are recomputed before, and the first layer from which
  // on they end what is done.
  struct Pass {
    std::vector<JetModule<A>*> again, modules;
    int first = 0;
  };

  static FieldColumns<C> allocate_fields(const TermProgram& program, std::int64_t chunk, PoolOf<A>& pool, bool along);
  void begin_chunk(Stream stream, const TermRange& points);
  template <class Visit>
  void for_each_tile(const Visit& visit) const;
  void plan_work();
  void count(const SweepWork& sweep);

  JetNetwork<A>& network_;
  const TermProgram program_;
  const ChunkSize size_;
  PointColumns<C> columns_;
  const FieldColumns<C> fields_;
  ResidualTape<C> tape_;
  TapeColumns<C> tape_columns_;
  std::vector<std::unique_ptr<JetModule<A>>> modules_;  // [layers]; null: of a network none of whose fields the term reads
  std::vector<JetModule<A>*> order_;                    // the others
  std::vector<JetPlace<A>> outputs_of_;                 // [layers] forward; null data: not in a buffer
  std::vector<Pass> passes_;
  std::int64_t points_ = 0;  // swept by the last forward
  SweepWork forward_work_, reverse_work_, tangent_work_;
  KernelWork tape_forward_, tape_reverse_;  // per point
  EngineWork work_;
};

}  // namespace jetpinn
