// Forward and reverse of one term's jets over a chunk of points.
//
// Live per chunk: pre-activations Z of every hidden layer [channels, points, width] (slot 0 holds the activation's memo), and three work
// buffers: H, the input of the weight-gradient product, recomputed from Z in the reverse, and two for adjoints. A chunk is laid out
// tile by tile, [tile][channels, tile points, width], so that each step of a tile finds the one before still in the first-level cache,
// while the weight-gradient product sees all rows of the chunk at once.
#pragma once

#include "jetpinn/base/region.hpp"
#include "jetpinn/engine/jet_layers.hpp"
#include "jetpinn/plan/jet_plan.hpp"
#include "jetpinn/engine/jet_work.hpp"
#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/kernels/edge_layers.hpp"
#include "jetpinn/kernels/tape.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace jetpinn {

// Splits time between regions on a sample of chunks: two clock reads around every product of every tile would cost a tenth of a small
// network's step. With region_detail() every chunk is timed and told to the listeners. A chunk in which the thread lost its core counts only
// while there is no other: what another process took would stand for eight times as much, in the region that it happened to fall into.
class RegionSample {
 public:
  void begin_chunk();
  void enter(Region region);   // from now on, until the next call
  void leave_out(double seconds) { since_ += seconds; }   // the last ones were no part of the chunk
  void end_chunk();
  double share(Region region) const;   // of all sampled time

 private:
  static constexpr int every = 8;
  RegionTimes chunk_, whole_, interrupted_;
  std::int64_t switches_ = 0;   // of the thread, when the chunk began
  Region current_ = Region::other;
  double since_ = 0;
  std::int64_t chunks_ = 0;
  bool on_ = false, detail_ = false;
};

using LayersDone = std::function<void(int first)>;

// Points held at once and points per tile.
struct ChunkSize {
  std::int64_t chunk = 0, tile = 0;
};

// A chunk fits 768 KiB (second-level cache), a tile's layer 24 KiB (first level): constants, so that sums are equal everywhere.
ChunkSize choose_chunk(int channels, int hidden, std::int64_t width, std::int64_t bytes_per_value);

template <class T>
class JetSweeper {
 public:
  // Layers and work buffers are shared by all terms of an engine.
  struct Buffers {
    std::vector<T*> z;                    // [hidden] each [channels, points, width]
    T *h = nullptr, *a = nullptr, *b = nullptr;
  };

  JetSweeper(const Network& network, const TermProgram& program, ChunkSize size, JetLayers<T>& layers, Pool& pool);

  std::int64_t chunk() const { return size_.chunk; }
  const TermProgram& program() const { return program_; }

  // Network outputs and their derivatives for points [first, first + n) of columns coordinates[d * stride + i], n <= chunk.
  void forward(Stream stream, const Buffers& buffers, const double* coordinates, std::int64_t stride, std::int64_t n,
               RegionSample& sample);
  // From the adjoints of the outputs to parameter gradients, gathered in the layers. `done` hears after every tile from which layer on
  // nothing will be added any more.
  void reverse(Stream stream, const Buffers& buffers, std::int64_t n, RegionSample& sample, const LayersDone& done = {});

  const EngineWork& work() const { return work_; }   // of all sweeps so far; the tape's as its owner tells
  void count_tape(std::int64_t n, bool reverse);
  void recount(const EngineWork& work) { work_ = work; }   // leaves out what came since

  // Columns of the residual tape for the last forward: coordinates, then outputs; and where their adjoints go.
  const std::vector<Column<const T>>& inputs() const { return inputs_; }
  const std::vector<Column<T>>& adjoints() const { return adjoints_; }

 private:
  // sin and cos of scale * x + shift, computed once per chunk for all features and derivatives of them.
  struct Turn {
    int coordinate;
    double scale, shift;
    double *sine, *cosine;   // [chunk]
  };
  // One summand of a feature's channel: factor * column * slot, where a missing column or slot counts as 1.
  struct VaryingPart {
    double factor;
    const double* column;
    int slot;
  };
  struct Varying {
    int channel, feature;
    std::vector<VaryingPart> parts;   // none: the linear feature's value itself
  };
  void plan_features(Pool& pool);
  void plan_work();
  const Turn& turn_of(const Feature& feature, Pool& pool);
  void evaluate_features(Stream stream, const double* coordinates, std::int64_t stride, std::int64_t n);
  void evaluate_point_columns(Stream stream, const double* coordinates, std::int64_t stride, std::int64_t n);
  JetSweep<T> sweep(int layer, std::int64_t first, std::int64_t points, const Buffers& buffers) const;

  const Network network_;
  const TermProgram program_;
  const ChunkSize size_;
  JetLayers<T>& layers_;
  ActivationJet<T> activation_;
  SweepWork forward_work_, reverse_work_;
  KernelWork tape_forward_, tape_reverse_;   // per point
  EngineWork work_;
  std::deque<Turn> turns_;
  std::vector<Varying> varying_;
  std::vector<int> varying_channel_, varying_feature_;
  std::vector<T> constant_;            // [channels, features]
  // per chunk, columns of `chunk` points
  T* coordinates_ = nullptr;           // [dimensions]
  T* features_ = nullptr;              // [varying]
  double* sum_ = nullptr;              // scratch, one column
  double* slots_ = nullptr;            // [slots]
  T* slots_cast_ = nullptr;            // [slots]
  T* coefficients_ = nullptr;          // [points, monomials], when they vary
  T *outputs_ = nullptr, *output_adjoints_ = nullptr;   // [fields, channels]
  std::vector<Column<const T>> inputs_;
  std::vector<Column<T>> adjoints_;
};

}  // namespace jetpinn
