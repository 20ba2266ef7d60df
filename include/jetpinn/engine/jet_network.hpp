// The network in an engine's type: its layers' parameters, and the buffers through which the jets of every term are swept.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/layer/buffer_plan.hpp"
#include "jetpinn/layer/jet_layer.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/runtime/device.hpp"
#include "jetpinn/runtime/product.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

// A chunk fits 768 KiB (second-level cache), a tile's layer 24 KiB (first level): constants, so that sums are equal
// everywhere. A block at most; more than the 768 KiB where it would have fewer rows than 3/4 of the widest matrix.
// points: the chunk, where it is given.
ChunkSize choose_chunk(const BufferPlan& plan, int channels, std::int64_t bytes_per_value, std::int64_t points = 0);
// Of a device: whole blocks that fit 256 MiB, in one tile, for each of its threads takes one unit of one point.
ChunkSize choose_device_chunk(const BufferPlan& plan, int channels, std::int64_t bytes_per_value, std::int64_t points = 0);

template <class A>
ChunkSize chunk_of(const BufferPlan& plan, int channels, std::int64_t points = 0) {
  return (A::Space::host ? choose_chunk : choose_device_chunk)(plan, channels, sizeof(typename A::Compute), points);
}

// Some term's plan has trained coefficients.
bool trained_coefficients(const std::vector<const TermProgram*>& terms);

// The layers, one after the other. Shared by all terms of an engine.
template <class A>
class JetNetwork {
 public:
  using T = typename A::Storage;
  using Vector = Pointer<double, typename A::Space>;
  using ConstVector = Pointer<const double, typename A::Space>;

  // stream: of loads and flushes. trained_coefficients: some term has such, whose adjoints pass through all layers.
  // recomputed: layers whose jets are not kept from the forward sweep to the reverse.
  JetNetwork(const Network& network, const ProductChoice& products, PoolOf<A>& pool, Stream stream,
             BufferUse use = BufferUse::training, bool trained_coefficients = false,
             const RecomputedLayers& recomputed = {});

  const Network& network() const { return network_; }
  const BufferPlan& plan() const { return plan_; }
  BufferUse use() const { return use_; }
  int layers() const { return static_cast<int>(layers_.size()); }

  // [Network::parameters] where the network computes, and the constants of the stage. The numbers that expressions train
  // come to the host, which hands them to kernels: it waits for these few.
  void load(ConstVector parameters, const std::vector<double>& constants = {});
  // Its two halves: what the host reads, and what kernels do.
  void load_numbers(ConstVector parameters, const std::vector<double>& constants);
  void load_layers(ConstVector parameters);
  void load_direction(ConstVector direction);  // as load, after it: where tangents go along
  void flush(Vector gradient);                 // [Network::parameters] += what layers gathered; starts again from zero
  void flush(int layer, Vector gradient);      // of one layer
  const RunNumbers& numbers() const { return numbers_; }                                 // that were loaded
  const std::vector<double>& trainable_direction() const { return trainable_direction_; }  // as load_direction was told
  // Where the parameters of layers from `layer` on begin in the flat buffer.
  std::int64_t first_parameter(int layer) const;

  // Buffers for chunks of at most `chunk_rows` rows (channels times points) and tiles of at most `tile_rows`, for modules
  // that are made from now on.
  void allocate(std::int64_t chunk_rows, std::int64_t tile_rows, PoolOf<A>& pool);
  // The layers as a term sees them; after allocate(). `setting` comes with everything but places.
  std::unique_ptr<JetModule<A>> module(int layer, ModuleSetting<A> setting);
  JetPlace<A> output(int layer, int channels) const {
    return place(plan_.jets[static_cast<std::size_t>(layer)].value, layer, channels);
  }

 private:
  JetPlace<A> place(int buffer, int layer, int channels) const;

  std::vector<double> trainables_of(ConstVector parameters) const;

  const Network network_;
  const Stream stream_;
  const BufferUse use_;
  const BufferPlan plan_;
  std::vector<std::unique_ptr<JetLayer<A>>> layers_;
  RunNumbers numbers_;
  std::vector<double> trainable_direction_;
  std::vector<bool> along_;        // [layers] some sweep along a direction passes through it
  std::vector<Place<A>> buffers_;  // [buffers of the plan]
  WideTiles tiles_;                // where rows are kept in bf16
};

}  // namespace jetpinn
