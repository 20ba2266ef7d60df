// New measurements, some rows at a time: a point table (HDF5 or CSV), or lines on standard input: JSON objects, as in
// {"t": 0.1, "x": 0.5, "u": 0.7}, or CSV with the names in its first line. Rows outside the domain are left out.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/compress/adapt.hpp"
#include "jetpinn/io/row_table.hpp"
#include "jetpinn/problem/problem.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

class MeasurementSource;  // rows one by one, as rank 0 reads them

// Which measurements a stream gives. Of a file: how many rows it has, and the hash of their values; of standard input
// neither is known.
struct MeasuredData {
  std::string source;  // the file, or "-"
  std::vector<std::string> columns;
  std::int64_t rows = 0;
  std::string hash;
};

class MeasurementStream {
 public:
  // source: a file, or "-" for `lines`, which is read on rank 0 alone; from where stop() says so on, it is at its end. Lines
  // and problem outlive it. Waits for the first row. Collective. Throws Error (usage) where a coordinate is missing, or all
  // fields are, where there is no row, and where more rows of a file lie outside the domain than a table of `train` may have
  // there; (stopped) where it is asked to stop before the first row; and what `lines` throws where it cannot be read.
  MeasurementStream(
      Communicator& communicator, const std::string& source, std::istream& lines, const Problem& problem,
      std::function<bool()> stop = [] { return false; });
  ~MeasurementStream();
  MeasurementStream(const MeasurementStream&) = delete;
  MeasurementStream& operator=(const MeasurementStream&) = delete;

  const std::vector<int>& measured() const { return measured_; }  // fields that it has, by their numbers
  // Up to `most` further rows; none: the end. Collective, alike on every rank. Throws Error (usage), when the rows before it
  // were given, naming the line of what is no row, and where too many lines of standard input lie outside the domain; and
  // what `lines` throws.
  MeasuredRows next(Communicator& communicator, std::int64_t most);

  // Rank 0:
  MeasuredData data(std::int64_t most_rows) const;  // of a file its first rows, whatever was given of them
  const std::string& name() const { return name_; }
  bool from_lines() const { return !table_; }        // of standard input
  std::int64_t rows() const { return rows_; }        // of a file all, of standard input those that were read
  std::int64_t outside() const { return outside_; }  // of them, outside the domain
  std::int64_t lines() const;                        // of standard input, that were read; blank ones count
  std::string row_name(std::int64_t row) const;      // of those that next() gave last, for messages

 private:
  void open(std::istream& lines);
  void choose_columns();
  bool take(std::vector<double>& row);
  bool count(std::vector<double>& row);
  void read(std::int64_t most, std::vector<double>& numbers);
  void check_outside() const;

  const Problem& problem_;
  std::function<bool()> stop_;
  std::vector<int> measured_;
  // rank 0:
  std::string name_;                 // of the source, for messages
  std::unique_ptr<RowTable> table_;  // null: standard input
  std::unique_ptr<MeasurementSource> source_;
  std::vector<std::string> columns_;  // coordinates, then the measured fields
  std::vector<double> room_;          // [dimensions] for rounding at the domain's border
  std::optional<std::vector<double>> held_;  // the first row of standard input, until it is given
  std::vector<std::int64_t> places_;         // [rows that next() gave last] in the source, from 1
  std::int64_t rows_ = 0, outside_ = 0;
  std::exception_ptr trouble_;  // behind rows that were given
};

}  // namespace jetpinn
