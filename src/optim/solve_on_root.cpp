#include "jetpinn/optim/solve_on_root.hpp"

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/runtime/symmetric_solve.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

std::vector<double> solve_on_root(Communicator* ranks, const char* phase, const std::vector<double>& matrix,
                                  const std::vector<double>& right, std::int64_t size, double ridge) {
  if (!ranks) return solve_symmetric(matrix, right, ridge);
  std::vector<double> x;
  ranks->agree(phase, [&] {
    if (ranks->root()) x = solve_symmetric(matrix, right, ridge);
    x.resize(static_cast<std::size_t>(size), std::nan(""));
  });
  ranks->broadcast(phase, x.data(), size * static_cast<std::int64_t>(sizeof(double)));
  if (std::any_of(x.begin(), x.end(), [](double value) { return !std::isfinite(value); })) x.clear();
  return x;
}

}  // namespace jetpinn
