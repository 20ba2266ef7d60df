// A symmetric system that rank 0 solves for all, because LibTorch promises no bits across processes.
#pragma once

#include <cstdint>
#include <vector>

namespace jetpinn {

class Communicator;

// x [size] of solve_symmetric(matrix, right, ridge) on every rank; empty: there is none. Collective, `phase` names it; null
// ranks: there is only this one. Matrix and right side are those of rank 0, the others' are not read.
std::vector<double> solve_on_root(Communicator* ranks, const char* phase, const std::vector<double>& matrix,
                                  const std::vector<double>& right, std::int64_t size, double ridge);

}  // namespace jetpinn
