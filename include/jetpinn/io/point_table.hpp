// Point tables: HDF5 files with one 1-D float64 dataset per coordinate and per field at the root, all of one length.
#pragma once

#include "jetpinn/io/hdf5.hpp"
#include "jetpinn/io/row_table.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

struct PointTable {
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;   // [names][rows]

  std::int64_t rows() const { return columns.empty() ? 0 : static_cast<std::int64_t>(columns[0].size()); }
  const std::vector<double>& column(const std::string& name) const;   // it must be there
};

// Reads parts of a table. Any rank may do so alone; every failure is an Error (usage) naming file and column.
class PointTableReader : public RowTable {
 public:
  // Checks that each required column is a 1-D dataset of floats and that all have one length. Other datasets are left alone.
  PointTableReader(const std::string& path, const std::vector<std::string>& required);

  const std::string& path() const override { return file_.path(); }
  std::int64_t rows() const override { return rows_; }
  std::vector<std::string> names() const override { return file_.members(); }
  bool has(const std::string& column) const override { return file_.has(column); }
  void check_column(const std::string& column) override;  // as for the required ones
  bool single(const std::string& column) const override { return file_.value_bytes(column) == 4; }
  void read(const std::string& column, std::int64_t first, std::int64_t count, double* out) const override;
  // The same of a column whose values need not be finite.
  void read_any(const std::string& column, std::int64_t first, std::int64_t count, double* out) const {
    file_.read_rows(column, first, count, out);
  }

 private:
  hdf5::InputFile file_;
  std::int64_t rows_ = -1;
  std::string first_column_;
};

// Whole columns; refused when they would not fit into the memory at hand.
PointTable read_point_table(const std::string& path, const std::vector<std::string>& required_columns);

// A table that is written in pieces; the file appears by finish(). One rank uses it, memory is that of a piece.
class TableWriter {
 public:
  virtual ~TableWriter() = default;
  // values[column * stride + i] is row first + i.
  virtual void write(std::int64_t first, std::int64_t count, const double* values, std::int64_t stride) = 0;
  virtual void finish() = 0;
};

// A point table in a group of a file ("": at its root), whose owner commits the file; the pieces may come in any order.
class PointGroupWriter : public TableWriter {
 public:
  PointGroupWriter(hdf5::OutputFile& file, const std::string& group, std::vector<std::string> columns, std::int64_t rows);
  void write(std::int64_t first, std::int64_t count, const double* values, std::int64_t stride) override;
  void finish() override {}

 private:
  hdf5::OutputFile& file_;
  std::vector<std::string> columns_;  // with their group
};

// A point table that is a file.
class PointTableWriter : public TableWriter {
 public:
  // `on_failure`: status when the file cannot be created (usage while a command starts).
  PointTableWriter(const std::string& path, std::vector<std::string> columns, std::int64_t rows,
                   const std::map<std::string, std::string>& attributes = {}, Status on_failure = Status::storage);
  hdf5::OutputFile& file() { return file_; }   // for attributes
  void write(std::int64_t first, std::int64_t count, const double* values, std::int64_t stride) override {
    root_.write(first, count, values, stride);
  }
  void finish() override { file_.commit(); }

 private:
  hdf5::OutputFile file_;
  PointGroupWriter root_;
};

void write_point_table(const std::string& path, const PointTable& table,
                       const std::map<std::string, std::string>& attributes = {});

}  // namespace jetpinn
