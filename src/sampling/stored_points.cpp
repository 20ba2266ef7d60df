#include "jetpinn/sampling/stored_points.hpp"

#include "jetpinn/base/error.hpp"

#include <fmt/format.h>

#include <utility>

namespace jetpinn {
namespace {

std::vector<std::string> names_of(const std::vector<TableColumn>& columns) {
  std::vector<std::string> names;
  for (const TableColumn& column : columns) names.push_back(column.name);
  return names;
}

std::vector<std::string> required_columns(const StoredPointsOptions& options, std::vector<std::string> columns) {
  if (!options.weight.empty()) columns.push_back(options.weight);
  for (const auto* group : {&options.attributes, &options.data})
    for (const TableColumn& column : *group) columns.push_back(column.column);
  return columns;
}

}  // namespace

SourceColumns columns_of(const StoredPointsOptions& options) {
  return {!options.weight.empty(), names_of(options.attributes), names_of(options.data)};
}

StoredPoints::StoredPoints(StoredPointsOptions options, std::vector<std::string> coordinates)
    : options_(std::move(options)), coordinates_(std::move(coordinates)),
      table_(options_.file, required_columns(options_, coordinates_)) {
  if (table_.rows() == 0) throw Error(Status::usage, options_.file + ": it holds no points; write at least one row");
}

void StoredPoints::generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const {
  for (const std::string& coordinate : coordinates_) {
    table_.read(coordinate, first, count, out);
    out += stride;
  }
}

// A run of blocks at once: values go where they stay, no memory is taken beside it.
void StoredPoints::read(const std::string& column, const std::vector<Block>& blocks, double* out) const {
  for (const Block& run : joined_blocks(blocks, table_.rows())) {
    table_.read(column, run.first, run.count, out);
    out += run.count;
  }
}

void StoredPoints::read_weight(const std::vector<Block>& blocks, double* out) const {
  read(options_.weight, blocks, out);
  for (const Block& block : blocks)
    for (std::int64_t row = block.first; row < block.first + block.count; ++row, ++out)
      if (*out < 0)
        throw Error(Status::usage,
                    fmt::format("{}, dataset '{}': the weight in row {} is {:.6g}; a weight is a finite number >= 0",
                                options_.file, options_.weight, row, *out));
}

void StoredPoints::fill(TermPoints& points) const {
  const auto group = [&](const std::vector<TableColumn>& columns, std::vector<double>& values) {
    for (std::size_t k = 0; k < columns.size(); ++k)
      read(columns[k].column, points.blocks, values.data() + static_cast<std::int64_t>(k) * points.local_count);
  };
  for (std::size_t d = 0; d < coordinates_.size(); ++d)
    read(coordinates_[d], points.blocks, points.coordinates.data() + static_cast<std::int64_t>(d) * points.local_count);
  if (points.weight_columns > 0) read_weight(points.blocks, points.weight.data());
  group(options_.attributes, points.attributes);
  group(options_.data, points.data);
}

}  // namespace jetpinn
