// Points to evaluate at that are no term's collocation points: consecutive rows in whole blocks, without weights.
#pragma once

#include "jetpinn/sampling/point_set.hpp"

namespace jetpinn {

// Rows first .. first + count - 1 of global_count; coordinates [dimensions, count] are zero.
TermPoints make_point_batch(int dimensions, std::int64_t first, std::int64_t count, std::int64_t global_count);

// Rows of `rows` that rank `rank` of `ranks` takes: [begin, end), shares differ by at most one.
struct RowRange {
  std::int64_t begin = 0, end = 0;
  std::int64_t count() const { return end - begin; }
};
RowRange share_rows(std::int64_t rows, int rank, int ranks);

}  // namespace jetpinn
