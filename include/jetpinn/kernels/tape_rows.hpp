// Rows of values of the tape, one value a point, and the loops over them. A row is as long as whole packs.
#pragma once

#include "jetpinn/kernels/tape_math.hpp"

namespace jetpinn {

// out[i] = f(a[i], ...), a pack at a time.
template <class T, class Function>
inline void map(int length, T* out, const T* a, Function f) {
  for (int i = 0; i < length; i += pack_lanes<T>) store<T>(out + i, f(load<T>(a + i)));
}
template <class T, class Function>
inline void map(int length, T* out, const T* a, const T* b, Function f) {
  for (int i = 0; i < length; i += pack_lanes<T>) store<T>(out + i, f(load<T>(a + i), load<T>(b + i)));
}

// The same point by point, for functions that have no packed version.
template <class T, class Function>
inline void map_scalar(int length, T* __restrict out, const T* a, Function f) {
#pragma omp simd
  for (int i = 0; i < length; ++i) out[i] = f(a[i]);
}
template <class T, class Function>
inline void map_scalar(int length, T* __restrict out, const T* a, const T* b, Function f) {
#pragma omp simd
  for (int i = 0; i < length; ++i) out[i] = f(a[i], b[i]);
}

// An instruction h = f(a, b, c) in the reverse sweep: its operands, its value, the adjoint g of the value, and the adjoints
// ga, gb, gc of the operands, which are null where nothing wanted depends on them.
template <class T>
struct TapeRows {
  using Value = T;
  int length = 0;
  const T *a = nullptr, *b = nullptr, *c = nullptr, *h = nullptr, *g = nullptr;
  T *ga = nullptr, *gb = nullptr, *gc = nullptr;

  static Pack<T> at(const T* row, int i) { return load<T>(row + i); }
  static Pack<T> number(T value) { return splat<T>(value); }
  static Pack<T> sine(const T* row, int i) { return tape_sin_pack<T>(row + i); }
  static Pack<T> cosine(const T* row, int i) { return tape_cos_pack<T>(row + i); }

  // to[i] += f(i), a pack at a time.
  template <class Function>
  void add(T* to, Function f) const {
    if (!to) return;
    for (int i = 0; i < length; i += pack_lanes<T>) store<T>(to + i, load<T>(to + i) + f(i));
  }
  // The same point by point.
  template <class Function>
  void add_scalar(T* to, Function f) const {
    if (!to) return;
#pragma omp simd
    for (int i = 0; i < length; ++i) to[i] += f(i);
  }
};

}  // namespace jetpinn
