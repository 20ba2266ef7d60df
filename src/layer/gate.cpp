// H = U + Z * (V - U): mixes two encodings of the coordinates, as much of each as Z says (Wang, Teng and Perdikaris, 2021).
#include "jetpinn/kernels/activation_tangent.hpp"
#include "jetpinn/kernels/device_jets.hpp"
#include "jetpinn/kernels/jet_gate.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/jet_layer.hpp"
#include "jetpinn/layer/twin.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace jetpinn {
namespace {

// Per unit and point: forward reads 3 V and writes V values; reverse reads 6 V and writes 3 V, 4 V where it restores H.
template <class A>
class GateModule : public JetModule<A> {
 public:
  using T = typename A::Storage;
  using Space = typename A::Space;
  using Gate = std::conditional_t<Space::host, JetGate<T>, DeviceGate<T, Space>>;

  explicit GateModule(std::int64_t units, const ModuleSetting<A>& setting)
      : gate_(make_gate(setting)),
        points_(setting.points),
        z_(setting.inputs[0]),
        u_(setting.inputs[1]),
        v_(setting.inputs[2]),
        value_(setting.value),
        restored_(setting.restored),
        adjoint_(setting.adjoint),
        tangent_(setting.tangent),
        width_(padded<T>(units)),
        channels_(setting.channels()),
        forward_flop_(gate_forward_flop(setting.program.plan.program)),
        reverse_flop_(gate_reverse_flop(setting.program.plan.program)) {
    if (setting.along) other_ = setting.pool.template allocate<T>(channels_ * setting.size.tile * width_);
  }

  void forward(Stream stream, TileRange tile) override {
    GateSweep<T, Space> sweep = begin(tile, &JetInput<A>::value);
    sweep.h = value_.at(tile);
    gate_.forward(stream, sweep);
  }
  // From H̄ to Z̄ in place; Ū and V̄ gather the shares of all gates.
  void reverse(Stream stream, TileRange tile) override {
    GateSweep<T, Space> sweep = begin(tile, &JetInput<A>::restored);
    if (restored_.data) sweep.h = restored_.at(tile);
    sweep.adjoint = adjoint_.at(tile);
    sweep.u_adjoint = u_.adjoint.at(tile);
    sweep.v_adjoint = v_.adjoint.at(tile);
    sweep.writes = !u_.adds;
    gate_.reverse(stream, sweep);
  }

  // dH = dU + Z * (dV - dU) + dZ * (V - U): two gates less the U of the second.
  void tangent(Stream stream, TileRange tile) override {
    GateSweep<T, Space> sweep = begin(tile, &JetInput<A>::value);
    sweep.u = u_.tangent.at(tile);
    sweep.v = v_.tangent.at(tile);
    sweep.h = tangent_.at(tile);
    gate_.forward(stream, sweep);
    sweep = begin(tile, &JetInput<A>::value);
    sweep.z = z_.tangent.at(tile);
    sweep.h = other_;
    gate_.forward(stream, sweep);
    const std::int64_t count = channels_ * tile.points * width_;
    add_scaled<T>(stream, count, T(1), other_, tangent_.at(tile));
    add_scaled<T>(stream, count, T(-1), sweep.u, tangent_.at(tile));
  }

  SweepWork forward_work() const override { return work(forward_flop_, 4); }
  SweepWork reverse_work() const override { return work(reverse_flop_, restored_.data ? 10 : 9); }
  SweepWork tangent_work() const override { return work(2 * forward_flop_ + 4 * channels_, 14); }

 private:
  static Gate make_gate(const ModuleSetting<A>& setting) {
    if constexpr (Space::host) return Gate(setting.program.plan.program);
    else return Gate{setting.points.jet_program()};
  }
  GateSweep<T, Space> begin(TileRange tile, JetPlace<A> JetInput<A>::*values) const {
    GateSweep<T, Space> sweep;
    sweep.tile = {tile.points, width_};
    sweep.coefficients = points_.coefficients(tile.first);
    sweep.coefficient_stride = points_.coefficient_stride();
    sweep.z = (z_.*values).at(tile);
    sweep.u = (u_.*values).at(tile);
    sweep.v = (v_.*values).at(tile);
    return sweep;
  }
  SweepWork work(double flop, int values) const {
    SweepWork work;
    const auto units = static_cast<double>(width_);
    work.point.activation = {units * flop, units * values * channels_ * sizeof(T)};
    return work;
  }

  const Gate gate_;
  const PointColumns<A>& points_;
  const JetInput<A> z_, u_, v_;
  const JetPlace<A> value_, restored_, adjoint_, tangent_;
  const std::int64_t width_;
  const int channels_;
  Place<A> other_ = nullptr;  // [channels, tile, width] scratch of tangents
  const double forward_flop_, reverse_flop_;  // per unit
};

template <class A>
class GateLayer : public JetLayer<A> {
 public:
  using T = typename A::Storage;

  explicit GateLayer(const LayerSetting<A>& setting) : units_(setting.layer.units) {}
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override {
    return std::make_unique<GateModule<A>>(units_, setting);
  }

 private:
  const std::int64_t units_;
};

class GateKind : public LayerKindOf<GateLayer> {
 public:
  std::string name() const override { return "gate"; }
  LayerNeeds needs(const Layer&) const override {
    LayerNeeds needs;
    needs.values_in_reverse = needs.restores = true;
    needs.in_place = 0;
    return needs;
  }
  at::Tensor twin(const Layer&, const TwinInput& input) const override {
    const at::Tensor &z = input.inputs[0], &u = input.inputs[1], &v = input.inputs[2];
    return u + z * (v - u);
  }
};

}  // namespace

const LayerKind& gate_kind() {
  static const GateKind kind;
  return kind;
}

}  // namespace jetpinn
