// Columns of an HDF5 table, read from the open file and not by the library: any number of threads may read at once, and
// nothing stays in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

class OpenTable {
 public:
  // Throws Error (usage) naming file and column: as PointTableReader does, and where the columns are compressed.
  OpenTable(std::string path, std::vector<std::string> columns);
  OpenTable(const OpenTable&) = delete;
  OpenTable& operator=(const OpenTable&) = delete;
  ~OpenTable();

  const std::string& path() const { return path_; }
  std::int64_t rows() const { return rows_; }
  const std::string& name(std::size_t column) const;
  bool single(std::size_t column) const;  // float32 instead of float64

  // Rows first .. first + count - 1 of a column. Throws Error (storage) where they cannot be read.
  void read(std::size_t column, std::int64_t first, std::int64_t count, double* out) const;
  // Whether anybody has written to the file since it was opened.
  bool changed() const;

 private:
  struct Column;

  std::string path_;
  std::vector<Column> columns_;
  std::int64_t rows_ = 0;
  int descriptor_ = -1;
  std::int64_t bytes_ = 0, written_ns_ = 0;  // when it was opened
};

}  // namespace jetpinn
