// Which images a step trains on: each epoch goes through all of them once, in an order of its own. Pure functions of the
// seed and the step.
#pragma once

#include "jetpinn/base/blocks.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// The images of a step are dealt to ranks in blocks of so many, whose gradients are summed exactly at level `ranks`.
inline constexpr std::int64_t images_of_block = 32;

class ImageBatches {
 public:
  ImageBatches(std::int64_t images, std::int64_t batch, std::uint64_t seed) : images_(images), batch_(batch), seed_(seed) {}

  std::int64_t steps_of_epoch() const { return (images_ + batch_ - 1) / batch_; }  // the last one may be short
  std::int64_t epoch_of(std::int64_t step) const { return step / steps_of_epoch(); }
  bool ends_epoch(std::int64_t steps) const { return steps > 0 && steps % steps_of_epoch() == 0; }
  std::vector<std::int64_t> images_of(std::int64_t step) const;  // by their numbers

 private:
  std::int64_t images_, batch_;
  std::uint64_t seed_;
};

// Positions 0 .. count - 1 of a step that a rank holds: a run of whole blocks.
std::vector<Block> blocks_of_rank(std::int64_t count, std::int64_t block, int rank, int ranks);

}  // namespace jetpinn
