// Sums and updates of flat fp64 buffers, on the host or on a device, whichever they lie on. A sum's order depends on the
// length alone, never on how the buffer is aligned, so that equal numbers give equal bits on every rank and in every run. On
// a host and on a device it is another order.
#pragma once

#include "jetpinn/optim/vector_device.hpp"

#include <cstdint>
#include <type_traits>

namespace jetpinn {

// Where a buffer lies. An address of the host's memory is one.
template <class T>
struct VectorPlace {
  VectorPlace(T* address) : here(address) {}
  VectorPlace(VectorDevice* on, DevicePointer<T, AnyDevice> address) : device(on), there(address) {}
  template <class U, class = std::enable_if_t<std::is_convertible_v<U*, T*>>>
  VectorPlace(const VectorPlace<U>& other) : device(other.device), here(other.here), there(other.there) {}

  VectorPlace operator+(std::int64_t offset) const {
    return device ? VectorPlace(device, there + offset) : VectorPlace(here + offset);
  }

  VectorDevice* device = nullptr;  // null: the host
  T* here = nullptr;               // of the host's memory
  DevicePointer<T, AnyDevice> there;
};
using RealPlace = VectorPlace<double>;
using ConstRealPlace = VectorPlace<const double>;

// All buffers of a call [n] lie in the same memory.
double dot(ConstRealPlace a, ConstRealPlace b, std::int64_t n);
double norm(ConstRealPlace a, std::int64_t n);  // Euclidean
double sum_of_magnitudes(ConstRealPlace a, std::int64_t n);
double largest_magnitude(ConstRealPlace a, std::int64_t n);
void copy_vector(ConstRealPlace from, RealPlace to, std::int64_t n);
void negate(ConstRealPlace x, RealPlace to, std::int64_t n);                    // to = -x
void scale(double factor, RealPlace x, std::int64_t n);                         // x *= factor
void add_scaled(double factor, ConstRealPlace x, RealPlace y, std::int64_t n);  // y += factor x
void subtract_from(ConstRealPlace x, RealPlace y, std::int64_t n);              // y = x - y
void move_along(ConstRealPlace from, double step, ConstRealPlace direction, RealPlace to, std::int64_t n);
void update_adam(const AdamFactors& by, ConstRealPlace gradient, RealPlace first, RealPlace second, RealPlace parameters,
                 std::int64_t n);

}  // namespace jetpinn
