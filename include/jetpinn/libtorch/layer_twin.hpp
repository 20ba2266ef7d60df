// The LibTorch twin of a layer: the same function on values alone, which autograd differentiates. The reference engine is
// made of twins.
#pragma once

#include "jetpinn/network/network.hpp"

#include <string>
#include <vector>

namespace at {
class Tensor;
}

namespace jetpinn {

struct TwinInput {
  const std::vector<at::Tensor>& features;  // [points] each
  std::vector<at::Tensor> inputs;           // [points, units] outputs of the layers it reads
  std::vector<at::Tensor> blocks;           // its parameters, in the order of Layer::blocks
  const at::Tensor* slope = nullptr;        // of its sum (layer/factorised.hpp); null: none
};

// [points, units]; weights are multiplied from their factors where the layer has such.
at::Tensor layer_twin(const Layer& layer, const TwinInput& input);

// Of the kinds of layer that have a twin.
std::vector<std::string> layer_twin_names();

}  // namespace jetpinn
