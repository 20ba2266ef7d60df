// The points one rank holds, term by term, in whole blocks.
#pragma once

#include "jetpinn/base/blocks.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct TermPoints {
  int dimensions = 0;
  std::int64_t global_count = 0;      // N, over all ranks: means divide by it
  std::vector<Block> blocks;          // rank-local, ascending
  std::int64_t local_count = 0;       // points in those blocks
  std::vector<double> coordinates;    // [dimensions, local_count], rank-local
  int weight_columns = 0;             // 0: all weights 1; 1: one weight per point; else one per residual and point
  std::vector<double> weight;         // [weight_columns, local_count], rank-local
  int quadrature_columns = 0;         // 0: all points count alike in the term's mean; 1: each by its quadrature weight
  std::vector<double>
      quadrature;  // [quadrature_columns, local_count], rank-local: N times the weight of a point, 1 if alike
  // What balancing multiplies the weights by, apart from them: the loss with the weights of the config stays known.
  double term_weight = 1;            // of all residuals of the term, > 0
  std::vector<double> point_weight;  // [local_count], rank-local, of all residuals of a point; empty: 1
  // What stored points bring beside them: measured values and the like, and normals and signed distance. The names of the
  // columns are those of their source (PointSource::columns).
  int data_columns = 0;
  std::vector<double> data;           // [data_columns, local_count], rank-local
  int attribute_columns = 0;
  std::vector<double> attributes;     // [attribute_columns, local_count], rank-local; with two sites those of the first,
                                      // then those of the second
  std::vector<double> second;         // [dimensions, local_count] coordinates of the second site; empty: one site

  const double* coordinate(int d) const { return coordinates.data() + d * local_count; }

  // Columns of weights that are not all 1, quadrature and balancing included.
  int weighted_columns() const {
    const bool weighted = term_weight != 1 || !point_weight.empty() || quadrature_columns > 0;
    return weight_columns == 0 && weighted ? 1 : weight_columns;
  }
  // How much this rank's point i counts in the term's mean, which is sum_i q_i (...)_i / N.
  double quadrature_at(std::int64_t i) const {
    return quadrature_columns == 0 ? 1 : quadrature[static_cast<std::size_t>(i)];
  }
  // Of residual k at this rank's point i: as it is stated, by quadrature too, and with what balancing makes of it.
  double stated_weight_at(std::int64_t k, std::int64_t i) const {
    const std::int64_t column = weight_columns == 1 ? 0 : k;
    return weight_columns == 0 ? 1 : weight[static_cast<std::size_t>(column * local_count + i)];
  }
  double own_weight_at(std::int64_t k, std::int64_t i) const { return stated_weight_at(k, i) * quadrature_at(i); }
  double weight_at(std::int64_t k, std::int64_t i) const {
    const double balanced = point_weight.empty() ? term_weight : term_weight * point_weight[static_cast<std::size_t>(i)];
    return own_weight_at(k, i) * balanced;
  }
};

// `count` of a rank's points from its point `first` on, with all their columns, in one block; global_count stays.
TermPoints piece_of(const TermPoints& points, std::int64_t first, std::int64_t count);

// The same of points by their positions, ascending.
TermPoints points_at(const TermPoints& points, const std::vector<std::int64_t>& positions);

// Those of a rank's blocks that are among `blocks`, with all their columns. Both are blocks of the same points, ascending;
// those of `blocks` may be other ranks'. global_count becomes the number of points in `blocks`.
TermPoints points_of_blocks(const TermPoints& points, const std::vector<Block>& blocks);

// The columns of data, and those of attributes, of a rank's point i.
std::vector<double> data_of(const TermPoints& points, std::int64_t i);
std::vector<double> attributes_of(const TermPoints& points, std::int64_t i);

struct PointSet {
  std::vector<TermPoints> terms;      // one per term of the problem, also where this rank holds none of its points
};

}  // namespace jetpinn
