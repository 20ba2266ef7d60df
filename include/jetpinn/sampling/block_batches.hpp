// Mini-batches of a term: which of its blocks a step takes, a pure function of seed, term and step.
//
// The M blocks of a term are cut into runs of K neighbours, K = ceil(M / ceil(wanted / block_points)). In an epoch of K
// steps a batch takes one block of each run (the last run may have fewer), in an order that is shuffled for each run and
// epoch: every block is in exactly one batch of an epoch, batches differ by at most one block, and each is spread over the
// whole set. A rank that holds neighbouring blocks has about its share of them in every batch.
#pragma once

#include "jetpinn/base/blocks.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

class BlockBatches {
 public:
  // Of `count` points, about `wanted` in a step, in whole blocks. 0, or as many as there are: every step takes all of them.
  BlockBatches(std::int64_t count, std::int64_t wanted, std::uint64_t seed, std::uint32_t term);

  std::int64_t number() const { return number_; }      // of batches in an epoch, K
  std::int64_t largest() const;                        // points of a batch without a short block, at most
  std::vector<Block> blocks(std::int64_t step) const;  // over all ranks, ascending

 private:
  std::int64_t runs() const { return (blocks_ + number_ - 1) / number_; }

  std::int64_t count_, blocks_, number_;
  std::uint64_t seed_;
  std::uint32_t term_;
};

}  // namespace jetpinn
