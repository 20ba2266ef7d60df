// New measurements, some rows at a time: a point table (HDF5 or CSV), or lines on standard input: JSON objects, as in
// {"t": 0.1, "x": 0.5, "u": 0.7}, or CSV with the names in its first line.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/compress/adapt.hpp"
#include "jetpinn/io/row_table.hpp"
#include "jetpinn/problem/problem.hpp"

#include <exception>
#include <istream>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

class MeasurementStream {
 public:
  // source: a file, or "-" for `lines`, which is read on rank 0 alone and outlives it. Collective. Throws Error (usage)
  // where a coordinate is missing, or all fields are.
  MeasurementStream(Communicator& communicator, const std::string& source, std::istream& lines, const SymbolTable& symbols);

  const std::vector<int>& measured() const { return measured_; }  // fields that it has, by their numbers
  // Up to `most` further rows; none: the end. Collective, alike on every rank. Throws Error (usage) naming the line of what
  // is no row, when the rows before it were given.
  MeasuredRows next(Communicator& communicator, std::int64_t most);

 private:
  void open(const std::string& source, const SymbolTable& symbols);
  bool read_line(std::string& line);
  std::vector<double> numbers_of(const std::string& line) const;
  [[noreturn]] void fail(const std::string& what) const;

  std::istream& lines_;
  std::vector<std::string> columns_;  // coordinates, then the measured fields
  std::vector<int> measured_;
  std::size_t dimensions_ = 0;
  // rank 0:
  std::unique_ptr<RowTable> table_;  // null: standard input
  std::int64_t at_ = 0;              // rows or lines that were read
  std::exception_ptr trouble_;       // of a line behind rows that were given
  std::string first_;                // a line that was looked at already
  std::vector<std::size_t> places_;  // [columns] of CSV, where they stand in a line; empty: JSON
};

}  // namespace jetpinn
