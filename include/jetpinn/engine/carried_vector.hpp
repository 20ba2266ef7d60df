// A vector over parameters that a caller on the host gives or receives, where an engine computes. On a host it is the
// caller's own; on a device it is a copy there, and is copied back when it is asked for.
#pragma once

#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace jetpinn {

template <class Space>
class CarriedVector {
 public:
  using Vector = Pointer<double, Space>;
  using ConstVector = Pointer<const double, Space>;

  // Room for the copy of a device, which the pool keeps.
  void make_room(SpacePool<Space>& pool, std::int64_t size) {
    if constexpr (!Space::host) {
      if (size <= room_) return;
      there_ = pool.template allocate<double>(size);
      room_ = size;
    }
  }
  Vector there() const { return there_; }

  // The values of a device go along with the call: nothing reads `here` [size] later.
  ConstVector bring(Stream stream, const double* here, std::int64_t size) const {
    if constexpr (Space::host) {
      return here;
    } else {
      copy(stream, std::vector<double>(here, here + size), there_);
      return there_;
    }
  }
  // Where `here` lies.
  Vector of(double* here) const {
    if constexpr (Space::host)
      return here;
    else
      return there_;
  }
  static void clear(Stream stream, Vector vector, std::int64_t size) {
    if constexpr (Space::host)
      std::fill_n(vector, size, 0.0);
    else
      fill(stream, vector, size, 0.0);
  }
  // Zeros, to be added to.
  Vector begin(Stream stream, double* here, std::int64_t size) const {
    clear(stream, of(here), size);
    return of(here);
  }
  // Entries first to first + count - 1 of what was added, to `here` [size]; waits for them.
  void fetch(Stream stream, std::int64_t first, std::int64_t count, double* here) const {
    if constexpr (!Space::host) {
      if (count == 0) return;
      copy(stream, there_ + first, here + first, count);
      stream.wait();
    }
  }

 private:
  Vector there_ = nullptr;
  std::int64_t room_ = 0;
};

}  // namespace jetpinn
