#include "jetpinn/kernels/activation_tangent.hpp"

#include "jetpinn/kernels/activation.hpp"
#include "jetpinn/kernels/activation_jet_dynamic.hpp"
#include "jetpinn/kernels/pack.hpp"

#include <Kokkos_Core.hpp>

#include <string>

namespace jetpinn {
namespace {

template <class T, class Function>
struct ActivationTangent {
  TangentSweep<T> sweep;
  DynamicJetView program;

  KOKKOS_FUNCTION void operator()(std::int64_t column) const {
    const std::int64_t at = column * pack_lanes<T>;
    const Pack<T> bias = load(sweep.bias_tangent + at);
    for (std::int64_t p = 0; p < sweep.tile.points; ++p)
      point(at + p * sweep.tile.width, sweep.coefficients + p * sweep.coefficient_stride, bias);
  }

  KOKKOS_FORCEINLINE_FUNCTION void point(std::int64_t at, const T* k, Pack<T> bias) const {
    const std::int64_t stride = sweep.tile.points * sweep.tile.width;
    const auto z = [&](int c) { return load(sweep.z + at + c * stride); };
    const auto dz = [&](int c) { return load(sweep.z_tangent + at + c * stride); };
    Pack<T> s[6];
    Function::template derivatives<T, 5>(z(0), s);
    const Pack<T> e = dz(0) + bias;
    store<T>(sweep.h_tangent + at, s[1] * e);
    for (int c = 1; c < program.channels; ++c) {
      Pack<T> sum = s[2] * e * z(c) + s[1] * dz(c);
      for (int i = program.first[c]; i < program.first[c + 1]; ++i)
        sum += k[i] * monomial(program.monomials[i], s, e, z, dz);
      store<T>(sweep.h_tangent + at + c * stride, sum);
    }
  }

  template <class Z, class DZ>
  KOKKOS_FORCEINLINE_FUNCTION Pack<T> monomial(const DynamicJetTables::Monomial& m, const Pack<T> (&s)[6], Pack<T> e,
                                               const Z& z, const DZ& dz) const {
    Pack<T> all = s[m.degree + 1] * e;
    for (int f = 0; f < m.degree; ++f) all = all * z(m.factor[f]);
    for (int changed = 0; changed < m.degree; ++changed) {
      Pack<T> product = s[m.degree] * dz(m.factor[changed]);
      for (int f = 0; f < m.degree; ++f) {
        if (f != changed) product = product * z(m.factor[f]);
      }
      all += product;
    }
    return all;
  }
};

}  // namespace

template <class T>
void activation_tangent(Stream, Activation activation, const DynamicJetTables& tables, const TangentSweep<T>& sweep) {
  static const std::string label = "jetpinn::activation_tangent";
  with_activation(activation, [&](auto function) {
    Kokkos::parallel_for(label, Kokkos::RangePolicy<std::int64_t>(0, sweep.tile.width / pack_lanes<T>),
                         ActivationTangent<T, decltype(function)>{sweep, DynamicJetView(tables)});
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
