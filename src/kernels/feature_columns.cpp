#include "jetpinn/kernels/feature_columns.hpp"

#include "jetpinn/kernels/pack_math.hpp"

#include <Kokkos_Core.hpp>
#include <string>

namespace jetpinn {

void sincos_columns(Stream, std::int64_t points, const double* x, double scale, double shift, double* sine, double* cosine) {
  static const std::string label = "jetpinn::sincos_columns";
  constexpr std::int64_t lanes = pack_lanes<double>;
  Kokkos::parallel_for(
      label, Kokkos::RangePolicy<std::int64_t>(0, padded<double>(points) / lanes), KOKKOS_LAMBDA(std::int64_t i) {
        double argument[lanes];
        for (std::int64_t u = 0; u < lanes; ++u)
          argument[u] = scale * x[i * lanes + u < points ? i * lanes + u : points - 1] + shift;
        Pack<double> s, c;
        pack_sincos<double>(load(argument), s, c);
        store<double>(sine + i * lanes, s);
        store<double>(cosine + i * lanes, c);
      });
}

}  // namespace jetpinn
