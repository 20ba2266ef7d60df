#include "jetpinn/kernels/activation_tangent.hpp"

#include "jetpinn/kernels/activation.hpp"
#include "jetpinn/kernels/activation_tangent_point.hpp"

#include <Kokkos_Core.hpp>

#include <string>

namespace jetpinn {
namespace {

// A pack of units over all points of the tile.
template <class T, class Function>
struct TangentColumn : ActivationTangent<T, Function, Pack<T>> {
  KOKKOS_FUNCTION void operator()(std::int64_t column) const {
    const auto& sweep = this->sweep;
    const std::int64_t at = column * pack_lanes<T>;
    const Pack<T> bias = load(sweep.bias_tangent + at);
    for (std::int64_t p = 0; p < sweep.tile.points; ++p) this->point(at + p * sweep.tile.width, p, bias);
  }
};

}  // namespace

template <class T>
void activation_tangent(Stream, Activation activation, const DynamicJetTables& tables, const TangentSweep<T>& sweep) {
  static const std::string label = "jetpinn::activation_tangent";
  with_activation(activation, [&](auto function) {
    Kokkos::parallel_for(label, Kokkos::RangePolicy<std::int64_t>(0, sweep.tile.width / pack_lanes<T>),
                         TangentColumn<T, decltype(function)>{{sweep, DynamicJetView(tables)}});
    return true;
  });
}

template <class T>
void add_scaled(Stream, std::int64_t count, T a, const T* x, T* y) {
  static const std::string label = "jetpinn::add_scaled";
  Kokkos::parallel_for(
      label, Kokkos::RangePolicy<std::int64_t>(0, count), KOKKOS_LAMBDA(std::int64_t i) { y[i] += a * x[i]; });
}

template void activation_tangent<float>(Stream, Activation, const DynamicJetTables&, const TangentSweep<float>&);
template void activation_tangent<double>(Stream, Activation, const DynamicJetTables&, const TangentSweep<double>&);
template void add_scaled<float>(Stream, std::int64_t, float, const float*, float*);
template void add_scaled<double>(Stream, std::int64_t, double, const double*, double*);

}  // namespace jetpinn
