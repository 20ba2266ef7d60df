#include "jetpinn/libtorch/parameter_leaves.hpp"

namespace jetpinn {

ParameterLeaves::ParameterLeaves(const Network& network, const double* parameters, at::ScalarType type) : network_(network) {
  for (const Layer& layer : network.layers)
    for (const ParameterBlock& block : layer.blocks) {
      at::Tensor& leaf = tensors_[block.offset];
      leaf = copy_column(parameters + block.offset, block.size(), type).view(block.shape);
      if (block.trained) add_trained(leaf, block.offset);
    }
  trainables_ = copy_column(parameters + network.layer_parameters(), network.trainables.size(), type);
  if (network.trainables.size() > 0) add_trained(trainables_, network.layer_parameters());
}

at::Tensor ParameterLeaves::trainable(int index) const { return trainables_.select(0, index); }

void ParameterLeaves::scatter(const Tensors& values, double* flat) const {
  for (std::size_t k = 0; k < offsets_.size(); ++k) add_to(flat + offsets_[k], values[k]);
}

void ParameterLeaves::add_trained(at::Tensor& tensor, std::int64_t offset) {
  trained_.push_back(tensor.requires_grad_());
  offsets_.push_back(offset);
}

}  // namespace jetpinn
