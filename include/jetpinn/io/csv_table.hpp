// Comma-separated tables: a line of names, then a line a row, numbers with all their digits.
#pragma once

#include "jetpinn/io/point_table.hpp"

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace jetpinn {

// Names with a comma or a quotation mark in quotation marks.
std::string csv_header(const std::vector<std::string>& columns);
std::string csv_row(const double* values, std::size_t count, std::int64_t stride = 1);   // without the end of the line

// Rows come in order. The file appears by finish(). One rank uses it.
class CsvTableWriter : public TableWriter {
 public:
  CsvTableWriter(const std::string& path, const std::vector<std::string>& columns, Status on_failure = Status::storage);
  void write(std::int64_t first, std::int64_t count, const double* values, std::int64_t stride) override;
  void finish() override;

 private:
  AtomicFile place_;
  std::ofstream out_;
  std::size_t columns_;
};

// A table in memory. The first line names the columns; spaces around names and numbers do not count. Throws Error (usage)
// naming file and line for a line of another length, and in check_column for text that is no number.
class CsvTableReader : public RowTable {
 public:
  explicit CsvTableReader(const std::string& path);

  const std::string& path() const override { return path_; }
  std::int64_t rows() const override { return table_.rows(); }
  std::vector<std::string> names() const override { return table_.names; }
  bool has(const std::string& column) const override;
  void check_column(const std::string& column) override;
  bool single(const std::string&) const override { return false; }
  std::int64_t held_bytes() const override;
  void read(const std::string& column, std::int64_t first, std::int64_t count, double* out) const override;

 private:
  std::string path_;
  PointTable table_;
  std::vector<std::string> refusals_;  // [columns] empty: numbers
};

}  // namespace jetpinn
