// How a network follows new measurements.
#pragma once

#include <cstdint>

namespace jetpinn {

struct AdaptOptions {
  std::int64_t batch = 64;    // rows of an update
  std::int64_t replay = 256;  // earlier rows that are kept, and trained on again
  std::int64_t steps = 20;    // of an update
  double rate = 1e-4;         // of Adam
  double elastic = 1e-3;
  double allowed = 0.1;  // growth of the validation error, or of a statement's residual
};

}  // namespace jetpinn
