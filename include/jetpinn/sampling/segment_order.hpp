// Which rows of a set a step takes where the set is read while a run trains on it, and in which order: a pure function of
// seed, term, epoch and step.
//
// The rows are cut into segments of whole blocks. An epoch takes the segments in an order of its own, a window of them after
// the other; a step takes one block of every segment of its window, whose points are shuffled within the segment. So a step
// has points of as many places of the file as it has blocks, every row is taken once in an epoch, and whoever reads ahead
// reads long pieces: it holds two windows. Whatever the number of ranks, a slot of the window, with the segment that stands
// there, belongs to one of them.
#pragma once

#include "jetpinn/base/blocks.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

class SegmentOrder {
 public:
  // Of `count` rows, about `wanted` in a step, in whole blocks; not more. count, wanted >= 1
  SegmentOrder(std::int64_t count, std::int64_t wanted, std::uint64_t seed, std::uint32_t term);

  bool operator==(const SegmentOrder& other) const = default;
  std::int64_t count() const { return count_; }
  std::int64_t slots() const { return (segments_ + windows_ - 1) / windows_; }  // segments of a window, at most
  std::int64_t windows() const { return windows_; }
  std::int64_t steps() const;                                                     // of an epoch
  std::int64_t steps_of_window() const { return segment_blocks_; }                // of the last one maybe fewer
  std::int64_t segment_points() const { return segment_blocks_ * block_points; }  // of the last segment maybe fewer
  std::int64_t largest() const { return points_of(0); }                           // points of a step, at most

  std::int64_t window_of(std::int64_t step) const { return step / segment_blocks_; }  // step: of the epoch
  std::int64_t slots_of(std::int64_t window) const;
  // Rows of the segment in a slot, and the order in which they are taken: [i] is the place of the i-th in the segment.
  RowRange rows_in(std::int64_t epoch, std::int64_t window, std::int64_t slot) const;
  std::vector<std::int64_t> shuffled(std::int64_t epoch, RowRange rows) const;
  // Points that a step takes of a segment of `rows` rows, by their places in its order, and of all segments.
  RowRange taken(std::int64_t step, std::int64_t rows) const;
  std::int64_t points_of(std::int64_t step) const;

 private:
  std::int64_t segment_of(std::int64_t epoch, std::int64_t window, std::int64_t slot) const;
  RowRange rows_of_segment(std::int64_t segment) const;

  std::int64_t count_, segment_blocks_, segments_, windows_;
  std::uint64_t seed_;
  std::uint32_t term_;
};

}  // namespace jetpinn
