#include "jetpinn/network/network.hpp"

#include "jetpinn/base/error.hpp"

#include <Random123/philox.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

namespace jetpinn {
namespace {

constexpr double pi = std::numbers::pi;

void check_options(const NetworkOptions& options, const std::vector<std::string>& coordinates) {
  for (const std::string& name : options.periodic)
    if (std::find(coordinates.begin(), coordinates.end(), name) == coordinates.end()) {
      std::string known;
      for (const std::string& coordinate : coordinates) known += (known.empty() ? "" : ", ") + coordinate;
      throw Error(Status::usage, "network.periodic names '" + name + "', which is no coordinate; coordinates are " + known);
    }
  for (std::size_t l = 0; l < options.hidden.size(); ++l)
    if (options.hidden[l] < 1)
      throw Error(Status::usage, "network.hidden[" + std::to_string(l) + "] is " + std::to_string(options.hidden[l]) +
                                     "; a hidden layer needs at least one unit");
  if (options.hidden.empty()) throw Error(Status::usage, "network.hidden is empty; give at least one hidden layer, for example [32, 32]");
}

// Inputs of the first layer: [-1, 1] over the domain, or cos and sin of one turn over it.
std::vector<Feature> embed_coordinates(const NetworkOptions& options, const std::vector<std::string>& coordinates,
                                       const std::vector<double>& lower, const std::vector<double>& upper) {
  std::vector<Feature> features;
  for (std::size_t d = 0; d < coordinates.size(); ++d) {
    const double length = upper[d] - lower[d];
    if (!(length > 0))
      throw Error(Status::usage, "the domain of coordinate '" + coordinates[d] + "' is empty: its upper bound must exceed its lower one");
    const int coordinate = static_cast<int>(d);
    const bool periodic = std::find(options.periodic.begin(), options.periodic.end(), coordinates[d]) != options.periodic.end();
    if (periodic) {
      const double scale = 2 * pi / length;
      features.push_back({Feature::Kind::cosine, coordinate, scale, -scale * lower[d]});
      features.push_back({Feature::Kind::sine, coordinate, scale, -scale * lower[d]});
    } else {
      features.push_back({Feature::Kind::linear, coordinate, 2 / length, -(lower[d] + upper[d]) / length});
    }
  }
  return features;
}

// Appends a dense layer; its weights and bias take the next places of the flat buffer.
void append_dense(Network& network, std::int64_t inputs, std::int64_t outputs) {
  DenseLayer layer;
  layer.inputs = inputs;
  layer.outputs = outputs;
  layer.weight = network.parameters;
  layer.bias = layer.weight + inputs * outputs;
  network.parameters = layer.bias + outputs;
  network.layers.push_back(layer);
}

// features -> hidden[0] -> ... -> fields
void build_mlp(const NetworkOptions& options, Network& network) {
  std::int64_t width = static_cast<std::int64_t>(network.features.size());
  for (std::int64_t hidden : options.hidden) {
    append_dense(network, width, hidden);
    width = hidden;
  }
  append_dense(network, width, network.fields);
}

// Further kinds of networks enter here: a builder lays its layers out over the flat buffer.
using Builder = void (*)(const NetworkOptions&, Network&);
constexpr std::pair<const char*, Builder> builders[] = {{"mlp", build_mlp}};

// Standard normal number `index` of stream `seed`: Philox4x32-10 of the index, then Box and Muller's transform.
double normal(std::uint64_t seed, std::uint64_t index) {
  constexpr std::uint32_t stream = 0x676c6f72;  // sets these numbers apart from the samplers' under the same seed
  const auto low = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
  const auto high = [](std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); };
  const r123::Philox4x32::ctr_type counter{{low(index), high(index), 0, stream}};
  const r123::Philox4x32::key_type key{{low(seed), high(seed)}};
  const auto bits = r123::Philox4x32()(counter, key);
  // 53 random bits each: `radius` in (0, 1], so that its logarithm is finite, `angle` in [0, 1)
  const auto bits53 = [&](int i) { return static_cast<double>((std::uint64_t{bits[i]} << 32 | bits[i + 1]) >> 11); };
  const double radius = (bits53(0) + 1) * 0x1p-53, angle = bits53(2) * 0x1p-53;
  return std::sqrt(-2 * std::log(radius)) * std::cos(2 * pi * angle);
}

}  // namespace

const char* to_string(Activation activation) {
  switch (activation) {
    case Activation::tanh: return "tanh";
    case Activation::sin: return "sin";
    case Activation::silu: return "silu";
    case Activation::gelu: return "gelu";
    case Activation::softplus: return "softplus";
  }
  return "unknown";
}

double Feature::derivative(int k, double x) const {
  const double argument = scale * x + shift;
  if (kind == Kind::linear) return k == 0 ? argument : k == 1 ? scale : 0;
  // cos -> -sin -> -cos -> sin -> cos; a sine is a cosine three steps on
  double value = 0;
  switch ((k + (kind == Kind::sine ? 3 : 0)) % 4) {
    case 0: value = std::cos(argument); break;
    case 1: value = -std::sin(argument); break;
    case 2: value = -std::cos(argument); break;
    case 3: value = std::sin(argument); break;
  }
  for (int i = 0; i < k; ++i) value *= scale;
  return value;
}

Network make_network(const NetworkOptions& options, const std::vector<std::string>& coordinates, int fields,
                     const std::vector<double>& lower, const std::vector<double>& upper) {
  JETPINN_CHECK(lower.size() == coordinates.size() && upper.size() == coordinates.size() && fields >= 1, "make_network");
  check_options(options, coordinates);
  Network network;
  network.features = embed_coordinates(options, coordinates, lower, upper);
  network.activation = options.activation;
  network.dimensions = static_cast<int>(coordinates.size());
  network.fields = fields;
  for (const auto& [kind, build] : builders)
    if (options.kind == kind) {
      build(options, network);
      return network;
    }
  std::string known;
  for (const auto& [kind, build] : builders) known += (known.empty() ? "" : ", ") + std::string(kind);
  throw Error(Status::usage, "network.kind '" + options.kind + "' is not known; choose one of " + known);
}

void initialize_glorot(const Network& network, std::uint64_t seed, double* parameters) {
  for (const DenseLayer& layer : network.layers) {
    const double deviation = std::sqrt(2.0 / static_cast<double>(layer.inputs + layer.outputs));
    for (std::int64_t i = 0; i < layer.inputs * layer.outputs; ++i)
      parameters[layer.weight + i] = deviation * normal(seed, static_cast<std::uint64_t>(layer.weight + i));
    std::fill_n(parameters + layer.bias, layer.outputs, 0.0);
  }
}

}  // namespace jetpinn
