// What a thread of a device does with jets: one unit of one point, the formulas of the host's interpreters with P a number.
#pragma once

#include "jetpinn/kernels/activation_jet_dynamic.hpp"
#include "jetpinn/kernels/activation_tangent_point.hpp"
#include "jetpinn/kernels/jet_gate_dynamic.hpp"
#include "jetpinn/kernels/jet_mix_point.hpp"

#include <Kokkos_Macros.hpp>

#include <cstdint>

namespace jetpinn {

// Item p * width + j: a unit j of a point p.
template <class T, Activation A>
struct ActivationForwardItem : DynamicSweep<T, A, T> {
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    const std::int64_t width = this->sweep.tile.width, j = i % width;
    this->template forward<1>(i / width, j, this->sweep.bias[j]);
  }
};

// From hbar to zbar; what it returns is to be summed over points: the bias's gradient.
template <class T, Activation A>
struct ActivationReverseTerm : DynamicSweep<T, A, T> {
  KOKKOS_FUNCTION T operator()(std::int64_t p, std::int64_t j) const {
    T bias_gradient = 0;
    this->template reverse<1>(p, j, bias_gradient);
    return bias_gradient;
  }
};

template <class T, Activation A>
struct ActivationTangentItem : ActivationTangent<T, ActivationFunction<A>, T> {
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    const std::int64_t width = this->sweep.tile.width;
    this->point(i, i / width, this->sweep.bias_tangent[i % width]);
  }
};

template <class T>
struct GateForwardItem : DynamicGate<T, T> {
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    this->forward(i, this->sweep.coefficients + i / this->sweep.tile.width * this->sweep.coefficient_stride);
  }
};

template <class T>
struct GateReverseItem : DynamicGate<T, T> {
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    const T* k = this->sweep.coefficients + i / this->sweep.tile.width * this->sweep.coefficient_stride;
    if (this->sweep.h) this->forward(i, k);
    this->reverse(i, k);
  }
};

// Item (c * points + p) * width + j.
template <class T>
struct MixForwardItem : MixPoint<T, T> {
  KOKKOS_FUNCTION void operator()(std::int64_t i) const { this->with_shares().forward(i); }
};
template <class T>
struct MixReverseItem : MixPoint<T, T> {
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    T unwanted = 0;
    this->with_shares().reverse(i, unwanted);
  }
};
// The same, returning what is to be summed over rows of channels and points: the share's gradient.
template <class T>
struct MixReverseTerm : MixPoint<T, T> {
  KOKKOS_FUNCTION T operator()(std::int64_t row, std::int64_t j) const {
    T share = 0;
    this->with_shares().reverse(row * this->sweep.tile.width + j, share);
    return share;
  }
};

// y[i] += a x[i]
template <class T>
struct AddScaledItem {
  T a;
  const T* x;
  T* y;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const { y[i] += a * x[i]; }
};

// k[p * monomials + m] from slot columns: item p * monomials + m. Of changes, what has no slot has none.
template <class T>
struct CoefficientItem {
  std::int64_t monomials;
  const T* constant;
  const int* slot;
  const T* slots;
  std::int64_t stride;
  bool changes;
  T* k;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    const std::int64_t p = i / monomials, m = i % monomials;
    k[i] = slot[m] < 0 ? (changes ? T(0) : constant[m]) : constant[m] * slots[slot[m] * stride + p];
  }
};

}  // namespace jetpinn
