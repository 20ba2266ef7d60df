#include "jetpinn/problem/place.hpp"

#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/sampling/linked_points.hpp"
#include "jetpinn/sampling/sampler.hpp"

#include <utility>

namespace jetpinn {
namespace {

std::vector<std::size_t> space_of(const Problem& problem) {
  const std::vector<int> space = problem.symbols.space();
  return {space.begin(), space.end()};
}

std::shared_ptr<const BoxRegion> faces_of(const Problem& problem, PointRegion region) {
  return std::make_shared<BoxRegion>(faces_along({space_of(problem)}, std::move(region), problem.graph));
}

// The first piece without a normal, by its number.
std::optional<std::size_t> first_without_normal(const BoxRegion& faces) {
  std::vector<double> normal(faces.units().size());
  for (std::size_t p = 0; p < faces.parts(); ++p)
    if (!faces.region().pieces[p].border && !faces.normal(p, faces.lower(p).data(), normal.data())) return p;
  return {};
}

// The domain in space: the box, where nothing is cut out of it.
ShapePointer shape_of(const Problem& problem) {
  if (problem.shape) return problem.shape;
  std::vector<double> lower, upper;
  for (const std::size_t d : space_of(problem)) lower.push_back(problem.lower[d]), upper.push_back(problem.upper[d]);
  return make_box(std::move(lower), std::move(upper));
}

// Without what restricts it further, which may be a text of many lines.
std::string bare_name(const Problem& problem, const PointRegion& region, Piece piece) {
  piece.condition = -1;
  return piece_name(region, piece, problem.graph, problem.symbols.coordinates);
}

}  // namespace

std::vector<std::string> place_names(const Problem& problem, const PlaceReads& reads) {
  std::vector<std::string> names = attribute_names(problem.symbols);
  names.resize(static_cast<std::size_t>(reads.columns(problem.symbols.space().size())));
  return names;
}

PlaceColumns place_columns(const Problem& problem, const PlaceReads& reads, const PointRegion& region,
                           const std::vector<FixedCoordinate>& pair) {
  PlaceColumns columns;
  columns.axes = space_of(problem);
  columns.names = place_names(problem, reads);
  if (reads.distance) columns.domain = shape_of(problem);
  if (!reads.normal) return columns;
  columns.faces = faces_of(problem, region);
  if (!pair.empty()) columns.linked = faces_of(problem, linked_region(problem, pair));
  return columns;
}

std::unique_ptr<PointSource> drawn_points(const Problem& problem, const Term& term, std::unique_ptr<PointSource> points) {
  if (!term.pair.empty()) points = std::make_unique<LinkedPoints>(std::move(points), term.pair);
  if (!term.reads.any()) return points;
  return std::make_unique<PlacedPoints>(std::move(points), place_columns(problem, term.reads, term.region, term.pair));
}

std::optional<PlaceColumns> face_columns(const Problem& problem, const PointRegion& region) {
  const SymbolTable& symbols = problem.symbols;
  PlaceColumns columns;
  columns.names = {attribute_names(symbols)[distance_attribute]};
  for (std::size_t d = 0; d + static_cast<std::size_t>(symbols.parameters) < symbols.coordinates.size(); ++d) {
    columns.axes.push_back(d);
    columns.names.push_back("n_" + symbols.coordinates[d]);
  }
  const auto faces = std::make_shared<BoxRegion>(faces_along({space_of(problem), columns.axes}, region, problem.graph));
  if (first_without_normal(*faces)) return {};
  columns.faces = faces;
  return columns;
}

std::optional<PlaceColumns> domain_distance(const Problem& problem) {
  if (!problem.shape) return {};
  PlaceReads reads;
  reads.distance = true;
  return place_columns(problem, reads, {});
}

std::optional<std::string> piece_without_normal(const Problem& problem, const PointRegion& region) {
  const std::optional<std::size_t> first = first_without_normal(*faces_of(problem, region));
  if (!first) return {};
  return bare_name(problem, region, region.pieces[*first]);
}

PointRegion linked_region(const Problem& problem, const std::vector<FixedCoordinate>& pair) {
  PointRegion region = domain_region(problem.lower, problem.upper);
  for (const auto& [coordinate, value] : pair) {
    const auto d = static_cast<std::size_t>(coordinate);
    region.pieces[0].lower[d] = region.pieces[0].upper[d] = value;
  }
  return region;
}

std::optional<std::string> partner_outside(const Problem& problem, const Term& term) {
  if (!problem.shape || term.pair.empty()) return {};
  const PointRegion linked = linked_region(problem, term.pair);
  const std::vector<std::size_t> space = space_of(problem);
  const std::shared_ptr<const FlatSide> flat = flat_side(linked.pieces[0], problem.shape, space);
  const Sampler sampler(SamplingMethod::sobol, term.region, problem.graph, 1000, PointKey{});
  const auto dimensions = static_cast<std::size_t>(problem.dimensions());
  std::vector<double> point(dimensions), place(space.size());
  for (std::int64_t i = 0; i < sampler.count(); ++i) {
    sampler.generate(i, 1, point.data(), 1);
    for (const auto& [coordinate, value] : term.pair) point[static_cast<std::size_t>(coordinate)] = value;
    for (std::size_t k = 0; k < space.size(); ++k) place[k] = point[space[k]];
    const double room = border_room(problem.shape->rounding(place.data()));
    if (problem.shape->distance(place.data()) > room || (flat && !flat->holds(point.data())))
      return bare_name(problem, linked, Piece{point, point});
  }
  return {};
}

}  // namespace jetpinn
