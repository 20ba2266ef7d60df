// Points that a table holds and no memory needs to: they are read while a run trains on them, a window of segments
// (segment_order.hpp) ahead of the steps, on a thread of its own. One rank's share of them.
#pragma once

#include "jetpinn/io/open_table.hpp"
#include "jetpinn/sampling/point_set.hpp"
#include "jetpinn/sampling/sampling_options.hpp"
#include "jetpinn/sampling/segment_order.hpp"
#include "jetpinn/sampling/streamed_weights.hpp"

#include <cstdint>
#include <future>
#include <string>
#include <vector>

namespace jetpinn {

// A step of an epoch.
struct StreamPlace {
  std::int64_t epoch = 0, step = 0;

  bool operator==(const StreamPlace& other) const = default;
};

// What was read of a set, for a sum over ranks that tells whether every row was there once. The sum of row numbers wraps.
struct RowsRead {
  std::int64_t rows = 0;
  std::uint64_t numbers = 0;
};

class StreamedPoints {
 public:
  // slots: of a window, those of this rank, ascending. Columns of the coordinates have their names. Throws Error (usage)
  // naming file and column. weights: numbers that the rows have beside them, of the same slots, which outlive it; null:
  // none.
  StreamedPoints(StoredPointsOptions options, std::vector<std::string> coordinates, const SegmentOrder& order,
                 std::vector<std::int64_t> slots, StreamedWeights* weights = nullptr);

  const SegmentOrder& order() const { return order_; }
  // Whether take() has to wait until more is read: where it may throw.
  bool reads_for(StreamPlace place) const;
  // This rank's points of a step; weights are all 1. Throws Error (usage) for values that are not finite, for rows outside
  // the domain, for normals that are none (stored_normals.hpp), and where the file was changed; Error (storage) where it
  // cannot be read.
  RowsRead take(StreamPlace place, TermPoints& points);
  // Of the points that were taken last, at `place`: their numbers out of the window that is held, and back into it. Behind
  // the last window of an epoch take() reads those that all ranks have written before.
  std::vector<double> numbers_at(StreamPlace place);
  void put_numbers(StreamPlace place, const std::vector<double>& numbers);

  double waited_s() const { return waited_s_; }            // for what was not read yet
  std::int64_t read_bytes() const { return read_bytes_; }  // as they lie in the file
  const std::vector<std::int64_t>& slots() const { return slots_; }
  // Of both windows that a rank with so many slots holds. weighs: and their numbers, with those that are being written.
  static std::int64_t window_bytes(const SegmentOrder& order, std::int64_t slots, std::int64_t columns, bool weighs);

 private:
  struct Segment {
    RowRange rows;
    std::vector<double> values;  // [columns, rows], in the order in which they are taken
    std::vector<std::int64_t> order;
  };
  struct Window {
    std::int64_t epoch = -1, number = -1;
    std::vector<Segment> segments;  // [slots of this rank that the window has]
    std::vector<double> numbers;    // as StreamedWeights has them; empty: not read

    bool is(std::int64_t of_epoch, std::int64_t of_number) const { return epoch == of_epoch && number == of_number; }
  };

  std::size_t columns() const { return names_.size(); }
  Window read(std::int64_t epoch, std::int64_t number, bool numbers) const;
  template <class Visit>
  void for_each_number(StreamPlace place, const Visit& visit);
  void read_segment(std::int64_t epoch, Segment& segment) const;
  void bring_normal(std::int64_t number, std::vector<double>& row) const;
  void append(std::int64_t step, std::size_t column, std::vector<double>& out) const;
  RowsRead gather(StreamPlace place, TermPoints& points) const;
  void read_ahead(std::int64_t epoch, std::int64_t number);

  StoredPointsOptions options_;
  std::vector<std::string> coordinates_;
  std::vector<std::string> names_;   // of the columns
  std::vector<std::size_t> normal_;  // which of them are components of the normal
  SegmentOrder order_;
  std::vector<std::int64_t> slots_;
  StreamedWeights* weights_;
  OpenTable table_;
  std::vector<double> room_;  // [dimensions] what rounding may have moved a coordinate
  Window window_;
  std::int64_t next_epoch_ = -1, next_number_ = -1;  // the window that next_ reads
  double waited_s_ = 0;
  std::int64_t read_bytes_ = 0;
  std::future<Window> next_;  // last: it reads what stands above
};

// Refuses a row: whatever is streamed is trained on. place: its coordinates. Throws Error (usage).
[[noreturn]] void fail_outside(const std::string& file, const std::vector<std::string>& coordinates, std::int64_t row,
                               const double* place);

// Its columns as OpenTable names them: coordinates, attributes that have one, then data.
std::vector<std::string> streamed_columns(const StoredPointsOptions& options, const std::vector<std::string>& coordinates);

}  // namespace jetpinn
