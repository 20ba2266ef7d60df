// The network's shape over one flat parameter buffer: embedding of the coordinates, dense layers, activation.
//
// mlp: features -> hidden[0] -> ... -> fields. Each dense layer stores W [inputs, outputs] row-major, then b [outputs]; the activation
// follows every layer but the last. A further kind of network is a builder in network.cpp that lays out its layers over the buffer.
#pragma once

#include "jetpinn/kernels/activation_kind.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

const char* to_string(Activation);

struct NetworkOptions {
  std::string kind = "mlp";
  std::vector<std::int64_t> hidden{32, 32, 32, 32};
  Activation activation = Activation::tanh;
  std::vector<std::string> periodic;            // coordinates embedded as cos/sin over the domain's length
  std::map<std::string, std::string> output;    // field -> expression of coordinates and raw fields
};

// One input of the first layer, a function of one coordinate.
struct Feature {
  enum class Kind { linear, cosine, sine };
  Kind kind = Kind::linear;
  int coordinate = 0;
  double scale = 1, shift = 0;   // linear: scale * x + shift; cosine/sine: cos(scale * x + shift), sin(scale * x + shift)
  // k-th derivative by its coordinate at x
  double derivative(int k, double x) const;
};

struct DenseLayer {
  std::int64_t inputs = 0, outputs = 0;
  std::int64_t weight = 0, bias = 0;   // offsets in the flat buffer
};

struct Network {
  std::vector<Feature> features;
  std::vector<DenseLayer> layers;    // hidden layers, then the linear output layer
  Activation activation = Activation::tanh;
  int dimensions = 0, fields = 0;
  std::int64_t parameters = 0;
};

// Box bounds [dimensions] scale each linear feature to [-1, 1]; a periodic coordinate becomes cos and sin of 2 pi (x - lower) / length.
// Throws Error (usage): unknown kind, no hidden layer, a hidden layer of no units, a periodic name that is no coordinate, empty domain.
Network make_network(const NetworkOptions& options, const std::vector<std::string>& coordinates, int fields,
                     const std::vector<double>& lower, const std::vector<double>& upper);

// Normal weights of variance 2 / (inputs + outputs) (Glorot and Bengio, 2010), zero biases: a function of (seed, index). [network.parameters]
void initialize_glorot(const Network& network, std::uint64_t seed, double* parameters);

}  // namespace jetpinn
