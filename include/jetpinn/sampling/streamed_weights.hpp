// A number for each row of a set that no memory holds (streamed_points.hpp), which training changes: a window of them is in
// memory, all of them are in a file (io/generation_file.hpp). One rank's share.
//
// An epoch makes a generation: what a window's numbers are is read from the generation of the epoch before, and written to
// that of the epoch when the window is left. So the epoch, the window and its numbers tell where the numbers of every row
// are, and a run can go on from them as long as both generations are there. In epoch 0 all numbers are 1.
#pragma once

#include "jetpinn/base/blocks.hpp"
#include "jetpinn/base/state.hpp"
#include "jetpinn/io/generation_file.hpp"
#include "jetpinn/sampling/segment_order.hpp"

#include <cstdint>
#include <future>
#include <memory>
#include <vector>

namespace jetpinn {

// A file of `places` generations, and the last checkpoint, of the epoch `saved` (< 0: there is none): whether writing the
// generation of `epoch` takes one that the checkpoint needs, which are that of its epoch and the one before; and whether
// writing that of the next epoch would, so that it is time for another checkpoint.
inline bool takes_what_is_needed(std::int64_t epoch, std::int64_t saved, std::int64_t places) {
  return epoch >= places && saved - 1 <= epoch - places;
}
inline bool wants_checkpoint(std::int64_t epoch, std::int64_t saved, std::int64_t places) {
  return takes_what_is_needed(epoch + 1, saved, places);
}

class StreamedWeights {
 public:
  // slots: of a window, those of this rank, ascending; see StreamedPoints.
  StreamedWeights(std::shared_ptr<const GenerationFile> file, const SegmentOrder& order, std::vector<std::int64_t> slots);

  const SegmentOrder& order() const { return order_; }
  const std::vector<std::int64_t>& slots() const { return slots_; }
  bool holds_any() const { return epoch_ >= 0; }
  bool holds(std::int64_t epoch, std::int64_t window) const { return epoch_ == epoch && window_ == window; }
  std::int64_t epoch() const { return epoch_; }  // of the window that is held; < 0: none is
  std::int64_t window() const { return window_; }

  // Numbers of a window as its epoch finds them, [slots of this rank, points of a segment]; where a segment is shorter, 1.
  // On any thread, once all ranks have written the epoch before. Throws Error (storage).
  std::vector<double> read(std::int64_t epoch, std::int64_t window) const;
  // That window is held from now on; the one before is written on another thread. Throws what went wrong with the last
  // writing.
  void enter(std::int64_t epoch, std::int64_t window, std::vector<double> numbers);
  // Writes the window that is held, which is held no longer; waits. Throws Error (storage).
  void put_away();
  // After all ranks did that, under any share of the slots: the window is held again.
  void take_up(std::int64_t epoch, std::int64_t window);
  // After put_away(): the epoch ends with this window, and the rows of those behind it keep their numbers.
  void cut_epoch(std::int64_t epoch, std::int64_t window) const;
  void flush();  // waits for what is being written, and brings it to the disk

  // Reads all that the rest of the epoch, and later ones, will need of this rank's slots. Throws Error (storage).
  void verify() const;

  // Of this rank's slot `which`, by places in the segment.
  double* segment(std::size_t which) { return numbers_.data() + static_cast<std::int64_t>(which) * order_.segment_points(); }

  State state();  // epoch, window, numbers by slots

 private:
  void read_window(std::int64_t generation, std::int64_t epoch, std::int64_t window, double* out) const;
  void write_window(std::int64_t epoch, std::int64_t window, const std::vector<double>& numbers) const;
  void wait();

  std::shared_ptr<const GenerationFile> file_;
  SegmentOrder order_;
  std::vector<std::int64_t> slots_;
  std::vector<Block> blocks_;  // of the column in a checkpoint, of this rank
  std::int64_t epoch_ = -1, window_ = -1;
  std::vector<double> numbers_;
  std::future<void> writing_;  // last: it uses what stands above
};

}  // namespace jetpinn
