#include "jetpinn/sampling/point_set.hpp"

#include <utility>

namespace jetpinn {
namespace {

// Some of a rank's rows, one after the other: `first` is the number of the first one at this rank.
std::vector<double> rows_of(const std::vector<double>& columns, int count_of_columns, std::int64_t local_count,
                            const std::vector<Block>& runs) {
  std::vector<double> rows;
  rows.reserve(static_cast<std::size_t>(count_of_columns * rows_of(runs)));
  for (int k = 0; k < count_of_columns; ++k)
    for (const Block& run : runs) {
      const double* column = columns.data() + k * local_count + run.first;
      rows.insert(rows.end(), column, column + run.count);
    }
  return rows;
}

// The points of some runs of a rank's rows, with all their columns, in one block.
TermPoints points_of_runs(const TermPoints& points, const std::vector<Block>& runs) {
  const auto rows = [&](const std::vector<double>& columns, int number) {
    return rows_of(columns, number, points.local_count, runs);
  };
  TermPoints some;
  some.dimensions = points.dimensions;
  some.global_count = points.global_count;
  some.local_count = rows_of(runs);
  some.blocks = {{0, some.local_count}};
  some.coordinates = rows(points.coordinates, points.dimensions);
  some.weight_columns = points.weight_columns;
  some.weight = rows(points.weight, points.weight_columns);
  some.quadrature_columns = points.quadrature_columns;
  some.quadrature = rows(points.quadrature, points.quadrature_columns);
  some.term_weight = points.term_weight;
  some.point_weight = rows(points.point_weight, points.point_weight.empty() ? 0 : 1);
  some.attribute_columns = points.attribute_columns;
  some.attributes = rows(points.attributes, points.attribute_columns);
  some.data_columns = points.data_columns;
  some.data = rows(points.data, points.data_columns);
  if (!points.second.empty()) some.second = rows(points.second, points.dimensions);
  return some;
}

}  // namespace

std::vector<double> data_of(const TermPoints& points, std::int64_t i) {
  return rows_of(points.data, points.data_columns, points.local_count, {{i, 1}});
}

std::vector<double> attributes_of(const TermPoints& points, std::int64_t i) {
  return rows_of(points.attributes, points.attribute_columns, points.local_count, {{i, 1}});
}

TermPoints piece_of(const TermPoints& points, std::int64_t first, std::int64_t count) {
  return points_of_runs(points, {{first, count}});
}

TermPoints points_at(const TermPoints& points, const std::vector<std::int64_t>& positions) {
  std::vector<Block> runs;
  for (const std::int64_t position : positions) runs.push_back({position, 1});
  return points_of_runs(points, joined_blocks(runs, block_points));
}

TermPoints points_of_blocks(const TermPoints& points, const std::vector<Block>& blocks) {
  std::vector<Block> taken, runs;
  std::int64_t local = 0;
  auto wanted = blocks.begin();
  for (const Block& block : points.blocks) {
    while (wanted != blocks.end() && wanted->first < block.first) ++wanted;
    if (wanted == blocks.end()) break;
    if (wanted->first == block.first) {
      taken.push_back(block);
      runs.push_back({local, block.count});
    }
    local += block.count;
  }
  TermPoints some = points_of_runs(points, runs);
  some.global_count = rows_of(blocks);
  some.blocks = std::move(taken);
  return some;
}

}  // namespace jetpinn
