#include "jetpinn/kernels/device_jets.hpp"

#include "jetpinn/kernels/activation.hpp"
#include "jetpinn/kernels/jet_items.hpp"
#include "jetpinn/kernels/parameter_items.hpp"

namespace jetpinn {
namespace {

// Sweeps with plain addresses, as kernels hold them.
template <class T, class Space>
JetSweep<T> addresses(const JetSweep<T, Space>& s) {
  return {s.tile,          address_of(s.coefficients), s.coefficient_stride,        address_of(s.bias),   address_of(s.z),
          address_of(s.h), address_of(s.adjoint),      address_of(s.bias_gradient), address_of(s.partial)};
}
template <class T, class Space>
TangentSweep<T> addresses(const TangentSweep<T, Space>& s) {
  return {s.tile,
          address_of(s.coefficients),
          s.coefficient_stride,
          address_of(s.coefficient_changes),
          address_of(s.z),
          address_of(s.z_tangent),
          address_of(s.bias_tangent),
          address_of(s.h_tangent)};
}
template <class T, class Space>
GateSweep<T> addresses(const GateSweep<T, Space>& s) {
  return {s.tile,
          address_of(s.coefficients),
          s.coefficient_stride,
          address_of(s.z),
          address_of(s.u),
          address_of(s.v),
          address_of(s.h),
          address_of(s.adjoint),
          address_of(s.u_adjoint),
          address_of(s.v_adjoint),
          s.writes};
}
template <class T, class Space>
MixSweep<T> addresses(const MixSweep<T, Space>& s) {
  return {s.tile,
          s.channels,
          s.a,
          s.b,
          address_of(s.f),
          address_of(s.x),
          address_of(s.y),
          address_of(s.adjoint),
          address_of(s.x_adjoint),
          s.writes,
          address_of(s.share_gradient),
          address_of(s.shares),
          address_of(s.partial)};
}

std::int64_t units(JetTile tile) { return tile.points * tile.width; }

// f(integral_constant of A) for an activation A that is known at run time.
template <class F>
void for_activation(Activation activation, const F& f) {
  with_activation(activation, [&](auto function) { return f(function), true; });
}

}  // namespace

template <class T, class Space>
void DeviceJetProgram<T, Space>::fill(Stream stream, std::int64_t points, Pointer<const T, Space> slots, std::int64_t stride,
                                      bool changes, Pointer<T, Space> k) const {
  launch(Space{}, stream, "jetpinn::jet_coefficients", points * monomials(),
         CoefficientItem<T>{monomials(), address_of(constant_), address_of(slot_), address_of(slots), stride, changes,
                            address_of(k)});
}

template <class T, class Space>
void activation_forward(Stream stream, Activation activation, const DeviceJetProgram<T, Space>& program,
                        const JetSweep<T, Space>& sweep) {
  for_activation(activation, [&](auto function) {
    launch(Space{}, stream, "jetpinn::activation_jet_forward_device", units(sweep.tile),
           ActivationForwardItem<T, kind_of(function)>{{addresses(sweep), program.view()}});
  });
}

template <class T, class Space>
void activation_reverse(Stream stream, Activation activation, const DeviceJetProgram<T, Space>& program,
                        const JetSweep<T, Space>& sweep) {
  for_activation(activation, [&](auto function) {
    sum_columns<T, Space>(stream, "jetpinn::activation_jet_reverse_device", sweep.tile.points, sweep.tile.width,
                          ActivationReverseTerm<T, kind_of(function)>{{addresses(sweep), program.view()}}, sweep.partial,
                          sweep.bias_gradient);
  });
}

template <class T, class Space>
void activation_tangent(Stream stream, Activation activation, const DeviceJetProgram<T, Space>& program,
                        const TangentSweep<T, Space>& sweep) {
  for_activation(activation, [&](auto function) {
    launch(Space{}, stream, "jetpinn::activation_tangent_device", units(sweep.tile),
           ActivationTangentItem<T, kind_of(function)>{{addresses(sweep), program.view()}});
  });
}

template <class T, class Space>
void gate_forward(Stream stream, const DeviceJetProgram<T, Space>& program, const GateSweep<T, Space>& sweep) {
  launch(Space{}, stream, "jetpinn::gate_forward_device", units(sweep.tile),
         GateForwardItem<T>{{addresses(sweep), program.view()}});
}

template <class T, class Space>
void gate_reverse(Stream stream, const DeviceJetProgram<T, Space>& program, const GateSweep<T, Space>& sweep) {
  launch(Space{}, stream, "jetpinn::gate_reverse_device", units(sweep.tile),
         GateReverseItem<T>{{addresses(sweep), program.view()}});
}

template <class T, class Space>
std::enable_if_t<!Space::host> mix_forward(Stream stream, const MixSweep<T, Space>& sweep) {
  launch(Space{}, stream, "jetpinn::mix_forward_device", sweep.channels * units(sweep.tile),
         MixForwardItem<T>{{addresses(sweep)}});
}

template <class T, class Space>
std::enable_if_t<!Space::host> mix_reverse(Stream stream, const MixSweep<T, Space>& sweep) {
  constexpr const char* label = "jetpinn::mix_reverse_device";
  if (!sweep.share_gradient)
    return launch(Space{}, stream, label, sweep.channels * units(sweep.tile), MixReverseItem<T>{{addresses(sweep)}});
  sum_columns<T, Space>(stream, label, sweep.channels * sweep.tile.points, sweep.tile.width,
                        MixReverseTerm<T>{{addresses(sweep)}}, sweep.partial, sweep.share_gradient);
}

template <class T, class Space>
void add_scaled_by(Stream stream, std::int64_t count, DevicePointer<const T, Space> a, T sign, Pointer<const T, Space> x,
                   DevicePointer<T, Space> y) {
  launch(Space{}, stream, "jetpinn::add_scaled_by_device", count,
         AddScaledByItem<T>{a.address(), sign, address_of(x), address_of(y)});
}

template <class T, class Space>
void add_scaled(Stream stream, std::int64_t count, T a, Pointer<const T, Space> x, DevicePointer<T, Space> y) {
  launch(Space{}, stream, "jetpinn::add_scaled_device", count, AddScaledItem<T>{a, address_of(x), address_of(y)});
}

#define JETPINN_INSTANTIATE(T, Space)                                                                                    \
  template class DeviceJetProgram<T, Space>;                                                                             \
  template void activation_forward<T, Space>(Stream, Activation, const DeviceJetProgram<T, Space>&,                      \
                                             const JetSweep<T, Space>&);                                                 \
  template void activation_reverse<T, Space>(Stream, Activation, const DeviceJetProgram<T, Space>&,                      \
                                             const JetSweep<T, Space>&);                                                 \
  template void activation_tangent<T, Space>(Stream, Activation, const DeviceJetProgram<T, Space>&,                      \
                                             const TangentSweep<T, Space>&);                                             \
  template void gate_forward<T, Space>(Stream, const DeviceJetProgram<T, Space>&, const GateSweep<T, Space>&);           \
  template void gate_reverse<T, Space>(Stream, const DeviceJetProgram<T, Space>&, const GateSweep<T, Space>&);           \
  template void mix_forward<T, Space>(Stream, const MixSweep<T, Space>&);                                                \
  template void mix_reverse<T, Space>(Stream, const MixSweep<T, Space>&);                                                \
  template void add_scaled_by<T, Space>(Stream, std::int64_t, DevicePointer<const T, Space>, T, Pointer<const T, Space>, \
                                        DevicePointer<T, Space>);                                                        \
  template void add_scaled<T, Space>(Stream, std::int64_t, T, Pointer<const T, Space>, DevicePointer<T, Space>);
#define JETPINN_INSTANTIATE_BOTH(Space) JETPINN_INSTANTIATE(float, Space) JETPINN_INSTANTIATE(double, Space)
JETPINN_FOR_DEVICE_SPACES(JETPINN_INSTANTIATE_BOTH)
#undef JETPINN_INSTANTIATE_BOTH
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
