// Gradients of blocks added exactly, where an engine computes: on a host into the sum itself, on a device into digits there,
// which go over to the sum together.
#pragma once

#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/exact_items.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

template <class Space>
class ExactGradient {
 public:
  void begin(SpacePool<Space>&, Stream, std::int64_t /*size*/, ExactSum& total) { total_ = &total; }
  void next_block(Stream) {}
  // Entries first to first + count - 1 += those of gradient [size].
  void add(Stream, std::int64_t first, std::int64_t count, const double* gradient) {
    total_->add(first, gradient + first, count);
  }
  void hand_over(Stream, std::int64_t, std::int64_t) {}

 private:
  ExactSum* total_ = nullptr;
};

template <class Space>
requires(!Space::host) class ExactGradient<Space> {
 public:
  void begin(SpacePool<Space>& pool, Stream stream, std::int64_t size, ExactSum& total) {
    if (size > size_) {
      digits_ = pool.template allocate<std::int64_t>(rows * size);
      size_ = size;
    }
    total_ = &total;
    clear(stream);
  }
  void add(Stream stream, std::int64_t first, std::int64_t count, DevicePointer<const double, Space> gradient) {
    launch(Space{}, stream, "jetpinn::add_exactly", count,
           ExactAddItem{(gradient + first).address(), (digits_ + first).address(), size_,
                        (digits_ + (ExactSum::limbs * size_ + first)).address()});
  }
  // Every entry is added to once before the next one begins.
  void next_block(Stream stream) {
    if (++blocks_ < most_blocks) return;
    hand_over(stream, 0, size_);
    clear(stream);
  }
  // What was added to entries first to first + count - 1 goes into the sum; waits for it. Nothing is added to them later.
  void hand_over(Stream stream, std::int64_t first, std::int64_t count) {
    if (count == 0) return;
    here_.resize(static_cast<std::size_t>(rows * count));
    for (int row = 0; row < rows; ++row) copy(stream, digits_ + (row * size_ + first), here_.data() + row * count, count);
    stream.wait();
    total_->add_digits(first, count, here_.data());
  }
  const void* address() const { return digits_.address(); }

 private:
  static constexpr int rows = ExactSum::limbs + 1;                    // the last one counts what was refused
  static constexpr std::int64_t most_blocks = std::int64_t{1} << 22;  // that the integers have room for, and as many again
  void clear(Stream stream) {
    fill(stream, digits_, rows * size_, std::int64_t{0});
    blocks_ = 0;
  }

  ExactSum* total_ = nullptr;
  DevicePointer<std::int64_t, Space> digits_ = nullptr;  // [rows, size]
  std::int64_t size_ = 0, blocks_ = 0;
  std::vector<std::int64_t> here_;
};

}  // namespace jetpinn
