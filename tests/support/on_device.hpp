// Arrays on an emulated device for tests of its kernels: put there before, read back after.
#pragma once

#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/runtime/emulated_device.hpp"
#include "support/worst.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace jetpinn::test {

class OnDevice {
 public:
  template <class T>
  using Place = DevicePointer<T, EmulatedSpace>;

  Stream stream() { return device_.stream(); }
  SpacePool<EmulatedSpace>& pool() { return pool_; }

  template <class T>
  Place<T> put(const std::vector<T>& values) {
    return upload<EmulatedSpace>(stream(), pool_, values);
  }
  template <class T>
  Place<T> room(std::int64_t count) {
    return pool_.allocate<T>(count);
  }
  template <class T>
  std::vector<T> get(Place<T> from, std::size_t count) {
    std::vector<T> values(count);
    copy(stream(), from, values.data(), static_cast<std::int64_t>(count));
    stream().record().wait();
    return values;
  }

 private:
  EmulatedDevice device_;
  SpacePool<EmulatedSpace> pool_{device_};
};

// The largest difference, of values beyond 1 relative, in units of the type's epsilon.
template <class T>
double worst_difference(const std::vector<T>& got, const std::vector<T>& wanted) {
  Worst worst;
  if (got.size() != wanted.size()) return std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double exact = static_cast<double>(wanted[i]);
    worst.take(std::abs(static_cast<double>(got[i]) - exact) / std::max(1.0, std::abs(exact)));
  }
  return worst.value() / std::numeric_limits<T>::epsilon();
}

// 1e-13 in fp64, as many roundings in fp32: both sides compute the same formulas and round in another order.
inline constexpr double other_order = 450;

}  // namespace jetpinn::test
