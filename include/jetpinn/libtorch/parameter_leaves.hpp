// A network's parameters as leaves of an autograd graph.
#pragma once

#include "jetpinn/libtorch/tensors.hpp"
#include "jetpinn/network/network.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace jetpinn {

// Block by block, the trained ones with gradients. The network outlives it; parameters [network.parameters] are copied.
class ParameterLeaves {
 public:
  ParameterLeaves(const Network& network, const double* parameters, at::ScalarType type);
  const Network& network() const { return network_; }
  const at::Tensor& of(const ParameterBlock& block) const { return tensors_.at(block.offset); }
  const Tensors& trained() const { return trained_; }
  at::Tensor trainable(int index) const;

  // flat[parameters] += one tensor per trained block
  void scatter(const Tensors& values, double* flat) const;

 private:
  void add_trained(at::Tensor& tensor, std::int64_t offset);

  const Network& network_;
  std::map<std::int64_t, at::Tensor> tensors_;  // of all blocks, by where they begin in the flat buffer
  Tensors trained_;
  at::Tensor trainables_;
  std::vector<std::int64_t> offsets_;  // of the trained ones in the flat buffer
};

}  // namespace jetpinn
