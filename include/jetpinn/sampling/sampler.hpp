// Points as pure functions of (seed, term, epoch, global index): any rank can make any block.
#pragma once

#include "jetpinn/geometry/point_region.hpp"
#include "jetpinn/geometry/sampled_region.hpp"
#include "jetpinn/sampling/grid.hpp"
#include "jetpinn/sampling/point_key.hpp"
#include "jetpinn/sampling/point_source.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// gauss_legendre: nodes with weights, which a source of their own makes (quadrature_points.hpp).
enum class SamplingMethod { grid, uniform, lhs, sobol, gauss_legendre };
const char* to_string(SamplingMethod);

// Points of one term. Parts of its region share `count` by measure, in units of the domain's box; none stays without a point
// while there are as many points as parts. A region of single points takes each once.
//
// Points that a part refuses are drawn again, attempt by attempt: uniform ones from further words, Latin hypercubes from
// further hypercubes, Sobol points from further scramblings, each in an order of its own. A grid takes about `count` nodes
// inside the condition: see count(). Resampling (another epoch) leaves a grid as it is.
class Sampler : public PointSource {
 public:
  // Throws Error (usage) when count is zero or a part accepts next to nothing of what is placed in it.
  Sampler(SamplingMethod method, std::shared_ptr<const SampledRegion> region, std::int64_t count, PointKey key);
  // Of boxes; keeps a pointer to the graph.
  Sampler(SamplingMethod method, PointRegion region, const ExpressionGraph& graph, std::int64_t count, PointKey key);
  std::int64_t count() const override { return count_; }
  std::int64_t count(std::size_t part) const { return part_begin_[part + 1] - part_begin_[part]; }
  // Writes points first .. first + count - 1 to out[d * stride + i].
  void generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const override;
  std::size_t part_of(std::int64_t point) const override;
  double share(std::size_t part) const { return static_cast<double>(count(part)) / static_cast<double>(count_); }

 private:
  // A grid over a part: which of its nodes are points.
  struct GridPart {
    Grid grid;
    std::vector<std::int64_t> accepted;   // [runs + 1] accepted nodes before run r of 256 nodes; empty: all are
  };

  void share_points();
  void make_grids();
  GridPart make_grid(std::size_t part, std::int64_t wanted, std::int64_t& inside) const;
  void generate_grid(std::size_t part, std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const;
  void generate_random(std::size_t part, std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const;

  SamplingMethod method_;
  std::shared_ptr<const SampledRegion> region_;
  std::int64_t count_;
  PointKey key_;
  std::vector<std::int64_t> part_begin_;   // [parts + 1] global index ranges
  std::vector<GridPart> grids_;            // [parts] for the grid method
};

// Deals one block list over all terms to ranks, weighted by cost_per_point[term], contiguous runs of blocks
// per rank: the largest load of a rank is the smallest that contiguous runs allow. Result: [ranks][terms]
// ascending blocks; some may be empty.
std::vector<std::vector<std::vector<Block>>> deal_blocks(const std::vector<std::int64_t>& counts,
                                                         const std::vector<double>& cost_per_point, int ranks);

// The same where steps take parts of the terms: each term is dealt by itself, so that the ranks have equal work whatever
// share of it a step takes. A rank has as many blocks of a term as any other, or one more.
std::vector<std::vector<std::vector<Block>>> deal_each_term(const std::vector<std::int64_t>& counts,
                                                            const std::vector<double>& cost_per_point, int ranks);

// The same for ranks that are not equally fast: a rank has about speeds[rank] / sum of speeds of each term's blocks.
// speeds: [ranks] > 0, in any unit.
std::vector<std::vector<std::vector<Block>>> deal_by_speed(const std::vector<std::int64_t>& counts,
                                                           const std::vector<double>& cost_per_point,
                                                           const std::vector<double>& speeds);

}  // namespace jetpinn
