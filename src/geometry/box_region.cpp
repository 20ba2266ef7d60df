#include "jetpinn/geometry/box_region.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace jetpinn {
namespace {

std::vector<double> lengths(const PointRegion& region) {
  std::vector<double> units;
  for (std::size_t d = 0; d < region.lower.size(); ++d) units.push_back(region.upper[d] - region.lower[d]);
  return units;
}

// Of the region's box.
struct Face {
  std::size_t axis;
  bool low;
};

// In which of them a piece without a border lies; nothing: in none, or in several.
std::optional<Face> face_of(const Piece& piece, const PointRegion& region) {
  const std::vector<FixedCoordinate> fixed = fixed_coordinates(piece);
  if (fixed.size() != 1) return {};
  const auto axis = static_cast<std::size_t>(fixed[0].coordinate);
  if (fixed[0].value == region.lower[axis]) return Face{axis, true};
  if (fixed[0].value == region.upper[axis]) return Face{axis, false};
  return {};
}

}  // namespace

BoxRegion::BoxRegion(PointRegion region, const ExpressionGraph& graph)
    : BoxRegion(std::move(region), graph, std::vector<double>()) {
  units_ = lengths(region_);
}

BoxRegion::BoxRegion(PointRegion region, const ExpressionGraph& graph, std::vector<double> units)
    : region_(std::move(region)), graph_(&graph), units_(std::move(units)) {
  for (const Piece& piece : region_.pieces)
    parts_.push_back({parameters_of(piece), free_coordinates(piece), PieceFilter(piece, graph)});
}

std::vector<double> BoxRegion::coordinate_measures() const {
  std::vector<double> measures(parts(), 0.0);
  const int most = dimension();
  for (std::size_t p = 0; p < measures.size(); ++p) {
    if (dimension(p) < most) continue;
    const Piece& piece = region_.pieces[p];
    measures[p] = piece.border ? piece.size : piece.measure;
    for (std::size_t d = 0; d < units_.size() && !piece.border; ++d)
      if (piece.lower[d] < piece.upper[d]) measures[p] *= units_[d];
  }
  return measures;
}

// A part of a border holds no body of points.
bool BoxRegion::inside(const double* point) const {
  for (std::size_t p = 0; p < parts(); ++p)
    if (has_grid(p) && is_in(region_.pieces[p], point) && accepts(p, point)) return true;
  return false;
}

bool BoxRegion::normal(std::size_t part, const double* point, double* normal) const {
  const Piece& piece = region_.pieces[part];
  if (piece.border) {
    const std::vector<std::size_t>& axes = piece.border->axes;
    std::vector<double> place, out(axes.size());
    for (const std::size_t d : axes) place.push_back(point[d]);
    piece.border->border->normal(place.data(), out.data(), piece.border->other ? nullptr : piece.border->domain.get());
    std::fill_n(normal, piece.lower.size(), 0.0);
    for (std::size_t k = 0; k < axes.size(); ++k) normal[axes[k]] = out[k];
    return true;
  }
  const std::optional<Face> face = face_of(piece, region_);
  if (!face) return false;
  std::fill_n(normal, piece.lower.size(), 0.0);
  normal[face->axis] = face->low ? -1 : 1;
  return true;
}

std::unique_ptr<SampledRegion> BoxRegion::surface() const {
  const bool body = parts() == 1 && !restricted(0) && dimension(0) == static_cast<int>(units_.size());
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

BoxRegion faces_along(const std::vector<std::vector<std::size_t>>& along, PointRegion region, const ExpressionGraph& graph) {
  for (Piece& piece : region.pieces) {
    piece.condition = -1;
    piece.flat = nullptr;
    piece.earlier.clear();
    const Piece whole = piece;
    for (const std::vector<std::size_t>& axes : along) {
      piece = whole;
      for (std::size_t d = 0; d < piece.lower.size(); ++d)
        if (std::find(axes.begin(), axes.end(), d) == axes.end())
          piece.lower[d] = region.lower[d], piece.upper[d] = region.upper[d];
      if (piece.border || face_of(piece, region)) break;
    }
  }
  return {std::move(region), graph};
}

}  // namespace jetpinn
