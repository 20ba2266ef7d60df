// What a thread of a device adds up over units for the adjoints of coefficients (coefficient_adjoint.hpp has the formulas):
// the addend of unit j at point p.
#pragma once

#include "jetpinn/kernels/activation_function.hpp"
#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/kernels/jet_program.hpp"

#include <Kokkos_Macros.hpp>

#include <cstdint>

namespace jetpinn {

template <class T, Activation A>
struct ActivationCoefficientTerm {
  JetTile tile;
  const T *adjoint, *z;
  JetMonomial monomial;
  KOKKOS_FUNCTION double operator()(std::int64_t j, std::int64_t p) const {
    const std::int64_t at = p * tile.width + j, stride = tile.points * tile.width;
    T s[slope_count];
    if (monomial.degree <= 4)
      ActivationFunction<A>::template derivatives<T, 4>(z[at], s);
    else
      ActivationFunction<A>::template derivatives<T, 6>(z[at], s);
    T product = s[monomial.degree] * adjoint[at + monomial.target * stride];
    for (int f = 0; f < monomial.degree; ++f) product = product * z[at + monomial.factor[f] * stride];
    return monomial.coefficient * static_cast<double>(product);
  }
};

template <class T>
struct GateCoefficientTerm {
  JetTile tile;
  const T *adjoint, *z, *u, *v;
  JetMonomial monomial;
  KOKKOS_FUNCTION double operator()(std::int64_t j, std::int64_t p) const {
    const std::int64_t at = p * tile.width + j, stride = tile.points * tile.width;
    const std::int64_t a = at + monomial.factor[0] * stride, b = at + monomial.factor[1] * stride;
    const T product = adjoint[at + monomial.target * stride] * (z[a] * (v[b] - u[b]) + z[b] * (v[a] - u[a]));
    return monomial.coefficient * static_cast<double>(product);
  }
};

// Of a channel of the adjoint and the weights of a feature.
template <class T>
struct FeatureTerm {
  JetTile tile;
  const T *adjoint, *weights;  // [points, width], [width]
  KOKKOS_FUNCTION double operator()(std::int64_t j, std::int64_t p) const {
    return static_cast<double>(adjoint[p * tile.width + j]) * static_cast<double>(weights[j]);
  }
};

}  // namespace jetpinn
