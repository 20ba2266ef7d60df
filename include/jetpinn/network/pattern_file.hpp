// pattern.h5: which weights of a network are kept, for network.pattern.
//
// Root attribute: format. `shapes`: [2 matrices] inputs and outputs of each trained weight matrix, in the order of the
// layers. `pattern_0`, `pattern_1`, ...: a bit for each place of the matrix [inputs, outputs], row by row, the lowest bit of
// a 64-bit word first; 1: the weight is kept.
#pragma once

#include "jetpinn/network/network.hpp"

#include <string>

namespace jetpinn {

// One rank writes. Throws Error (storage).
void write_patterns(const std::string& path, const SparsePatterns& patterns);

// Throws Error (usage): no such file, a damaged one, or a matrix without a weight.
SparsePatterns read_patterns(const std::string& path);

// Of shapes and bits of all patterns of a network, 16 digits: the same number of weights at other places is another network.
// Empty: all weights are kept.
std::string pattern_hash(const Network& network);

}  // namespace jetpinn
