// H = U + Z * (V - U): mixes two encodings of the coordinates, as much of each as Z says (Wang, Teng and Perdikaris, 2021).
#include "jetpinn/kernels/activation_tangent.hpp"
#include "jetpinn/kernels/coefficient_adjoint.hpp"
#include "jetpinn/kernels/device_coefficients.hpp"
#include "jetpinn/kernels/device_jets.hpp"
#include "jetpinn/kernels/jet_gate.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/jet_layer.hpp"

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
        again_(setting.again),
        restored_(setting.restored),
        adjoint_(setting.adjoint),
        tangent_(setting.tangent),
        width_(padded<T>(units)),
        channels_(setting.channels()),
        forward_flop_(gate_forward_flop(setting.program.plan.program)),
        reverse_flop_(gate_reverse_flop(setting.program.plan.program)),
        trained_(monomials_of_degree_two(setting.points.slots().trained_monomials())) {
    if (setting.along) other_ = setting.pool.template allocate<T>(channels_ * setting.size.tile * width_);
    if constexpr (Space::host) {
      if (setting.along) interpreted_.emplace(setting.program.plan.program, false);
    } else {
      if (!trained_.empty())
        partial_ = setting.pool.template allocate<double>(coefficient_scratch({setting.size.tile, width_}));
      if (setting.along && points_.slots().trained())
        no_coefficients_ = setting.pool.template allocate<T>(setting.points.jet_program().monomials());
    }
  }

  void forward(Stream stream, TileRange tile) override {
    GateSweep<T, Space> sweep = begin(tile, &JetInput<A>::value);
    sweep.h = value_.at(tile);
    gate_.forward(stream, sweep);
  }
  void again(Stream stream, TileRange tile) override {
    GateSweep<T, Space> sweep = begin(tile, &JetInput<A>::again);
    sweep.h = again_.at(tile);
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
    reverse_coefficients(stream, tile, sweep);
    gate_.reverse(stream, sweep);
  }

  // dH = dU + Z * (dV - dU) + dZ * (V - U): two gates less the U of the second. Where coefficients change, what a gate with
  // their changes has more than one with none.
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
    add_coefficient_changes(stream, tile);
  }

  SweepWork forward_work() const override { return work(forward_flop_, 4); }
  SweepWork reverse_work() const override {
    return work(reverse_flop_ + gate_coefficients_flop(trained_), (restored_.data ? 10 : 9) + (trained_.empty() ? 0 : 4));
  }
  SweepWork tangent_work() const override { return work(2 * forward_flop_ + 4 * channels_, 14); }

 private:
  static Gate make_gate(const ModuleSetting<A>& setting) {
    if constexpr (Space::host) return Gate(setting.program.plan.program);
    else return Gate{setting.points.jet_program()};
  }
  // In the interpreter's order, as changes are.
  void add_coefficient_changes(Stream stream, TileRange tile) {
    const ConstPlace<A> changes = points_.coefficient_changes(tile.first);
    if (!changes) return;
    if constexpr (Space::host) {
      zeros_.assign(static_cast<std::size_t>(interpreted_->coefficients().monomials()), T(0));
      no_coefficients_ = zeros_.data();
    }
    for (const bool changed : {true, false}) {
      GateSweep<T, Space> sweep = begin(tile, &JetInput<A>::value);
      sweep.coefficients = changed ? changes : no_coefficients_;
      sweep.coefficient_stride = changed ? points_.interpreted_stride() : 0;
      sweep.h = other_;
      if constexpr (Space::host)
        interpreted_->forward(stream, sweep);
      else
        gate_.forward(stream, sweep);
      add_scaled<T>(stream, channels_ * tile.points * width_, changed ? T(1) : T(-1), other_, tangent_.at(tile));
    }
  }
  // Adjoints of trained coefficients, from the jets that the reverse reads: 4 V values a unit once more.
  void reverse_coefficients(Stream stream, TileRange tile, const GateSweep<T, Space>& jets) const {
    if (trained_.empty()) return;
    CoefficientSweep<T, Space> sweep;
    sweep.tile = jets.tile;
    sweep.adjoint = jets.adjoint;
    sweep.z = jets.z, sweep.u = jets.u, sweep.v = jets.v;
    sweep.slots = points_.slots().adjoint(0) + tile.first;
    sweep.stride = points_.slots().stride();
    sweep.partial = partial_;
    gate_coefficients_reverse(stream, trained_, sweep);
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
  std::optional<JetGate<T>> interpreted_;   // of a host's sweeps along directions
  const PointColumns<A>& points_;
  const JetInput<A> z_, u_, v_;
  const JetPlace<A> value_, again_, restored_, adjoint_, tangent_;
  const std::int64_t width_;
  const int channels_;
  Place<A> other_ = nullptr;  // [channels, tile, width] scratch of tangents
  std::vector<T> zeros_;      // of a host
  ConstPlace<A> no_coefficients_ = nullptr;   // [monomials] zeros
  Pointer<double, Space> partial_ = nullptr;  // a device's scratch of sums
  const double forward_flop_, reverse_flop_;  // per unit
  const std::vector<JetMonomial> trained_;    // whose coefficients are
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
};

}  // namespace

const LayerKind& gate_kind() {
  static const GateKind kind;
  return kind;
}

}  // namespace jetpinn
