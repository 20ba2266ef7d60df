#include "jetpinn/geometry/box_region.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {
namespace {

std::vector<double> lengths(const PointRegion& region) {
  std::vector<double> units;
  for (std::size_t d = 0; d < region.lower.size(); ++d) units.push_back(region.upper[d] - region.lower[d]);
  return units;
}

}  // namespace

BoxRegion::BoxRegion(PointRegion region, const ExpressionGraph& graph)
    : BoxRegion(std::move(region), graph, std::vector<double>()) {
  units_ = lengths(region_);
}

BoxRegion::BoxRegion(PointRegion region, const ExpressionGraph& graph, std::vector<double> units)
    : region_(std::move(region)), graph_(&graph), units_(std::move(units)) {
  for (const Piece& piece : region_.pieces) {
    Part& part = parts_.emplace_back();
    part.parameters = parameters_of(piece);
    part.free = free_coordinates(piece);
    if (piece.condition >= 0) part.condition.emplace(graph, piece.condition);
  }
}

// A part of a border holds no body of points.
bool BoxRegion::inside(const double* point) const {
  for (std::size_t p = 0; p < parts(); ++p)
    if (has_grid(p) && is_in(region_.pieces[p], point) && accepts(p, point)) return true;
  return false;
}

bool BoxRegion::accepts(std::size_t part, const double* point) const {
  if (!has_grid(part) && !is_in(region_.pieces[part], point)) return false;
  return !parts_[part].condition || (*parts_[part].condition)(point) != 0;
}

bool BoxRegion::normal(std::size_t part, const double* point, double* normal) const {
  const Piece& piece = region_.pieces[part];
  if (piece.border) {
    const std::vector<std::size_t>& axes = piece.border->axes;
    std::vector<double> place, out(axes.size());
    for (const std::size_t d : axes) place.push_back(point[d]);
    piece.border->border->normal(place.data(), out.data(), piece.border->domain.get());
    std::fill_n(normal, piece.lower.size(), 0.0);
    for (std::size_t k = 0; k < axes.size(); ++k) normal[axes[k]] = out[k];
    return true;
  }
  std::size_t fixed = 0, axis = 0;
  for (std::size_t d = 0; d < piece.lower.size(); ++d)
    if (piece.lower[d] == piece.upper[d]) ++fixed, axis = d;
  if (fixed != 1) return false;
  const bool low = piece.lower[axis] == region_.lower[axis], high = piece.lower[axis] == region_.upper[axis];
  if (!low && !high) return false;
  std::fill_n(normal, piece.lower.size(), 0.0);
  normal[axis] = low ? -1 : 1;
  return true;
}

std::unique_ptr<SampledRegion> BoxRegion::surface() const {
  const bool body = parts() == 1 && !restricted(0) && parts_[0].free.size() == units_.size();
  if (!body)
    throw Error(Status::usage,
                "the surface of this set is not known: only that of a single box without further conditions is");
  const Piece& box = region_.pieces[0];
  PointRegion faces = boundary_region(box.lower, box.upper, box.lower.size());
  for (Piece& face : faces.pieces)
    for (std::size_t d = 0; d < units_.size(); ++d)
      if (face.lower[d] < face.upper[d]) face.measure *= (face.upper[d] - face.lower[d]) / units_[d];
  return std::unique_ptr<SampledRegion>(new BoxRegion(std::move(faces), *graph_, units_));
}

}  // namespace jetpinn
