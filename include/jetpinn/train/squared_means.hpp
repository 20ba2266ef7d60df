// Integral constraints: terms whose loss is w m^2, m = sum_i r_i / N the mean of a residual over all ranks' points.
//
// d(w m^2) = 2 w m dm: the factor m is known only when all ranks' sums are. So each rank adds its shares of m and of dm into
// the all-reduce that an evaluation ends with anyway, and every rank makes the product of what comes out, the same bits
// everywhere. A residual costs as many further numbers as there are parameters, and one.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/train/rank_sum.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

struct SquaredMean {
  std::size_t term = 0;
  std::vector<double> weights;  // [residuals]
};

class SquaredMeans {
 public:
  SquaredMeans(std::vector<SquaredMean> list, std::int64_t parameters);

  static std::int64_t entries(const std::vector<SquaredMean>& list, std::int64_t parameters);
  std::int64_t entries() const { return entries(list_, parameters_); }
  std::vector<std::size_t> terms() const;
  const std::vector<SquaredMean>& list() const { return list_; }

  // This rank's shares, into the entries from `first` on: for each residual dm [parameters], then m.
  void add_shares(Engine& engine, const double* parameters, const PointSet& points, RankSum& sum, std::int64_t first);

  // Of the sums that came out, `sums` pointing to the first: gradient [parameters] += 2 w m dm, and of each term the sums of
  // w m^2 and of m^2.
  void finish(const double* sums, double* gradient, std::vector<double>& weighted, std::vector<double>& unweighted) const;

 private:
  std::vector<SquaredMean> list_;
  std::int64_t parameters_;
  std::vector<double> values_;  // [residuals, points] of a chunk
};

}  // namespace jetpinn
