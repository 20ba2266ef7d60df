#include "jetpinn/sampling/streamed_weights.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace jetpinn {

StreamedWeights::StreamedWeights(std::shared_ptr<const GenerationFile> file, const SegmentOrder& order,
                                 std::vector<std::int64_t> slots)
    : file_(std::move(file)), order_(order), slots_(std::move(slots)) {
  for (const std::int64_t slot : slots_)
    for (std::int64_t first = 0; first < order_.segment_points(); first += block_points)
      blocks_.push_back({slot * order_.segment_points() + first, block_points});
  numbers_.assign(blocks_.size() * static_cast<std::size_t>(block_points), 1.0);
}

void StreamedWeights::read_window(std::int64_t generation, std::int64_t epoch, std::int64_t window, double* out) const {
  for (const std::int64_t slot : slots_) {
    if (slot >= order_.slots_of(window)) return;
    file_->read(generation, order_.rows_in(epoch, window, slot), out);
    out += order_.segment_points();
  }
}

void StreamedWeights::write_window(std::int64_t epoch, std::int64_t window, const std::vector<double>& numbers) const {
  const double* values = numbers.data();
  for (const std::int64_t slot : slots_) {
    if (slot >= order_.slots_of(window)) return;
    file_->write(epoch, order_.rows_in(epoch, window, slot), values);
    values += order_.segment_points();
  }
}

std::vector<double> StreamedWeights::read(std::int64_t epoch, std::int64_t window) const {
  std::vector<double> numbers(blocks_.size() * static_cast<std::size_t>(block_points), 1.0);
  if (epoch > 0) read_window(epoch - 1, epoch, window, numbers.data());
  return numbers;
}

void StreamedWeights::wait() {
  if (writing_.valid()) writing_.get();
}

void StreamedWeights::enter(std::int64_t epoch, std::int64_t window, std::vector<double> numbers) {
  wait();
  if (holds_any())
    writing_ = std::async(std::launch::async,
                          [this, from = epoch_, of = window_, left = std::move(numbers_)] { write_window(from, of, left); });
  epoch_ = epoch;
  window_ = window;
  numbers_ = std::move(numbers);
}

void StreamedWeights::put_away() {
  wait();
  if (holds_any()) write_window(epoch_, window_, numbers_);
  epoch_ = window_ = -1;
}

void StreamedWeights::take_up(std::int64_t epoch, std::int64_t window) {
  numbers_.assign(numbers_.size(), 1.0);
  read_window(epoch, epoch, window, numbers_.data());
  epoch_ = epoch;
  window_ = window;
}

void StreamedWeights::cut_epoch(std::int64_t epoch, std::int64_t window) const {
  for (std::int64_t later = window + 1; later < order_.windows(); ++later) write_window(epoch, later, read(epoch, later));
}

void StreamedWeights::flush() {
  wait();
  file_->flush();
}

// The window that is held was read already.
void StreamedWeights::verify() const {
  std::vector<double> numbers(numbers_.size());
  for (std::int64_t window = 0; window < order_.windows() && holds_any(); ++window) {
    const std::int64_t generation = window < window_ ? epoch_ : epoch_ - 1;
    if (window != window_ && generation >= 0) read_window(generation, epoch_, window, numbers.data());
  }
}

State StreamedWeights::state() {
  return {{"epoch", &epoch_},
          {"window", &window_},
          {"numbers", SharedColumn{&blocks_, order_.slots() * order_.segment_points(), numbers_.data()}}};
}

}  // namespace jetpinn
