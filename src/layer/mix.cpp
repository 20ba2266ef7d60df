// Y = alpha F + (1 - alpha) X with one trained alpha, or Y = F + X where the layer has no parameter: a way around the layers
// between X and F.
#include "jetpinn/kernels/activation_tangent.hpp"
#include "jetpinn/kernels/device_jets.hpp"
#include "jetpinn/kernels/jet_mix.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/jet_layer.hpp"
#include "jetpinn/layer/parameter_rows.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

template <class A>
struct Shares {
  using T = typename A::Storage;
  std::int64_t width = 0;
  T a = 1, b = 1, direction = 0;   // alpha, 1 - alpha and the change of alpha, on a host
  Place<A> on_device = nullptr;    // [3] the same on a device
  SumPlace<A> gradient = nullptr;  // [width] of alpha, one sum for each unit; none: not trained
};

// Per unit, point and channel: forward reads 2 and writes 1 value; reverse reads 4 and writes 2, 3 where it restores Y; of a
// plain sum it reads 2 and writes 2.
template <class A>
class MixModule : public JetModule<A> {
 public:
  using T = typename A::Storage;
  using Space = typename A::Space;

  MixModule(Shares<A>& shares, const ModuleSetting<A>& setting)
      : shares_(shares),
        f_(setting.inputs[0]),
        x_(setting.inputs[1]),
        value_(setting.value),
        again_(setting.again),
        restored_(setting.restored),
        adjoint_(setting.adjoint),
        tangent_(setting.tangent),
        channels_(setting.channels()) {
    if constexpr (!Space::host) {
      if (trained()) partial_ = setting.pool.template allocate<T>(sum_runs(channels_ * setting.size.tile) * shares.width);
    }
  }

  void forward(Stream stream, TileRange tile) override {
    MixSweep<T, Space> sweep = begin(tile, &JetInput<A>::value);
    sweep.y = value_.at(tile);
    mix_forward(stream, sweep);
  }
  void again(Stream stream, TileRange tile) override {
    MixSweep<T, Space> sweep = begin(tile, &JetInput<A>::again);
    sweep.y = again_.at(tile);
    mix_forward(stream, sweep);
  }
  // From Ȳ to F̄ in place.
  void reverse(Stream stream, TileRange tile) override {
    MixSweep<T, Space> sweep = trained() ? begin(tile, &JetInput<A>::restored) : begin(tile);
    if (restored_.data) sweep.y = restored_.at(tile);
    sweep.adjoint = adjoint_.at(tile);
    if (x_.adjoint.data) sweep.x_adjoint = x_.adjoint.at(tile);
    sweep.writes = !x_.adds;
    sweep.share_gradient = shares_.gradient;
    sweep.partial = partial_;
    mix_reverse(stream, sweep);
  }

  // dY = alpha dF + (1 - alpha) dX + dalpha (F - X)
  void tangent(Stream stream, TileRange tile) override {
    MixSweep<T, Space> sweep = begin(tile, &JetInput<A>::tangent);
    sweep.y = tangent_.at(tile);
    mix_forward(stream, sweep);
    if (!trained()) return;
    const std::int64_t count = channels_ * tile.points * shares_.width;
    add_along(stream, count, 1, f_.value.at(tile), tangent_.at(tile));
    add_along(stream, count, -1, x_.value.at(tile), tangent_.at(tile));
  }

  SweepWork forward_work() const override { return work(3, 3); }
  SweepWork reverse_work() const override {
    if (!trained()) return work(3, 4);
    return work(restored_.data ? 9 : 6, restored_.data ? 7 : 6);
  }
  SweepWork tangent_work() const override { return trained() ? work(7, 9) : work(3, 3); }

 private:
  bool trained() const { return static_cast<bool>(shares_.gradient); }
  void add_along(Stream stream, std::int64_t count, T sign, ConstPlace<A> x, Place<A> y) const {
    if constexpr (Space::host)
      add_scaled<T>(stream, count, sign * shares_.direction, x, y);
    else
      add_scaled_by<T, Space>(stream, count, shares_.on_device + 2, sign, x, y);
  }
  MixSweep<T, Space> begin(TileRange tile) const {
    MixSweep<T, Space> sweep;
    sweep.tile = {tile.points, shares_.width};
    sweep.channels = channels_;
    sweep.a = shares_.a;
    sweep.b = shares_.b;
    if constexpr (!Space::host) sweep.shares = shares_.on_device;
    return sweep;
  }
  MixSweep<T, Space> begin(TileRange tile, JetPlace<A> JetInput<A>::* values) const {
    MixSweep<T, Space> sweep = begin(tile);
    sweep.f = (f_.*values).at(tile);
    sweep.x = (x_.*values).at(tile);
    return sweep;
  }
  SweepWork work(int flop, int values) const {
    SweepWork work;
    const double rows = static_cast<double>(shares_.width) * channels_;
    work.point.activation = {rows * flop, rows * values * sizeof(T)};
    return work;
  }

  Shares<A>& shares_;
  const JetInput<A> f_, x_;
  const JetPlace<A> value_, again_, restored_, adjoint_, tangent_;
  const int channels_;
  Place<A> partial_ = nullptr;   // a device's scratch of sums
};

template <class A>
class MixLayer : public JetLayer<A> {
 public:
  using T = typename A::Storage;
  using Space = typename A::Space;

  explicit MixLayer(const LayerSetting<A>& setting) : stream_(setting.stream) {
    shares_.width = padded<T>(setting.layer.units);
    if (setting.layer.blocks.empty()) return;
    shares_.gradient = setting.pool.template allocate<typename A::Accumulate>(shares_.width);
    if constexpr (!Space::host) shares_.on_device = setting.pool.template allocate<T>(3);
  }
  void load(typename JetLayer<A>::ConstOwn own) override {
    if (!shares_.gradient) return;
    if constexpr (Space::host) {
      shares_.a = static_cast<T>(own[0]);
      shares_.b = static_cast<T>(1 - own[0]);
    } else {
      launch(Space{}, stream_, "jetpinn::mix_shares", 2, SharesItem<T>{own.address(), shares_.on_device.address()});
    }
  }
  void load_direction(typename JetLayer<A>::ConstOwn own) override {
    if (!shares_.gradient) return;
    if constexpr (Space::host)
      shares_.direction = static_cast<T>(own[0]);
    else
      load_rows(stream_, own, {1, 1, 1}, shares_.on_device + 2);
  }
  void flush(typename JetLayer<A>::Own own) override {
    if (!shares_.gradient) return;
    if constexpr (Space::host) {
      for (std::int64_t j = 0; j < shares_.width; ++j) own[0] += shares_.gradient[j];
      std::fill_n(shares_.gradient, shares_.width, typename A::Accumulate(0));
    } else {
      launch(Space{}, stream_, "jetpinn::mix_share_gradient", 1,
             ShareGradientItem<typename A::Accumulate>{shares_.gradient.address(), shares_.width, own.address()});
    }
  }
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override {
    return std::make_unique<MixModule<A>>(shares_, setting);
  }

 private:
  const Stream stream_;
  Shares<A> shares_;
};

class MixKind : public LayerKindOf<MixLayer> {
 public:
  std::string name() const override { return "mix"; }
  // A plain sum needs no values in reverse, and is kept where somebody reads it: its addends need not be.
  LayerNeeds needs(const Layer& layer) const override {
    LayerNeeds needs;
    needs.values_in_reverse = needs.restores = layer.trained();
    needs.in_place = 0;
    return needs;
  }
};

}  // namespace

const LayerKind& mix_kind() {
  static const MixKind kind;
  return kind;
}

}  // namespace jetpinn
