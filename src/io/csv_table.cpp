#include "jetpinn/io/csv_table.hpp"

#include "jetpinn/io/csv_text.hpp"
#include "jetpinn/io/whole_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <iterator>
#include <utility>

namespace jetpinn {

std::string csv_header(const std::vector<std::string>& columns) {
  std::string line;
  for (const std::string& name : columns) {
    line += line.empty() ? "" : ",";
    if (name.find_first_of(",\"\n") == std::string::npos) {
      line += name;
      continue;
    }
    line += '"';
    for (char c : name) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line;
}

std::string csv_row(const double* values, std::size_t count, std::int64_t stride) {
  fmt::memory_buffer line;
  for (std::size_t c = 0; c < count; ++c)
    fmt::format_to(std::back_inserter(line), "{}{:.17g}", c == 0 ? "" : ",", values[static_cast<std::int64_t>(c) * stride]);
  return fmt::to_string(line);
}

CsvTableWriter::CsvTableWriter(const std::string& path, const std::vector<std::string>& columns, Status on_failure)
    : place_(path), columns_(columns.size()) {
  errno = 0;
  out_.open(place_.temporary(), std::ios::binary | std::ios::trunc);
  out_ << csv_header(columns) << '\n';
  if (!out_) fail_to_write(path, errno != 0 ? errno : EIO, on_failure);
}

void CsvTableWriter::write(std::int64_t, std::int64_t count, const double* values, std::int64_t stride) {
  errno = 0;
  for (std::int64_t i = 0; i < count; ++i) out_ << csv_row(values + i, columns_, stride) << '\n';
  if (!out_) fail_to_write(place_.path(), errno != 0 ? errno : EIO);
}

void CsvTableWriter::finish() {
  errno = 0;
  out_.close();
  if (!out_) fail_to_write(place_.path(), errno != 0 ? errno : EIO);
  place_.commit();
}

CsvTableReader::CsvTableReader(const std::string& path) : path_(path) {
  CsvText text = parse_csv(read_whole_file(path, "comma-separated values", 4,  // as text and as numbers
                                           "store it as an HDF5 point table, which is read in pieces"),
                           path);
  table_ = std::move(text.table);
  refusals_ = std::move(text.refusals);
}

bool CsvTableReader::has(const std::string& column) const {
  return std::find(table_.names.begin(), table_.names.end(), column) != table_.names.end();
}

void CsvTableReader::check_column(const std::string& column) {
  const auto found = std::find(table_.names.begin(), table_.names.end(), column);
  if (found == table_.names.end())
    throw Error(Status::usage, path_ + ": it has no column '" + column + "'; name it in the first line");
  const std::string& refusal = refusals_[static_cast<std::size_t>(found - table_.names.begin())];
  if (!refusal.empty()) throw Error(Status::usage, refusal);
}

std::int64_t CsvTableReader::held_bytes() const {
  return static_cast<std::int64_t>(table_.columns.size() * sizeof(double)) * table_.rows();
}

void CsvTableReader::read(const std::string& column, std::int64_t first, std::int64_t count, double* out) const {
  const double* values = table_.column(column).data() + first;
  const double* bad = std::find_if(values, values + count, [](double value) { return !std::isfinite(value); });
  if (bad != values + count)
    throw Error(Status::usage, fmt::format("{}, column '{}': row {} (line {}) is not a finite number; leave such points out",
                                           path_, column, first + (bad - values), first + (bad - values) + 2));
  std::copy_n(values, count, out);
}

}  // namespace jetpinn
