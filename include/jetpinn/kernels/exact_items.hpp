// What a thread of a device does with exact sums (base/exact_sum.hpp has the grid and the digits): one entry.
#pragma once

#include <Kokkos_Macros.hpp>

#include <cmath>
#include <cstdint>

namespace jetpinn {

// digits [4, stride] += those of from[i], low to high; refused [stride] counts what is no number of the grid. Fewer than
// 2^23 additions leave room in the integers.
struct ExactAddItem {
  const double* from;
  std::int64_t* digits;
  std::int64_t stride;
  std::int64_t* refused;

  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    double x = from[i];
    if (!(std::fabs(x) < 0x1p55)) {
      ++refused[i];
      return;
    }
    take(i, 3, 0x1p-16, 0x1p16, x);
    take(i, 2, 0x1p24, 0x1p-24, x);
    take(i, 1, 0x1p64, 0x1p-64, x);
    take(i, 0, 0x1p104, 0x1p-104, x);
  }

 private:
  // The nearest whole number of x * scale, by adding 1.5 * 2^52 and taking it away; x keeps the rest, which is exact.
  KOKKOS_FUNCTION void take(std::int64_t i, int limb, double scale, double unit, double& x) const {
    const double shifted = x * scale + 0x1.8p52, whole = shifted - 0x1.8p52;
    digits[limb * stride + i] += static_cast<std::int64_t>(whole);
    x -= whole * unit;
  }
};

}  // namespace jetpinn
