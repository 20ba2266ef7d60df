// What a layer's LibTorch twin computes from.
#pragma once

#include <vector>

namespace at {
class Tensor;
}

namespace jetpinn {

struct TwinInput {
  const std::vector<at::Tensor>& features;  // [points] each
  std::vector<at::Tensor> inputs;           // [points, units] outputs of the layers it reads
  std::vector<at::Tensor> blocks;           // its parameters, in the order of Layer::blocks
};

}  // namespace jetpinn
