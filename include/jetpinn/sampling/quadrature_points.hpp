// Points of a term that are the nodes of Gauss-Legendre quadrature: a product of nodes along the axes of each of its boxes,
// or of their faces. They bring the weights (TermPoints::quadrature) with which sum_i q_i r_i^2 / N is the mean of r^2 over
// the term's region, exact for polynomials. A pure function of the index: no seed, no epoch.
#pragma once

#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/sampling/gauss_legendre.hpp"
#include "jetpinn/sampling/point_source.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// A product of more axes has too few nodes along each.
inline constexpr std::size_t most_product_axes = 6;

// Nodes along axes of these lengths (> 0), in proportion to them, whose product is as near to `points` as rounding each
// number up or down allows, at least 2 along each. Empty: 2 along each are more than `points`.
std::vector<std::int64_t> product_counts(const std::vector<double>& lengths, std::int64_t points);

class QuadraturePoints : public PointSource {
 public:
  // Parts of the region share about `points` by their measure, in units of the domain's box, as other samplers do; along
  // the axes of a part product_counts() says how many. nodes: how many instead, along each coordinate, or along those that
  // are free in all parts alike; empty: by `points`. Single points are taken once each.
  // Throws Error (usage) with a message without the term where a part is no box, has too many axes, or the numbers make no
  // product. The graph outlives it.
  QuadraturePoints(const PointRegion& region, const ExpressionGraph& graph, std::int64_t points,
                   const std::vector<std::int64_t>& nodes = {});

  std::int64_t count() const override { return part_begin_.back(); }
  std::int64_t count(std::size_t part) const { return part_begin_[part + 1] - part_begin_[part]; }
  double share(std::size_t part) const { return shares_[part]; }  // of a part in the mean, all add up to 1
  SourceColumns columns() const override;
  // The last free coordinate varies fastest.
  void generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const override;
  std::size_t part_of(std::int64_t point) const override;
  // Weights too, where there is room for them.
  void fill(TermPoints& points) const override;
  double weight(std::int64_t point) const;   // N times its weight in the mean
  std::string text(std::size_t part) const;  // "32 x 31"; of a single point "1"

 private:
  struct Part {
    std::vector<double> corner;        // [dimensions] the values of the coordinates that are fixed
    std::vector<std::size_t> free;     // coordinates
    std::vector<QuadratureAxis> axes;  // [free]
  };

  void add_part(const Piece& piece, const std::vector<std::int64_t>& nodes);
  // visit(number of the free coordinate, index of the node along it)
  template <class Visit>
  void for_each_axis(const Part& part, std::int64_t index, const Visit& visit) const;

  std::vector<Part> parts_;
  std::vector<double> shares_;            // [parts]
  std::vector<std::int64_t> part_begin_;  // [parts + 1]
};

}  // namespace jetpinn
