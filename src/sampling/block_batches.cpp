#include "jetpinn/sampling/block_batches.hpp"

#include "jetpinn/sampling/permutation.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

std::int64_t blocks_of(std::int64_t points) { return points / block_points + (points % block_points > 0); }

}  // namespace

BlockBatches::BlockBatches(std::int64_t count, std::int64_t wanted, std::uint64_t seed, std::uint32_t term)
    : count_(count), blocks_(blocks_of(count)), number_(1), seed_(seed), term_(term) {
  const std::int64_t taken = blocks_of(wanted);
  if (taken > 0 && taken < blocks_) number_ = (blocks_ + taken - 1) / taken;
}

std::int64_t BlockBatches::largest() const { return std::min(runs() * block_points, count_); }

std::vector<Block> BlockBatches::blocks(std::int64_t step) const {
  const std::int64_t epoch = step / number_, batch = step % number_;
  std::vector<Block> taken;
  for (std::int64_t run = 0; run < runs(); ++run) {
    const std::uint64_t seed =
        random_words({seed_, term_, 0}, Draw::batch, static_cast<std::uint64_t>(run), static_cast<std::uint64_t>(epoch))[0];
    const Permutation order(static_cast<std::uint64_t>(number_), seed);
    const std::int64_t block = run * number_ + static_cast<std::int64_t>(order(static_cast<std::uint64_t>(batch)));
    if (block < blocks_) taken.push_back({block * block_points, std::min(block_points, count_ - block * block_points)});
  }
  return taken;
}

}  // namespace jetpinn
