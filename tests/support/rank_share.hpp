// Points of a term dealt to ranks for tests.
#pragma once

#include "jetpinn/sampling/point_set.hpp"
#include "support/world.hpp"

#include <utility>
#include <vector>

namespace jetpinn::test {

// The blocks of one of several ranks: every ranks-th one, beginning with its own number.
inline PointSet share_of(const PointSet& all, int rank, int ranks) {
  PointSet mine;
  for (const TermPoints& points : all.terms) {
    TermPoints part;
    part.dimensions = points.dimensions;
    part.global_count = points.global_count;
    part.weight_columns = points.weight_columns;
    for (std::size_t b = static_cast<std::size_t>(rank); b < points.blocks.size(); b += static_cast<std::size_t>(ranks))
      part.blocks.push_back(points.blocks[b]);
    for (const Block& block : part.blocks) part.local_count += block.count;
    const auto gather = [&](const double* column, std::vector<double>& to) {
      for (const Block& block : part.blocks) to.insert(to.end(), column + block.first, column + block.first + block.count);
    };
    for (int d = 0; d < points.dimensions; ++d) gather(points.coordinate(d), part.coordinates);
    part.quadrature_columns = points.quadrature_columns;
    if (points.quadrature_columns > 0) gather(points.quadrature.data(), part.quadrature);
    for (int k = 0; k < points.weight_columns; ++k) gather(points.weight.data() + k * points.local_count, part.weight);
    mine.terms.push_back(std::move(part));
  }
  return mine;
}

inline PointSet rank_share(const PointSet& all) { return share_of(all, world().rank(), world().size()); }

// Rank 0 holds all of them.
inline PointSet all_on_root(const PointSet& all) {
  PointSet mine = all;
  for (TermPoints& points : mine.terms) {
    if (test::world().root()) continue;
    TermPoints none;
    none.dimensions = points.dimensions;
    none.global_count = points.global_count;
    none.weight_columns = points.weight_columns;
    points = none;
  }
  return mine;
}

}  // namespace jetpinn::test
