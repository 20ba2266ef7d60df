#include "jetpinn/kernels/launch.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>

namespace jetpinn {

void run_on_host(const char* label, std::int64_t extent, const std::function<void(std::int64_t, std::int64_t)>& items) {
  constexpr std::int64_t run = 32;  // a call for each item would cost more than most items do
  using Host = Kokkos::DefaultHostExecutionSpace;
  const Kokkos::RangePolicy<Host, Kokkos::IndexType<std::int64_t>> runs(0, (extent + run - 1) / run);
  Kokkos::parallel_for(label, runs, [&](std::int64_t n) { items(n * run, std::min((n + 1) * run, extent)); });
  Host().fence();
}

}  // namespace jetpinn
