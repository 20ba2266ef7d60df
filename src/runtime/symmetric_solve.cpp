#include "jetpinn/runtime/symmetric_solve.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/cholesky_solve.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_cholesky_ex.h>

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
  const auto rows = static_cast<std::int64_t>(n);
  const auto [factor, info] = at::linalg_cholesky_ex(at::from_blob(shifted.data(), {rows, rows}, at::kDouble));
  if (info.item<int>() != 0) return {};
  const at::Tensor solved = at::cholesky_solve(at::from_blob(x.data(), {rows, 1}, at::kDouble), factor).contiguous();
  x.assign(solved.data_ptr<double>(), solved.data_ptr<double>() + n);
  return finite(x) ? x : std::vector<double>();
}

}  // namespace jetpinn
