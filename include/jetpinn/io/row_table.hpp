// A table of points in a file, whatever its format: columns with names, all of one length.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// Any rank may read alone; every failure is an Error (usage) naming file and column.
class RowTable {
 public:
  virtual ~RowTable() = default;
  virtual const std::string& path() const = 0;
  virtual std::int64_t rows() const = 0;  // of the columns that were checked
  virtual std::vector<std::string> names() const = 0;
  virtual bool has(const std::string& column) const = 0;
  virtual void check_column(const std::string& column) = 0;  // refuses one that is no column of numbers, or too short
  virtual bool single(const std::string& column) const = 0;  // float32 instead of float64
  virtual std::int64_t held_bytes() const { return 0; }      // of values that the reader keeps in memory
  // Rows first .. first + count - 1; refuses values that are not finite.
  virtual void read(const std::string& column, std::int64_t first, std::int64_t count, double* out) const = 0;
};

// By the ending: .csv is comma-separated values (csv_table.hpp), .vtu and .vtp VTK's (vtk_table.hpp), any other HDF5.
bool is_csv(const std::string& path);
std::unique_ptr<RowTable> open_row_table(const std::string& path);

}  // namespace jetpinn
