// What a thread of a device does with columns over points: one value of one point.
#pragma once

#include "jetpinn/kernels/pack_math.hpp"

#include <Kokkos_Macros.hpp>

#include <cstdint>

namespace jetpinn {

struct SincosItem {
  const double* x;
  double scale, shift;
  double *sine, *cosine;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const { pack_sincos<double>(scale * x[i] + shift, sine[i], cosine[i]); }
};

template <class T>
struct AffineItem {
  const double* x;
  double scale, shift;
  T* to;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const { to[i] = static_cast<T>(scale * x[i] + shift); }
};

struct AddProductItem {
  double factor;
  const double *a, *b;  // null: 1
  double* sum;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const { sum[i] += factor * (a ? a[i] : 1.0) * (b ? b[i] : 1.0); }
};

template <class From, class To>
struct CastItem {
  const From* from;
  To* to;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const { to[i] = static_cast<To>(from[i]); }
};

}  // namespace jetpinn
