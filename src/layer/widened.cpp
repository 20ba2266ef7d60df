// A layer that computes in fp32 on rows kept in bf16: a tile of its inputs is widened into scratch in the first-level cache,
// the layer computes there as it does in an engine of fp32, and what it gives is rounded, once, into the rows that are kept.
#include "jetpinn/base/error.hpp"
#include "jetpinn/layer/jet_layer.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

// Rows that are kept, and the tile in which they are computed with. No tile: nobody reads or writes them.
struct Wide {
  JetPlace<HostBf16> kept;
  float* tile = nullptr;
  JetPlace<HostFp32> place() const { return {tile, kept.width, 0}; }
};

class WidenedModule : public JetModule<HostBf16> {
 public:
  WidenedModule(JetLayer<HostFp32>& layer, const LayerNeeds& needs, const Bf16Kernels* kernels,
                const ModuleSetting<HostBf16>& setting)
      : needs_(needs), kernels_(kernels), channels_(setting.channels()), tile_(setting.size.tile) {
    std::size_t tiles = 0;
    const auto wide = [&](const JetPlace<HostBf16>& kept) {
      return Wide{kept, kept.data ? setting.tiles->tile(tiles++, setting.pool) : nullptr};
    };
    ModuleSetting<HostFp32> inner{setting.program, setting.points, setting.size,  {}, {}, {}, {}, {}, {},
                                  setting.fields,  setting.pool,   setting.stream};
    adjoint_ = wide(setting.adjoint);
    for (const JetInput<HostBf16>& input : setting.inputs) {
      Input here{wide(input.value), input.again, input.restored, {}, input.adds};
      // One that works in place takes the adjoint of its output and leaves that of its input there.
      here.adjoint = input.adjoint.data == setting.adjoint.data ? adjoint_ : wide(input.adjoint);
      inputs_.push_back(here);
      inner.inputs.push_back({here.value.place(), {}, here.value.place(), here.adjoint.place(), {}, input.adds});
    }
    output_ = wide(setting.value.data ? setting.value : setting.restored);
    again_ = setting.again;
    restored_ = setting.restored;
    inner.value = output_.place();
    if (restored_.data) inner.restored = output_.place();
    inner.adjoint = adjoint_.place();
    inner_ = layer.module(inner);
  }

  void begin_chunk(Stream stream, std::int64_t points) override { inner_->begin_chunk(stream, points); }

  void forward(Stream stream, TileRange tile) override {
    for (const Input& input : inputs_) widen(input.value.kept, input.value.tile, tile);
    inner_->forward(stream, tile);
    round(output_.tile, output_.kept, tile);
    if (needs_.leaves_memo) round(inputs_[0].value.tile, inputs_[0].value.kept, tile, 1);
  }
  void again(Stream stream, TileRange tile) override {
    for (const Input& input : inputs_) widen(input.again, input.value.tile, tile);
    inner_->forward(stream, tile);
    round(output_.tile, again_, tile);
    if (needs_.leaves_memo) round(inputs_[0].value.tile, inputs_[0].again, tile, 1);
  }

  void reverse(Stream stream, TileRange tile) override {
    if (needs_.values_in_reverse)
      for (const Input& input : inputs_) widen(input.restored, input.value.tile, tile);
    widen(adjoint_.kept, adjoint_.tile, tile);
    for (const Input& input : inputs_)
      if (input.adds && input.adjoint.tile != adjoint_.tile) widen(input.adjoint.kept, input.adjoint.tile, tile);
    inner_->reverse(stream, tile);
    for (const Input& input : inputs_) round(input.adjoint.tile, input.adjoint.kept, tile);
    round(output_.tile, restored_, tile);
  }

  void tangent(Stream, TileRange) override { JETPINN_CHECK(false, "a sweep along a direction in bf16"); }

  // Gradients add up over tiles as they do over chunks.
  void gather(Stream stream, std::int64_t points) override {
    if (!needs_.values_in_gather) return inner_->gather(stream, points);
    for (std::int64_t i = 0; i < points; i += tile_) {
      const TileRange tile{i, std::min(tile_, points - i)};
      for (const Input& input : inputs_) widen(input.restored, input.value.tile, tile);
      widen(adjoint_.kept, adjoint_.tile, tile);
      inner_->gather(stream, tile.points);
    }
  }

  Region region() const override { return inner_->region(); }
  SweepWork forward_work() const override { return inner_->forward_work(); }
  SweepWork reverse_work() const override { return inner_->reverse_work(); }
  SweepWork tangent_work() const override { return {}; }

 private:
  struct Input {
    Wide value;
    JetPlace<HostBf16> again, restored;
    Wide adjoint;
    bool adds;
  };

  void widen(const JetPlace<HostBf16>& from, float* to, TileRange tile) const {
    if (from.data && to) kernels_->widen(channels_ * tile.points * from.width, from.at(tile), to);
  }
  void round(const float* from, const JetPlace<HostBf16>& to, TileRange tile) const { round(from, to, tile, channels_); }
  void round(const float* from, const JetPlace<HostBf16>& to, TileRange tile, int channels) const {
    if (from && to.data) kernels_->round(channels * tile.points * to.width, from, to.at(tile));
  }

  const LayerNeeds needs_;
  const Bf16Kernels* kernels_;
  const int channels_;
  const std::int64_t tile_;
  std::vector<Input> inputs_;
  Wide output_, adjoint_;
  JetPlace<HostBf16> again_, restored_;
  std::unique_ptr<JetModule<HostFp32>> inner_;
};

class WidenedLayer : public JetLayer<HostBf16> {
 public:
  WidenedLayer(const LayerKind& kind, const LayerSetting<HostBf16>& setting)
      : needs_(kind.needs(setting.layer)),
        kernels_(setting.pool.planning() ? nullptr : &bf16_kernels(setting.products.bf16_backend())),
        layer_(kind.make(
            LayerSetting<HostFp32>{setting.network, setting.layer, setting.products, setting.pool, setting.stream})) {}

  void load(const double* own) override { layer_->load(own); }
  void flush(double* own) override { layer_->flush(own); }
  std::unique_ptr<JetModule<HostBf16>> module(const ModuleSetting<HostBf16>& setting) override {
    return std::make_unique<WidenedModule>(*layer_, needs_, kernels_, setting);
  }

 private:
  const LayerNeeds needs_;
  const Bf16Kernels* kernels_;  // null: planned only
  std::unique_ptr<JetLayer<HostFp32>> layer_;
};

}  // namespace

std::unique_ptr<JetLayer<HostBf16>> LayerKind::make(const LayerSetting<HostBf16>& setting) const {
  return std::make_unique<WidenedLayer>(*this, setting);
}

}  // namespace jetpinn
