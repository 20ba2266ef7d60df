// Which format each layer of a sparse network gets: the fastest one measured here on a whole tile of points, among them the
// dense product of the whole matrix.
#pragma once

#include "jetpinn/compress/tile_network.hpp"
#include "jetpinn/compress/weight_stack.hpp"

#include <map>
#include <string>
#include <vector>

namespace jetpinn {

struct FormatChoice {
  std::string format;                     // "dense" where no sparse one is faster
  std::map<std::string, double> seconds;  // of every format, for one point: the least of several measurements
  SparseBytes bytes;                      // of the chosen format
  double dense_bytes = 0;                 // of the whole matrix
  // Density below which the fastest sparse format beats the dense product for a matrix of this shape: where the line through
  // its times at two densities meets the dense time. 0: nowhere, 1: always.
  double break_even = 0;
};

// [layers]
template <class T>
std::vector<FormatChoice> choose_formats(const WeightStack& stack);

std::vector<std::string> formats_of(const std::vector<FormatChoice>& choices);

}  // namespace jetpinn
