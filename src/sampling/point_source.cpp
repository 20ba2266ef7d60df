#include "jetpinn/sampling/point_source.hpp"

#include <utility>

namespace jetpinn {

void PointSource::fill(TermPoints& points) const {
  std::int64_t offset = 0;
  for (const Block& block : points.blocks) {
    generate(block.first, block.count, points.coordinates.data() + offset, points.local_count);
    offset += block.count;
  }
}

TermPoints make_room(int dimensions, const SourceColumns& columns, std::int64_t global_count, std::vector<Block> blocks) {
  TermPoints points;
  points.dimensions = dimensions;
  points.global_count = global_count;
  points.local_count = rows_of(blocks);
  points.blocks = std::move(blocks);
  points.weight_columns = columns.weight ? 1 : 0;
  points.quadrature_columns = columns.quadrature ? 1 : 0;
  points.attribute_columns = static_cast<int>(columns.attributes.size());
  points.data_columns = static_cast<int>(columns.data.size());
  const auto room = [&](int count) { return std::vector<double>(static_cast<std::size_t>(count * points.local_count)); };
  points.coordinates = room(dimensions);
  if (columns.second) points.second = room(dimensions);
  points.weight = room(points.weight_columns);
  points.quadrature = room(points.quadrature_columns);
  points.attributes = room(points.attribute_columns);
  points.data = room(points.data_columns);
  return points;
}

}  // namespace jetpinn
