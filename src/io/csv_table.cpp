#include "jetpinn/io/csv_table.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <iterator>

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

}  // namespace jetpinn
