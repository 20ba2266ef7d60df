// Points as pure functions of (seed, term, epoch, global index): any rank can make any block.
#pragma once

#include "jetpinn/geometry/point_region.hpp"
#include "jetpinn/sampling/grid.hpp"
#include "jetpinn/sampling/point_set.hpp"
#include "jetpinn/sampling/random.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

enum class SamplingMethod { grid, uniform, lhs, sobol };
const char* to_string(SamplingMethod);

// Points of one term. Pieces share `count` by measure, in units of the domain's box; none stays without a point while there
// are as many points as pieces. A region of single points takes each once.
//
// Points that a piece's condition refuses are drawn again, attempt by attempt: uniform ones from further words, Latin
// hypercubes from further hypercubes, Sobol points from further scramblings. A grid takes about `count` nodes inside the
// condition: see count(). Resampling (another epoch) leaves a grid as it is.
class Sampler {
 public:
  // Throws Error (usage) when count is zero or the condition accepts next to nothing of a piece.
  // Keeps a pointer to the graph.
  Sampler(SamplingMethod method, PointRegion region, const ExpressionGraph& graph, std::int64_t count, PointKey key);
  std::int64_t count() const { return count_; }
  std::int64_t count(std::size_t piece) const { return piece_begin_[piece + 1] - piece_begin_[piece]; }
  // Writes points first .. first + count - 1 to out[d * stride + i].
  void generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const;

 private:
  // A grid over a piece with a condition: which of its nodes are points.
  struct GridPiece {
    Grid grid;
    std::vector<std::int64_t> accepted;   // [runs + 1] accepted nodes before run r of 256 nodes; empty: all are
  };

  void share_points();
  void make_grids();
  bool inside(const Piece& piece, const double* point) const;
  void generate_grid(std::size_t piece, std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const;
  void generate_random(std::size_t piece, std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const;

  SamplingMethod method_;
  PointRegion region_;
  const ExpressionGraph* graph_;
  std::int64_t count_;
  PointKey key_;
  std::vector<std::int64_t> piece_begin_;   // [pieces + 1] global index ranges
  std::vector<GridPiece> grids_;            // [pieces] for the grid method
};

// Deals one block list over all terms to ranks, weighted by cost_per_point[term], contiguous runs of blocks
// per rank: the largest load of a rank is the smallest that contiguous runs allow. Result: [ranks][terms]
// ascending blocks; some may be empty.
std::vector<std::vector<std::vector<Block>>> deal_blocks(const std::vector<std::int64_t>& counts,
                                                         const std::vector<double>& cost_per_point, int ranks);

}  // namespace jetpinn
