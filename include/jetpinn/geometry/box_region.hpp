// A PointRegion as a sampler sees it: a part for each of its boxes, in their order.
#pragma once

#include "jetpinn/geometry/piece_filter.hpp"
#include "jetpinn/geometry/point_region.hpp"
#include "jetpinn/geometry/sampled_region.hpp"

#include <memory>
#include <vector>

namespace jetpinn {

// Not for several threads at once: conditions are evaluated in memory of its own.
class BoxRegion : public SampledRegion {
 public:
  BoxRegion(PointRegion region, const ExpressionGraph& graph);   // the graph outlives it

  const PointRegion& region() const { return region_; }

  bool inside(const double* point) const override;
  // The faces of a single box without a condition. Other sets have a surface that boxes do not describe.
  std::unique_ptr<SampledRegion> surface() const override;

  std::size_t parts() const override { return region_.pieces.size(); }
  using SampledRegion::measure;
  double measure(std::size_t part) const override { return region_.pieces[part].measure; }
  // Of each part, in the units of the coordinates: length, area, ...; 0 where a part has a lower dimension than another.
  std::vector<double> coordinate_measures() const;
  int parameters(std::size_t part) const override { return parts_[part].parameters; }
  using SampledRegion::dimension;
  int dimension(std::size_t part) const override { return dimension_of(region_.pieces[part]); }
  void place(std::size_t part, const double* fractions, double* point) const override {
    place_in(region_.pieces[part], parts_[part].free, fractions, point);
  }
  bool restricted(std::size_t part) const override { return parts_[part].filter.restricts(); }
  bool accepts(std::size_t part, const double* point) const override {
    return parts_[part].filter.accepts(region_.pieces[part], point);
  }
  bool has_grid(std::size_t part) const override { return !region_.pieces[part].border; }
  // Of a part of a border out of its body, or out of the domain where it bounds that, and of an interface out of the first
  // of its bodies; of a piece that lies in one face of the region's box away from the box.
  bool normal(std::size_t part, const double* point, double* normal) const override;

  const std::vector<double>& lower(std::size_t part) const override { return region_.pieces[part].lower; }
  const std::vector<double>& upper(std::size_t part) const override { return region_.pieces[part].upper; }
  const std::vector<double>& units() const override { return units_; }

 private:
  struct Part {
    int parameters;
    std::vector<std::size_t> free;   // coordinates that are not fixed
    PieceFilter filter;
  };

  BoxRegion(PointRegion region, const ExpressionGraph& graph, std::vector<double> units);

  PointRegion region_;
  const ExpressionGraph* graph_;
  std::vector<double> units_;   // [dimensions]
  std::vector<Part> parts_;
};

// The pieces of a region as normals see them, without what restricts them further. along: groups of coordinates. A piece has
// its normal in the first group in which it is a face, or a part of a border: all other coordinates are free there, so that
// a face in space at one moment is a face, whatever the parameters. One that is a face in none has no normal. The graph
// outlives it.
BoxRegion faces_along(const std::vector<std::vector<std::size_t>>& along, PointRegion region, const ExpressionGraph& graph);

}  // namespace jetpinn
