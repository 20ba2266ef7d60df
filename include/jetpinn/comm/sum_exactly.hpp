// Exact sums over ranks: the same bits however many there are.
#pragma once

#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/comm/communicator.hpp"

namespace jetpinn {

// Every rank's addends to every rank. Collective.
inline void sum_exactly(Communicator& communicator, const char* phase, ExactSum& sum) {
  std::vector<std::int64_t>& integers = sum.exchange();
  communicator.sum(phase, integers.data(), static_cast<std::int64_t>(integers.size()));
  sum.finish_exchange();
}

}  // namespace jetpinn
