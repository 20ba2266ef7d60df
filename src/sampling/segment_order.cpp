#include "jetpinn/sampling/segment_order.hpp"

#include "jetpinn/sampling/permutation.hpp"

#include <algorithm>
#include <limits>

namespace jetpinn {
namespace {

// Of a segment: what is read at once is 128 KiB of a column. Many slots make it shorter, so that a window is not too large.
constexpr std::int64_t most_blocks = 64, fewest_blocks = 8, most_blocks_of_window = 16384;

std::int64_t over(std::int64_t number, std::int64_t by) { return number / by + (number % by > 0); }  // rounded up
std::int64_t blocks_that_hold(std::int64_t points) { return over(points, block_points); }

}  // namespace

SegmentOrder::SegmentOrder(std::int64_t count, std::int64_t wanted, std::uint64_t seed, std::uint32_t term)
    : count_(count), seed_(seed), term_(term) {
  const std::int64_t blocks = blocks_that_hold(count), of_a_step = std::min(blocks_that_hold(wanted), blocks);
  const std::int64_t at_most = std::clamp(most_blocks_of_window / of_a_step, fewest_blocks, most_blocks);
  const std::int64_t windows = over(blocks, of_a_step * at_most);
  segment_blocks_ = over(blocks, of_a_step * windows);  // so that windows are full
  segments_ = over(blocks, segment_blocks_);
  windows_ = over(segments_, of_a_step);
}

// The short segment is the last of an epoch. Alone in its window, it ends the epoch early.
std::int64_t SegmentOrder::steps() const {
  const RowRange last = rows_of_segment(segments_ - 1);
  const std::int64_t of_last = slots_of(windows_ - 1) == 1 ? blocks_that_hold(last.count()) : segment_blocks_;
  return (windows_ - 1) * segment_blocks_ + of_last;
}

std::int64_t SegmentOrder::slots_of(std::int64_t window) const {
  return share_rows(segments_, static_cast<int>(window), static_cast<int>(windows_)).count();
}

RowRange SegmentOrder::rows_of_segment(std::int64_t segment) const {
  const std::int64_t begin = segment * segment_points();
  return {begin, std::min(begin + segment_points(), count_)};
}

std::int64_t SegmentOrder::segment_of(std::int64_t epoch, std::int64_t window, std::int64_t slot) const {
  const std::int64_t at = share_rows(segments_, static_cast<int>(window), static_cast<int>(windows_)).begin + slot;
  const std::int64_t whole = count_ / segment_points();
  if (at >= whole) return at;
  constexpr std::uint64_t no_segment = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t seed = random_words({seed_, term_, 0}, Draw::stream, no_segment, static_cast<std::uint64_t>(epoch))[0];
  const Permutation order(static_cast<std::uint64_t>(whole), seed);
  return static_cast<std::int64_t>(order(static_cast<std::uint64_t>(at)));
}

RowRange SegmentOrder::rows_in(std::int64_t epoch, std::int64_t window, std::int64_t slot) const {
  return rows_of_segment(segment_of(epoch, window, slot));
}

std::vector<std::int64_t> SegmentOrder::shuffled(std::int64_t epoch, RowRange rows) const {
  const auto segment = static_cast<std::uint64_t>(rows.begin / segment_points());
  const Permutation order(static_cast<std::uint64_t>(rows.count()),
                          random_words({seed_, term_, 0}, Draw::stream, segment, static_cast<std::uint64_t>(epoch))[0]);
  std::vector<std::int64_t> places(static_cast<std::size_t>(rows.count()));
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int64_t>(order(i));
  return places;
}

RowRange SegmentOrder::taken(std::int64_t step, std::int64_t rows) const {
  const std::int64_t begin = std::min(step % segment_blocks_ * block_points, rows);
  return {begin, std::min(begin + block_points, rows)};
}

std::int64_t SegmentOrder::points_of(std::int64_t step) const {
  const std::int64_t window = window_of(step), slots = slots_of(window);
  if (window < windows_ - 1) return slots * block_points;
  return (slots - 1) * block_points + taken(step, rows_of_segment(segments_ - 1).count()).count();
}

}  // namespace jetpinn
