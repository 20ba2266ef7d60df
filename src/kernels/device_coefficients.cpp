#include "jetpinn/kernels/device_coefficients.hpp"

#include "jetpinn/kernels/activation.hpp"
#include "jetpinn/kernels/coefficient_items.hpp"
#include "jetpinn/kernels/launch.hpp"

namespace jetpinn {
namespace {

// slotbar(p) += the sum over units of term_of(monomial), for each of the monomials.
template <class T, class Space, class TermOf>
void add_sums(Stream stream, const char* label, const std::vector<JetMonomial>& monomials,
              const CoefficientSweep<T, Space>& sweep, const TermOf& term_of) {
  for (const JetMonomial& monomial : monomials)
    sum_columns<double, Space>(stream, label, sweep.tile.width, sweep.tile.points, term_of(monomial), sweep.partial,
                               sweep.slots + monomial.slot * sweep.stride);
}

}  // namespace

std::int64_t coefficient_scratch(JetTile tile) { return sum_runs(tile.width) * tile.points; }

template <class T, class Space>
void activation_coefficients_reverse(Stream stream, Activation activation, const std::vector<JetMonomial>& monomials,
                                     const CoefficientSweep<T, Space>& sweep) {
  with_activation(activation, [&](auto function) {
    add_sums(stream, "jetpinn::activation_coefficients_device", monomials, sweep, [&](const JetMonomial& monomial) {
      return ActivationCoefficientTerm<T, kind_of(function)>{sweep.tile, address_of(sweep.adjoint), address_of(sweep.z),
                                                             monomial};
    });
    return true;
  });
}

template <class T, class Space>
void gate_coefficients_reverse(Stream stream, const std::vector<JetMonomial>& monomials,
                               const CoefficientSweep<T, Space>& sweep) {
  add_sums(stream, "jetpinn::gate_coefficients_device", monomials, sweep, [&](const JetMonomial& monomial) {
    return GateCoefficientTerm<T>{sweep.tile,          address_of(sweep.adjoint), address_of(sweep.z),
                                  address_of(sweep.u), address_of(sweep.v),       monomial};
  });
}

template <class T, class Space>
void feature_reverse(Stream stream, JetTile tile, Pointer<const T, Space> weights, Pointer<const T, Space> adjoint,
                     Pointer<double, Space> partial, DevicePointer<double, Space> xbar) {
  fill(stream, xbar, tile.points, 0.0);
  sum_columns<double, Space>(stream, "jetpinn::feature_reverse_device", tile.width, tile.points,
                             FeatureTerm<T>{tile, address_of(adjoint), address_of(weights)}, partial, xbar);
}

#define JETPINN_INSTANTIATE(T, Space)                                                                          \
  template void activation_coefficients_reverse<T, Space>(Stream, Activation, const std::vector<JetMonomial>&, \
                                                          const CoefficientSweep<T, Space>&);                  \
  template void gate_coefficients_reverse<T, Space>(Stream, const std::vector<JetMonomial>&,                   \
                                                    const CoefficientSweep<T, Space>&);                        \
  template void feature_reverse<T, Space>(Stream, JetTile, Pointer<const T, Space>, Pointer<const T, Space>,   \
                                          Pointer<double, Space>, DevicePointer<double, Space>);
#define JETPINN_INSTANTIATE_BOTH(Space) JETPINN_INSTANTIATE(float, Space) JETPINN_INSTANTIATE(double, Space)
JETPINN_FOR_DEVICE_SPACES(JETPINN_INSTANTIATE_BOTH)
#undef JETPINN_INSTANTIATE_BOTH
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
