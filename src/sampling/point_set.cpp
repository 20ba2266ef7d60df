#include "jetpinn/sampling/point_set.hpp"

namespace jetpinn {
namespace {

std::vector<double> rows_of(const std::vector<double>& columns, int count_of_columns, std::int64_t local_count,
                            std::int64_t first, std::int64_t count) {
  std::vector<double> rows;
  rows.reserve(static_cast<std::size_t>(count_of_columns * count));
  for (int k = 0; k < count_of_columns; ++k) {
    const double* column = columns.data() + k * local_count + first;
    rows.insert(rows.end(), column, column + count);
  }
  return rows;
}

}  // namespace

std::vector<double> data_of(const TermPoints& points, std::int64_t i) {
  return rows_of(points.data, points.data_columns, points.local_count, i, 1);
}

TermPoints piece_of(const TermPoints& points, std::int64_t first, std::int64_t count) {
  const auto rows = [&](const std::vector<double>& columns, int number) {
    return rows_of(columns, number, points.local_count, first, count);
  };
  TermPoints piece;
  piece.dimensions = points.dimensions;
  piece.global_count = points.global_count;
  piece.blocks = {{0, count}};
  piece.local_count = count;
  piece.coordinates = rows(points.coordinates, points.dimensions);
  piece.weight_columns = points.weight_columns;
  piece.weight = rows(points.weight, points.weight_columns);
  piece.attribute_columns = points.attribute_columns;
  piece.attributes = rows(points.attributes, points.attribute_columns);
  piece.data_columns = points.data_columns;
  piece.data = rows(points.data, points.data_columns);
  if (!points.second.empty()) piece.second = rows(points.second, points.dimensions);
  return piece;
}

}  // namespace jetpinn
