// From a stack of matrices to a run folder that every command takes, and back.
#pragma once

#include "jetpinn/compress/weight_stack.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/network/network.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// Patterns of its matrices, for network.pattern.
SparsePatterns patterns_of(const WeightStack& stack);

// The matrices of a trained network, what is kept and what is not: an mlp, one network, without trained slopes and factors.
// Throws Error (usage) for others.
WeightStack stack_of(const Network& network, const std::vector<double>& parameters, Precision precision);

// The flat buffer of a network of the same layers; trainables: behind those of the layers.
std::vector<double> parameters_of(const WeightStack& stack, const Network& network, const std::vector<double>& trainables);

// A config for a network that comes without a problem: inputs are coordinates in [-1, 1], which is what such a network takes
// as they are, and outputs are fields. `pattern`: its network.pattern.
std::string config_of(const WeightStack& stack, const std::string& name, const std::string& pattern);

}  // namespace jetpinn
