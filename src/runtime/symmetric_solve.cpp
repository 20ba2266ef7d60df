#include "jetpinn/runtime/symmetric_solve.hpp"

#include "jetpinn/runtime/libtorch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace jetpinn {

std::vector<double> solve_symmetric(const std::vector<double>& a, const std::vector<double>& b, double ridge) {
  const auto finite = [](const std::vector<double>& numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
  };
  if (!finite(a) || !finite(b)) return {};
  const std::size_t n = b.size();
  std::vector<double> shifted = a, x = b;
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, a[i * n + i]);
  for (std::size_t i = 0; i < n; ++i) shifted[i * n + i] += ridge * largest;
  const LibtorchAlgebra& algebra = libtorch_algebra(libtorch_purposes::solve);
  if (!algebra.solve(shifted.data(), x.data(), static_cast<std::int64_t>(n))) return {};
  return finite(x) ? x : std::vector<double>();
}

}  // namespace jetpinn
