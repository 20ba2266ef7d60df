#include "jetpinn/io/point_table.hpp"

#include "jetpinn/profile/host.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t chunk_rows = 65536;   // 512 KiB: fits the library's default chunk cache of 1 MiB

}  // namespace

const std::vector<double>& PointTable::column(const std::string& name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  JETPINN_CHECK(found != names.end(), "column " + name);
  return columns[static_cast<std::size_t>(found - names.begin())];
}

PointTableReader::PointTableReader(const std::string& path, const std::vector<std::string>& required) : file_(path) {
  for (const auto& column : required) check_column(column);
}

void PointTableReader::check_column(const std::string& column) {
  const auto shape = file_.shape(column);
  if (shape.size() != 1)
    file_.fail(column, "it has " + std::to_string(shape.size()) + " dimensions",
               "a point table holds 1-D datasets of one length");
  if (rows_ < 0) {
    rows_ = shape[0];
    first_column_ = column;
  }
  if (shape[0] != rows_)
    file_.fail(column, "it has " + std::to_string(shape[0]) + " rows, '" + first_column_ + "' has " + std::to_string(rows_),
               "all columns of a point table have one length");
}

void PointTableReader::read(const std::string& column, std::int64_t first, std::int64_t count, double* out) const {
  file_.read_rows(column, first, count, out);
  const double* bad = std::find_if(out, out + count, [](double value) { return !std::isfinite(value); });
  if (bad != out + count)
    file_.fail(column, "row " + std::to_string(first + (bad - out)) + " is not a finite number", "leave such points out");
}

PointTable read_point_table(const std::string& path, const std::vector<std::string>& required_columns) {
  const PointTableReader reader(path, required_columns);
  PointTable table;
  table.names = required_columns;
  const std::int64_t rows = std::max<std::int64_t>(reader.rows(), 0);
  const double bytes = static_cast<double>(rows) * static_cast<double>(required_columns.size()) * sizeof(double);
  if (bytes > static_cast<double>(available_memory_bytes()))
    throw Error(Status::usage, path + ": " + std::to_string(rows) +
                                   " rows do not fit into memory; use a smaller table or a larger machine");
  for (const auto& name : required_columns) {
    table.columns.emplace_back(static_cast<std::size_t>(rows));
    reader.read(name, 0, rows, table.columns.back().data());
  }
  return table;
}

PointGroupWriter::PointGroupWriter(hdf5::OutputFile& file, const std::string& group, std::vector<std::string> columns,
                                   std::int64_t rows)
    : file_(file), columns_(std::move(columns)) {
  for (std::string& column : columns_) {
    if (!group.empty()) column = group + "/" + column;
    file_.create_rows(column, rows, chunk_rows);
  }
}

void PointGroupWriter::write(std::int64_t first, std::int64_t count, const double* values, std::int64_t stride) {
  for (std::size_t c = 0; c < columns_.size(); ++c)
    file_.write_rows(columns_[c], first, count, values + static_cast<std::int64_t>(c) * stride);
}

PointTableWriter::PointTableWriter(const std::string& path, std::vector<std::string> columns, std::int64_t rows,
                                   const std::map<std::string, std::string>& attributes, Status on_failure)
    : file_(path, on_failure), root_(file_, "", std::move(columns), rows) {
  for (const auto& [name, text] : attributes) file_.attribute("/", name, text);
}

void write_point_table(const std::string& path, const PointTable& table,
                       const std::map<std::string, std::string>& attributes) {
  PointTableWriter writer(path, table.names, table.rows(), attributes);
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    JETPINN_CHECK(table.columns[c].size() == static_cast<std::size_t>(table.rows()), "column " + table.names[c]);
  std::vector<double> piece;   // the columns lie apart: a piece brings them together
  for (std::int64_t first = 0; first < table.rows(); first += chunk_rows) {
    const std::int64_t count = std::min(chunk_rows, table.rows() - first);
    piece.clear();
    for (const auto& column : table.columns)
      piece.insert(piece.end(), column.begin() + first, column.begin() + first + count);
    writer.write(first, count, piece.data(), count);
  }
  writer.finish();
}

}  // namespace jetpinn
