// Tables of points in files for VTK (.vtu, .vtp): Points are the columns x, y, z, arrays at points are columns by their
// names.
#pragma once

#include "jetpinn/io/row_table.hpp"
#include "jetpinn/io/vtk_points.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

// Whether the ending is one of VTK's files; those that hold no points are refused by the reader.
bool is_vtk(const std::string& path);

// The file in memory, and of its arrays those that were asked for as numbers. An array v of two or three components is the
// columns v_x, v_y, v_z, of more components v_0, v_1, ... Normals (the array that is named as such, or called Normals or
// normals) are n_x, n_y, n_z too. A column that an array has by its own name comes before those of parts of arrays.
class VtkTableReader : public RowTable {
 public:
  explicit VtkTableReader(const std::string& path);
  VtkTableReader(std::string bytes, const std::string& path);  // of a file that was read
  VtkTableReader(const VtkTableReader&) = delete;              // the document is viewed
  VtkTableReader& operator=(const VtkTableReader&) = delete;

  const std::string& path() const override { return path_; }
  std::int64_t rows() const override { return rows_; }
  std::vector<std::string> names() const override { return names_; }
  bool has(const std::string& column) const override { return columns_.count(column) > 0; }
  void check_column(const std::string& column) override;
  bool single(const std::string& column) const override;
  std::int64_t held_bytes() const override;
  void read(const std::string& column, std::int64_t first, std::int64_t count, double* out) const override;

 private:
  struct Column {
    std::string array;  // "": the places of the points
    std::size_t component = 0;
  };
  void add(const std::string& name, const std::string& array, std::size_t component);
  void add_parts(const std::string& name, const VtkArray& array);
  void add_columns(const VtkPiece& piece);
  const VtkArray& array_of(std::size_t piece, const std::string& array) const;
  void require_room(const std::string& array) const;
  const std::vector<double>& values(const std::string& array);  // [rows, components]
  std::size_t components(const std::string& array) const;

  std::string path_;
  std::string bytes_;
  VtkPoints points_;
  std::int64_t rows_ = 0;
  std::vector<std::string> names_;  // in the order of the file, places first
  std::map<std::string, Column> columns_;
  std::map<std::string, std::vector<double>> values_;  // by arrays, of those that were asked for
};

}  // namespace jetpinn
