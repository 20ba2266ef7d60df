#include "jetpinn/classify/image_batches.hpp"

#include "jetpinn/sampling/permutation.hpp"

#include <algorithm>

namespace jetpinn {

std::vector<std::int64_t> ImageBatches::images_of(std::int64_t step) const {
  const auto epoch = static_cast<std::uint64_t>(epoch_of(step));
  const Permutation order(static_cast<std::uint64_t>(images_), random_words({seed_, 0, 0}, Draw::batch, epoch)[0]);
  const std::int64_t first = step % steps_of_epoch() * batch_, end = std::min(first + batch_, images_);
  std::vector<std::int64_t> images;
  for (std::int64_t i = first; i < end; ++i)
    images.push_back(static_cast<std::int64_t>(order(static_cast<std::uint64_t>(i))));
  return images;
}

std::vector<Block> blocks_of_rank(std::int64_t count, std::int64_t block, int rank, int ranks) {
  const RowRange mine = share_rows((count + block - 1) / block, rank, ranks);
  std::vector<Block> blocks;
  for (std::int64_t b = mine.begin; b < mine.end; ++b) blocks.push_back({b * block, std::min(block, count - b * block)});
  return blocks;
}

}  // namespace jetpinn
