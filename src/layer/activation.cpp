// h = s(z + b), jet by jet (kernels/activation_jet.hpp has the formulas and their adjoints).
#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/kernels/activation_tangent.hpp"
#include "jetpinn/kernels/coefficient_adjoint.hpp"
#include "jetpinn/kernels/device_coefficients.hpp"
#include "jetpinn/kernels/device_jets.hpp"
#include "jetpinn/kernels/kernel_flop.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/jet_layer.hpp"
#include "jetpinn/layer/parameter_rows.hpp"

namespace jetpinn {
namespace {

template <class A>
struct Bias {
  std::int64_t width = 0;
  Place<A> values = nullptr;  // [width]
  SumPlace<A> gradient = nullptr;
  Place<A> direction = nullptr;  // made where it is asked for
};

// Per unit and point: forward reads V and writes V + 1 values, the memo included; reverse reads 2 V and writes V, 2 V where
// it restores h.
template <class A>
class ActivationModule : public JetModule<A> {
 public:
  using T = typename A::Storage;
  using Space = typename A::Space;
  using Jet = std::conditional_t<Space::host, ActivationJet<T>, DeviceActivation<T, Space>>;

  ActivationModule(Bias<A>& bias, Activation activation, const ModuleSetting<A>& setting)
      : bias_(bias),
        activation_(activation),
        jet_(make_jet(activation, setting)),
        points_(setting.points),
        z_(setting.inputs[0]),
        value_(setting.value),
        again_(setting.again),
        restored_(setting.restored),
        adjoint_(setting.adjoint),
        tangent_(setting.tangent),
        channels_(setting.channels()),
        forward_flop_(jet_forward_flop<T>(activation, setting.program.plan.program)),
        reverse_flop_(jet_reverse_flop<T>(activation, setting.program.plan.program)),
        tangent_flop_(jet_tangent_flop<T>(activation, setting.program.plan.program)) {
    if constexpr (!Space::host) {
      partial_ = setting.pool.template allocate<T>(sum_runs(setting.size.tile) * bias_.width);
      if (!points_.slots().trained_monomials().empty())
        coefficient_partial_ = setting.pool.template allocate<double>(coefficient_scratch({setting.size.tile, bias_.width}));
    }
  }

  void forward(Stream stream, TileRange tile) override { activate(stream, tile, z_.value, value_); }
  void again(Stream stream, TileRange tile) override { activate(stream, tile, z_.again, again_); }
  // From h̄ to z̄ in place.
  void reverse(Stream stream, TileRange tile) override {
    JetSweep<T, Space> sweep = begin(tile, z_.restored);
    sweep.adjoint = adjoint_.at(tile);
    sweep.bias_gradient = bias_.gradient;
    sweep.partial = partial_;
    reverse_coefficients(stream, tile);
    if (restored_.data) sweep.h = restored_.at(tile);
    jet_.reverse(stream, sweep);
  }

  // dh from dz and db; z holds the memo that forward left.
  void tangent(Stream stream, TileRange tile) override {
    TangentSweep<T, Space> sweep;
    sweep.tile = {tile.points, bias_.width};
    sweep.coefficients = points_.interpreted(tile.first);
    sweep.coefficient_stride = points_.interpreted_stride();
    sweep.coefficient_changes = points_.coefficient_changes(tile.first);
    sweep.z = z_.value.at(tile);
    sweep.z_tangent = z_.tangent.at(tile);
    sweep.bias_tangent = bias_.direction;
    sweep.h_tangent = tangent_.at(tile);
    if constexpr (Space::host) activation_tangent<T>(stream, activation_, points_.tables(), sweep);
    else activation_tangent(stream, activation_, jet_.program, sweep);
  }

  SweepWork forward_work() const override { return work(forward_flop_, 2 * channels_ + 1); }
  SweepWork reverse_work() const override {
    const auto& trained = points_.slots().trained_monomials();
    return work(reverse_flop_ + activation_coefficients_flop<T>(activation_, trained),
                ((restored_.data ? 4 : 3) + (trained.empty() ? 0 : 2)) * channels_);
  }
  SweepWork tangent_work() const override { return work(tangent_flop_, 3 * channels_); }

 private:
  static Jet make_jet(Activation activation, const ModuleSetting<A>& setting) {
    if constexpr (Space::host) return Jet(activation, setting.program.plan.program);
    else return Jet{activation, setting.points.jet_program()};
  }
  // Adjoints of trained coefficients from z and h̄, which the reverse overwrites; they read 2 V values a unit once more.
  void reverse_coefficients(Stream stream, TileRange tile) const {
    const SlotColumns<A>& slots = points_.slots();
    if (slots.trained_monomials().empty()) return;
    CoefficientSweep<T, Space> sweep;
    sweep.tile = {tile.points, bias_.width};
    sweep.adjoint = adjoint_.at(tile);
    sweep.z = z_.restored.at(tile);
    sweep.slots = slots.adjoint(0) + tile.first;
    sweep.stride = slots.stride();
    sweep.partial = coefficient_partial_;
    activation_coefficients_reverse(stream, activation_, slots.trained_monomials(), sweep);
  }
  // z receives the memo that the reverse reads.
  void activate(Stream stream, TileRange tile, const JetPlace<A>& z, const JetPlace<A>& h) const {
    JetSweep<T, Space> sweep = begin(tile, z);
    sweep.bias = bias_.values;
    sweep.h = h.at(tile);
    jet_.forward(stream, sweep);
  }
  JetSweep<T, Space> begin(TileRange tile, const JetPlace<A>& z) const {
    JetSweep<T, Space> sweep;
    sweep.tile = {tile.points, bias_.width};
    sweep.coefficients = points_.coefficients(tile.first);
    sweep.coefficient_stride = points_.coefficient_stride();
    sweep.z = z.at(tile);
    return sweep;
  }
  SweepWork work(double flop, int values) const {
    SweepWork work;
    const auto units = static_cast<double>(bias_.width);
    work.point.activation = {units * flop, units * values * sizeof(T)};
    return work;
  }

  Bias<A>& bias_;
  const Activation activation_;
  const Jet jet_;
  const PointColumns<A>& points_;
  const JetInput<A> z_;
  const JetPlace<A> value_, again_, restored_, adjoint_, tangent_;
  const int channels_;
  const double forward_flop_, reverse_flop_, tangent_flop_;  // per unit
  Place<A> partial_ = nullptr;                               // a device's scratch of sums
  Pointer<double, Space> coefficient_partial_ = nullptr;     // and of those for coefficients
};

template <class A>
class ActivationLayer : public JetLayer<A> {
 public:
  using T = typename A::Storage;

  explicit ActivationLayer(const LayerSetting<A>& setting) : layer_(setting.layer), stream_(setting.stream) {
    bias_.width = padded<T>(layer_.units);
    bias_.values = setting.pool.template allocate<T>(bias_.width);
    bias_.gradient = setting.pool.template allocate<typename A::Accumulate>(bias_.width);
  }
  void load(typename JetLayer<A>::ConstOwn own) override { load_rows(stream_, own, shape(), bias_.values); }
  void load_direction(typename JetLayer<A>::ConstOwn own) override {
    if (layer_.trained()) load_rows(stream_, own, shape(), bias_.direction);
  }
  void flush(typename JetLayer<A>::Own own) override { flush_rows(stream_, bias_.gradient, shape(), own); }
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override {
    if (setting.along && !bias_.direction) bias_.direction = setting.pool.template allocate<T>(bias_.width);
    return std::make_unique<ActivationModule<A>>(bias_, layer_.activation, setting);
  }

 private:
  RowShape shape() const { return {1, layer_.units, bias_.width}; }

  const Layer& layer_;
  const Stream stream_;
  Bias<A> bias_;
};

class ActivationKind : public LayerKindOf<ActivationLayer> {
 public:
  std::string name() const override { return "activation"; }
  LayerNeeds needs(const Layer&) const override {
    LayerNeeds needs;
    needs.values_in_reverse = needs.restores = needs.leaves_memo = true;
    needs.in_place = 0;
    return needs;
  }
};

}  // namespace

const LayerKind& activation_kind() {
  static const ActivationKind kind;
  return kind;
}

}  // namespace jetpinn
