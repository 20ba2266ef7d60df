// What a thread of a device does to fill an array: one value.
#pragma once

#include <Kokkos_Macros.hpp>

#include <cstdint>

namespace jetpinn {

template <class T>
struct FillItem {
  T* to;
  T value;
  KOKKOS_FUNCTION void operator()(std::int64_t i) const { to[i] = value; }
};

}  // namespace jetpinn
