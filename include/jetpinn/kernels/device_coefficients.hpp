// Adjoints of the coefficients of jet programs on a device (coefficient_adjoint.hpp has the formulas). Sums over units are
// in two stages, a monomial after the other, for several may have one slot.
#pragma once

#include "jetpinn/kernels/coefficient_adjoint.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// Numbers of scratch that the sums of a tile take.
std::int64_t coefficient_scratch(JetTile tile);

template <class T, class Space>
void activation_coefficients_reverse(Stream stream, Activation activation, const std::vector<JetMonomial>& monomials,
                                     const CoefficientSweep<T, Space>& sweep);
template <class T, class Space>
void gate_coefficients_reverse(Stream stream, const std::vector<JetMonomial>& monomials,
                               const CoefficientSweep<T, Space>& sweep);

// xbar[p] = sum over units of w_j zbar_j of one channel: adjoint [points, width], weights [width].
template <class T, class Space>
void feature_reverse(Stream stream, JetTile tile, Pointer<const T, Space> weights, Pointer<const T, Space> adjoint,
                     Pointer<double, Space> partial, DevicePointer<double, Space> xbar);

}  // namespace jetpinn
