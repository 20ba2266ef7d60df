// A network of another program, from an HDF5 file in PyTorch's layout (docs/torch_to_jetpinn.py writes one).
//
// Datasets weight_0 [outputs, inputs], bias_0 [outputs], weight_1, ...: floats, and the network is of fp32 where all of them
// are; mask_0 [outputs, inputs], ... where they are wanted: numbers or truth values, 0 where a weight is left out. A layer
// without a mask leaves out its zeros. Root attributes: activation, and the names inputs and outputs (default x1, x2, ...
// and y1, y2, ...).
#pragma once

#include "jetpinn/compress/weight_stack.hpp"

#include <string>

namespace jetpinn {

// Throws Error (usage): what is missing or misspelt, of another shape, not finite; layers that do not chain or would vanish;
// an activation or names that this program does not have.
WeightStack import_network(const std::string& path);

}  // namespace jetpinn
