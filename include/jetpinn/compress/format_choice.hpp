// Which format each layer of a sparse network gets: the fastest one measured here on a whole tile of points, among them the
// dense product of the whole matrix.
#pragma once

#include "jetpinn/compress/tile_network.hpp"
#include "jetpinn/compress/weight_stack.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

struct MeasuredFormat {
  double seconds = 0;  // for one point: the least of several measurements
  SparseBytes bytes;
};
using MeasuredFormats = std::map<std::string, MeasuredFormat>;  // by name

// Times the layer's product with a whole tile in each of the formats.
template <class T>
MeasuredFormats measure_formats(const StackLayer& layer, const std::vector<std::string>& formats);

struct FormatChoice {
  std::string format;                     // "dense" where no sparse one is faster
  std::map<std::string, double> seconds;  // of every format, for one point
  SparseBytes bytes;                      // of the chosen format
  double dense_bytes = 0;                 // of the whole matrix
  // Density below which the fastest sparse format beats the dense product for a matrix of this shape: where the line through
  // its times at two densities meets the dense time. 0: nowhere, 1: always.
  double break_even = 0;
};

// The fastest sparse format, or the smallest of those that take at most a tenth more time; dense where none of them is
// faster than it. measure: measure_formats, or what a test has in its place. [layers]
using MeasureFormats = std::function<MeasuredFormats(const StackLayer&, const std::vector<std::string>& formats)>;
std::vector<FormatChoice> choose_formats(const WeightStack& stack, const MeasureFormats& measure);

std::vector<std::string> formats_of(const std::vector<FormatChoice>& choices);

}  // namespace jetpinn
