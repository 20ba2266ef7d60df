// Points with what their places say: their signed distance to the border of the domain, and outward unit normals. These are
// the columns of attributes (plan/term_inputs.hpp): pure functions of the points, made anew wherever the points are.
#pragma once

#include "jetpinn/geometry/sampled_region.hpp"
#include "jetpinn/geometry/shape.hpp"
#include "jetpinn/sampling/points_with_columns.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// The columns of one site: the distance, then the components of the normal. What nobody reads stays zero.
struct PlaceColumns {
  std::vector<std::string> names;               // [columns]
  std::vector<std::size_t> axes;                // the coordinates of space
  ShapePointer domain;                          // in them; null: nobody reads the distance
  std::shared_ptr<const SampledRegion> faces;   // each part has a normal; null: nobody reads it
  std::shared_ptr<const SampledRegion> linked;  // the same of the linked points, in one part

  // Fills the attributes of points that have room for them. part_of: in which part a point lies, by its number over all
  // ranks.
  void fill(TermPoints& points, const std::function<std::size_t(std::int64_t)>& part_of) const;
};

class PlacedPoints : public PointsWithColumns {
 public:
  PlacedPoints(std::unique_ptr<PointSource> points, PlaceColumns place);

  SourceColumns columns() const override;
  void fill(TermPoints& points) const override;

 private:
  PlaceColumns place_;
};

// The attributes of points that have such columns: of linked points for both.
std::vector<std::string> attribute_columns(const std::vector<std::string>& names, bool linked);

}  // namespace jetpinn
