// One point of a tape's rows, as a device's thread sees them: what TapeRows is to a host, with places of one value each.
#pragma once

#include <Kokkos_Macros.hpp>

#include <cmath>

namespace jetpinn {

template <class T>
struct TapePoint {
  using Value = T;
  const T *a = nullptr, *b = nullptr, *c = nullptr, *h = nullptr, *g = nullptr;
  T *ga = nullptr, *gb = nullptr, *gc = nullptr;

  KOKKOS_FUNCTION static T at(const T* row, int i) { return row[i]; }
  KOKKOS_FUNCTION static T number(T value) { return value; }
  KOKKOS_FUNCTION static T sine(const T* row, int i) { return std::sin(row[i]); }
  KOKKOS_FUNCTION static T cosine(const T* row, int i) { return std::cos(row[i]); }

  template <class Function>
  KOKKOS_FUNCTION void add(T* to, const Function& f) const {
    if (to) *to += f(0);
  }
  template <class Function>
  KOKKOS_FUNCTION void add_scalar(T* to, const Function& f) const {
    add(to, f);
  }
};

}  // namespace jetpinn
