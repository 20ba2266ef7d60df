#include "jetpinn/sampling/placed_points.hpp"

#include "jetpinn/base/error.hpp"

#include <utility>

namespace jetpinn {
namespace {

// Of the points of one site. coordinates [dimensions, local_count], out [columns, local_count]
void fill_site(const PlaceColumns& columns, const SampledRegion* faces, const std::vector<double>& coordinates,
               const TermPoints& points, const std::function<std::size_t(std::int64_t)>& part_of, double* out) {
  std::vector<double> point(static_cast<std::size_t>(points.dimensions)), normal(point.size()), place(columns.axes.size());
  const auto count = static_cast<std::size_t>(points.local_count);
  std::size_t i = 0;
  for (const Block& block : points.blocks)
    for (std::int64_t number = block.first; number < block.first + block.count; ++number, ++i) {
      for (std::size_t d = 0; d < point.size(); ++d) point[d] = coordinates[d * count + i];
      if (columns.domain) {
        for (std::size_t k = 0; k < place.size(); ++k) place[k] = point[columns.axes[k]];
        out[i] = columns.domain->distance(place.data());
      }
      if (!faces) continue;
      JETPINN_CHECK(faces->normal(part_of(number), point.data(), normal.data()),
                    "point " + std::to_string(number) + " lies on no face, and its normal is read");
      for (std::size_t k = 0; k < place.size(); ++k) out[(1 + k) * count + i] = normal[columns.axes[k]];
    }
}

}  // namespace

void PlaceColumns::fill(TermPoints& points, const std::function<std::size_t(std::int64_t)>& part_of) const {
  if (names.empty()) return;
  fill_site(*this, faces.get(), points.coordinates, points, part_of, points.attributes.data());
  if (points.second.empty()) return;
  const auto one_part = [](std::int64_t) { return std::size_t{0}; };
  double* second = points.attributes.data() + static_cast<std::int64_t>(names.size()) * points.local_count;
  fill_site(*this, linked.get(), points.second, points, one_part, second);
}

std::vector<std::string> attribute_columns(const std::vector<std::string>& names, bool linked) {
  std::vector<std::string> columns = names;
  for (std::size_t k = 0; k < names.size() && linked; ++k) columns.push_back("other_" + names[k]);
  return columns;
}

PlacedPoints::PlacedPoints(std::unique_ptr<PointSource> points, PlaceColumns place)
    : PointsWithColumns(std::move(points)), place_(std::move(place)) {}

SourceColumns PlacedPoints::columns() const {
  SourceColumns columns = source().columns();
  columns.attributes = attribute_columns(place_.names, columns.second);
  return columns;
}

void PlacedPoints::fill(TermPoints& points) const {
  source().fill(points);
  place_.fill(points, [this](std::int64_t point) { return part_of(point); });
}

}  // namespace jetpinn
