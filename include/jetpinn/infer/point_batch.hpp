// Points to evaluate at that are no term's collocation points: consecutive rows in whole blocks, without weights.
#pragma once

#include "jetpinn/sampling/point_set.hpp"

namespace jetpinn {

// Rows first .. first + count - 1 of global_count; coordinates [dimensions, count] are zero.
TermPoints make_point_batch(int dimensions, std::int64_t first, std::int64_t count, std::int64_t global_count);

}  // namespace jetpinn
