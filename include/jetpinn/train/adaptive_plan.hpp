// What rounds of points that follow the residual will come to, known before a run begins.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace jetpinn {

constexpr std::int64_t fresh_piece = 256 * block_points;  // fresh points that are in memory at once

// factor count, rounded.
std::int64_t times_points(double factor, double count);

// Bytes that rounds take on a rank beside the points.
std::int64_t adaptive_bytes(const Assembly& assembly, std::size_t stage, int rank);
// What becomes of a number that goes with a term's points, when it has as many as it may have.
std::int64_t grown(const Assembly& assembly, std::size_t term, std::int64_t number);

// Of `check`: "adaptive   rad every 1000 steps ...". Empty: no points follow.
std::string adaptive_text(const Assembly& assembly);

}  // namespace jetpinn
