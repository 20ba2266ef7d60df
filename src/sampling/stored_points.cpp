#include "jetpinn/sampling/stored_points.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/sampling/stored_normals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t most_rows_at_once = 65536;

std::vector<std::string> names_of(const std::vector<TableColumn>& columns) {
  std::vector<std::string> names;
  for (const TableColumn& column : columns) names.push_back(column.name);
  return names;
}

std::vector<std::string> required_columns(const StoredPointsOptions& options, std::vector<std::string> columns) {
  if (!options.weight.empty()) columns.push_back(options.weight);
  for (const auto* group : {&options.attributes, &options.data})
    for (const TableColumn& column : *group)
      if (!column.column.empty()) columns.push_back(column.column);
  return columns;
}

}  // namespace

SourceColumns columns_of(const StoredPointsOptions& options) {
  return {!options.weight.empty(), names_of(options.attributes), names_of(options.data)};
}

StoredPoints::StoredPoints(StoredPointsOptions options, std::vector<std::string> coordinates)
    : options_(std::move(options)), coordinates_(std::move(coordinates)), table_(open_row_table(options_.file)) {
  for (const std::string& column : required_columns(options_, coordinates_)) table_->check_column(column);
  if (table_->rows() == 0) throw Error(Status::usage, options_.file + ": it holds no points; write at least one row");
}

std::int64_t StoredPoints::count() const {
  return options_.rows ? static_cast<std::int64_t>(options_.rows->size()) : table_->rows();
}

std::int64_t StoredPoints::row_of(std::int64_t point) const {
  return options_.rows ? (*options_.rows)[static_cast<std::size_t>(point)] : point;
}

// Rows that are no points lie between those that are: a piece is read with them, and they are left out.
void StoredPoints::read_rows(const std::string& column, std::int64_t first, std::int64_t count, double* out) const {
  if (!options_.rows) return table_->read(column, first, count, out);
  std::vector<double> piece;
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t begin = row_of(first + done);
    std::int64_t taken = 1;
    while (done + taken < count && row_of(first + done + taken) - begin < most_rows_at_once) ++taken;
    piece.resize(static_cast<std::size_t>(row_of(first + done + taken - 1) - begin + 1));
    table_->read(column, begin, static_cast<std::int64_t>(piece.size()), piece.data());
    for (std::int64_t i = 0; i < taken; ++i)
      out[done + i] = piece[static_cast<std::size_t>(row_of(first + done + i) - begin)];
    done += taken;
  }
}

void StoredPoints::generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const {
  for (std::size_t d = 0; d < coordinates_.size(); ++d) {
    read_coordinate(d, {{first, count}}, out);
    out += stride;
  }
}

// A run of blocks at once: values go where they stay, and beside it a piece of the file is in memory.
void StoredPoints::read(const std::string& column, const std::vector<Block>& blocks, double* out) const {
  for (const Block& run : joined_blocks(blocks, count())) {
    read_rows(column, run.first, run.count, out);
    out += run.count;
  }
}

void StoredPoints::read_coordinate(std::size_t dimension, const std::vector<Block>& blocks, double* out) const {
  read(coordinates_[dimension], blocks, out);
  if (options_.lower.empty()) return;
  for (std::int64_t i = 0; i < rows_of(blocks); ++i)
    out[i] = std::clamp(out[i], options_.lower[dimension], options_.upper[dimension]);
}

void StoredPoints::read_weight(const std::vector<Block>& blocks, double* out) const {
  read(options_.weight, blocks, out);
  for (const Block& block : blocks)
    for (std::int64_t point = block.first; point < block.first + block.count; ++point, ++out)
      if (*out < 0)
        throw Error(Status::usage,
                    fmt::format("{}, dataset '{}': the weight in row {} is {:.6g}; a weight is a finite number >= 0",
                                options_.file, options_.weight, row_of(point), *out));
}

void StoredPoints::bring_normals(TermPoints& points) const {
  const std::vector<std::size_t> components = normal_components(options_.attributes);
  if (components.empty()) return;
  std::vector<std::string> names;
  for (const std::size_t k : components) names.push_back(options_.attributes[k].column);
  std::vector<double> normal(components.size());
  const auto component = [&](std::size_t k, std::int64_t i) -> double& {
    return points.attributes[components[k] * static_cast<std::size_t>(points.local_count) + static_cast<std::size_t>(i)];
  };
  std::int64_t i = 0;
  for (const Block& block : points.blocks)
    for (std::int64_t point = block.first; point < block.first + block.count; ++point, ++i) {
      for (std::size_t k = 0; k < normal.size(); ++k) normal[k] = component(k, i);
      if (!make_unit(normal)) fail_normal(options_.file, row_of(point), names, normal);
      for (std::size_t k = 0; k < normal.size(); ++k) component(k, i) = normal[k];
    }
}

void StoredPoints::fill(TermPoints& points) const {
  const auto group = [&](const std::vector<TableColumn>& columns, std::vector<double>& values) {
    for (std::size_t k = 0; k < columns.size(); ++k)
      if (!columns[k].column.empty())
        read(columns[k].column, points.blocks, values.data() + static_cast<std::int64_t>(k) * points.local_count);
  };
  for (std::size_t d = 0; d < coordinates_.size(); ++d)
    read_coordinate(d, points.blocks, points.coordinates.data() + static_cast<std::int64_t>(d) * points.local_count);
  if (points.weight_columns > 0) read_weight(points.blocks, points.weight.data());
  group(options_.attributes, points.attributes);
  bring_normals(points);
  group(options_.data, points.data);
}

}  // namespace jetpinn
