#include "jetpinn/network/network.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/network/builders.hpp"
#include "jetpinn/network/pattern_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numbers>
#include <numeric>
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
  if (!options.pattern.empty() && options.first_fit.value_or(false))
    throw Error(Status::usage,
                "network.pattern and network.first_fit are both given; a first fit is of whole matrices: leave "
                "one of them away");
  if (!options.pattern.empty() && options.factors.scale)
    throw Error(Status::usage,
                "network.pattern and network.factorized are both given; a pattern is of weights that are not "
                "factorized: leave one of them away");
  if (options.hidden.empty())
    throw Error(Status::usage, "network.hidden is empty; give at least one hidden layer, for example [32, 32]");
}

// Inputs of the first layer: [-1, 1] over the domain, or cos and sin of one turn over it.
std::vector<Feature> embed_coordinates(const NetworkOptions& options, const std::vector<std::string>& coordinates,
                                       const std::vector<double>& lower, const std::vector<double>& upper) {
  std::vector<Feature> features;
  for (std::size_t d = 0; d < coordinates.size(); ++d) {
    const double length = upper[d] - lower[d];
    if (!(length > 0))
      throw Error(Status::usage,
                  "the domain of coordinate '" + coordinates[d] + "' is empty: its upper bound must exceed its lower one");
    const int coordinate = static_cast<int>(d);
    const bool periodic =
        std::find(options.periodic.begin(), options.periodic.end(), coordinates[d]) != options.periodic.end();
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

// Variance 2 / (inputs + outputs) (Glorot and Bengio, 2010).
BlockStart glorot(std::int64_t inputs, std::int64_t outputs) {
  BlockStart start;
  start.kind = BlockStart::Kind::normal;
  start.deviation = std::sqrt(2.0 / static_cast<double>(inputs + outputs));
  return start;
}

BlockStart constant(double value) {
  BlockStart start;
  start.mean = value;
  return start;
}

ParameterBlock scale_block(const WeightFactors& factors, std::int64_t columns) {
  ParameterBlock block{"scale", {columns}, constant(factors.mean)};
  block.start.kind = BlockStart::Kind::normal;
  block.start.deviation = factors.deviation;
  return block;
}

const NetworkKind& find_kind(const std::string& name) {
  std::string known;
  for (const NetworkKind& kind : network_kinds()) {
    if (kind.name == name) return kind;
    known += (known.empty() ? "" : ", ") + kind.name;
  }
  throw Error(Status::usage, "network.kind '" + name + "' is not known; choose one of " + known);
}

// How many fields there are, each of which belongs to one member.
int count_fields(const std::vector<MemberOptions>& members) {
  std::vector<int> owners;   // [fields] members that give it
  for (const MemberOptions& member : members) {
    if (member.fields.empty()) throw Error(Status::usage, "network '" + member.name + "' gives no field");
    for (int field : member.fields) {
      JETPINN_CHECK(field >= 0, "field of network '" + member.name + "'");
      owners.resize(std::max(owners.size(), static_cast<std::size_t>(field) + 1));
      if (++owners[static_cast<std::size_t>(field)] > 1)
        throw Error(Status::usage, "network '" + member.name + "' gives field " + std::to_string(field + 1) +
                                       ", which another gives already; a field belongs to one network");
    }
  }
  const auto nobody = std::find(owners.begin(), owners.end(), 0);
  if (nobody != owners.end())
    throw Error(Status::usage, "field " + std::to_string(nobody - owners.begin() + 1) + " belongs to no network");
  return static_cast<int>(owners.size());
}

bool is_trained_matrix(const ParameterBlock& block) { return block.name == "weight" && block.trained; }

bool has_trained_matrix(const Layer& layer) {
  return std::any_of(layer.blocks.begin(), layer.blocks.end(), is_trained_matrix);
}

void append_member(Network& network, const MemberOptions& member, const std::vector<std::string>& coordinates,
                   const std::vector<double>& lower, const std::vector<double>& upper) {
  const NetworkOptions& options = member.network;
  check_options(options, coordinates);
  const NetworkKind& kind = find_kind(options.kind);
  network.begin_member({member.name, member.fields, static_cast<std::int64_t>(network.features.size()),
                        options.first_fit.value_or(kind.first_fit && options.pattern.empty())});
  if (!options.pattern.empty()) network.patterns = read_patterns(options.pattern);
  const std::vector<Feature> features = embed_coordinates(options, coordinates, lower, upper);
  network.features.insert(network.features.end(), features.begin(), features.end());
  network.activation = options.activation;
  network.factors = options.factors;
  network.kind = kind.name;
  const std::size_t patterns = network.patterns.size(), first = network.layers.size();
  kind.build(options, network);
  const auto matrices = static_cast<std::size_t>(
      std::count_if(network.layers.begin() + static_cast<std::ptrdiff_t>(first), network.layers.end(), has_trained_matrix));
  if (!options.pattern.empty() && patterns != matrices)
    throw Error(Status::usage, options.pattern + " has patterns of " + std::to_string(patterns) +
                                   " matrices, the network has " + std::to_string(matrices) +
                                   "; take the pattern that was "
                                   "made for this network");
  network.patterns.clear();
}

// The layer's matrix has the weights alone that its pattern keeps. A matrix that keeps all stays as it is.
void keep_pattern(Layer& layer, SparsePatterns& patterns) {
  const auto matrix = std::find_if(layer.blocks.begin(), layer.blocks.end(), is_trained_matrix);
  if (patterns.empty() || matrix == layer.blocks.end()) return;
  const std::shared_ptr<const SparsePattern> pattern = patterns.front();
  patterns.pop_front();
  const auto shape = [](std::int64_t inputs, std::int64_t outputs) {
    return std::to_string(inputs) + " inputs and " + std::to_string(outputs) + " outputs";
  };
  if (pattern->inputs != layer.input_units || pattern->outputs != layer.units)
    throw Error(Status::usage, "network.pattern has a matrix of " + shape(pattern->inputs, pattern->outputs) +
                                   " where the network's has " + shape(layer.input_units, layer.units) +
                                   "; take the pattern that was made for this network");
  const auto kept = static_cast<std::int64_t>(pattern->kept.size());
  if (kept == pattern->weights()) return;
  matrix->pattern = pattern;
  matrix->shape = {kept};
  if (layer.kind == "linear") layer.kind = "sparse";
}

}  // namespace

const char* to_string(Activation activation) { return activation_names[static_cast<std::size_t>(activation)]; }

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
  std::vector<int> all(static_cast<std::size_t>(fields));
  std::iota(all.begin(), all.end(), 0);
  return make_networks({{options, "", all}}, coordinates, lower, upper);
}

Network make_networks(const std::vector<MemberOptions>& members, const std::vector<std::string>& coordinates,
                      const std::vector<double>& lower, const std::vector<double>& upper) {
  JETPINN_CHECK(lower.size() == coordinates.size() && upper.size() == coordinates.size(), "make_networks");
  Network network;
  network.dimensions = static_cast<int>(coordinates.size());
  network.fields = count_fields(members);
  for (const MemberOptions& member : members) {
    try {
      append_member(network, member, coordinates, lower, upper);
    } catch (const Error& error) {
      if (member.name.empty()) throw;
      throw Error(error.status(), "network '" + member.name + "': " + error.what());
    }
  }
  return network;
}

const std::vector<NetworkKind>& network_kinds() {
  static const std::vector<NetworkKind> kinds{
      {"mlp", "fully connected layers over the coordinates scaled to [-1, 1]", build_mlp},
      {"modified_mlp", "each hidden layer mixes two encodings of the coordinates", build_modified_mlp},
      {"residual", "an mlp whose hidden layers add to what came before", build_residual},
      {"piratenet", "blocks of three gated layers that begin as the identity, one for each entry of hidden",
       build_piratenet, true}};
  return kinds;
}

void require_one_width(const NetworkOptions& options) {
  for (std::size_t l = 1; l < options.hidden.size(); ++l)
    if (options.hidden[l] != options.hidden[0])
      throw Error(Status::usage, "network.hidden[" + std::to_string(l) + "] is " + std::to_string(options.hidden[l]) +
                                     ", the first is " + std::to_string(options.hidden[0]) + "; a " + options.kind +
                                     " needs hidden layers of one width");
}

std::int64_t ParameterBlock::size() const {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

const ParameterBlock* Layer::block(const std::string& name) const {
  const auto at =
      std::find_if(blocks.begin(), blocks.end(), [&](const ParameterBlock& block) { return block.name == name; });
  return at == blocks.end() ? nullptr : &*at;
}

bool Layer::trained() const {
  return std::any_of(blocks.begin(), blocks.end(), [](const ParameterBlock& block) { return block.trained; });
}

std::vector<int> Network::columns() const {
  std::vector<int> columns(static_cast<std::size_t>(fields));
  int column = 0;
  for (const NetworkMember& member : members)
    for (int field : member.fields) columns[static_cast<std::size_t>(field)] = column++;
  return columns;
}

std::vector<bool> Network::members_of(const std::vector<bool>& wanted) const {
  std::vector<bool> result;
  for (const NetworkMember& member : members)
    result.push_back(std::any_of(member.fields.begin(), member.fields.end(),
                                 [&](int field) { return wanted[static_cast<std::size_t>(field)]; }));
  return result;
}

std::int64_t Network::own_features() const {
  return static_cast<std::int64_t>(features.size()) - members.back().first_feature;
}

void Network::begin_member(NetworkMember member) { members.push_back(std::move(member)); }

void Network::begin_part(std::string name) {
  const std::string& member = members.back().name;
  parts.push_back({member.empty() ? std::move(name) : name + " of network '" + member + "'", parameters, parameters});
}

int Network::append(Layer layer) {
  keep_pattern(layer, patterns);
  for (ParameterBlock& block : layer.blocks) {
    block.offset = parameters;
    parameters += block.size();
  }
  layer.member = static_cast<int>(members.size()) - 1;
  layer.part = static_cast<int>(parts.size()) - 1;
  parts.back().end = parameters;
  layers.push_back(std::move(layer));
  return static_cast<int>(layers.size()) - 1;
}

int Network::append_linear(int input, std::int64_t units) {
  Layer layer;
  layer.kind = input < 0 ? "input" : "linear";
  if (input >= 0) layer.inputs = {input};
  if (input < 0) layer.first_feature = members.back().first_feature;
  layer.input_units = input < 0 ? own_features() : layers[static_cast<std::size_t>(input)].units;
  layer.units = units;
  layer.blocks = {{"weight", {layer.input_units, units}, glorot(layer.input_units, units)}};
  if (factors.scale) layer.blocks.push_back(scale_block(factors, units));
  if (factors.slope) layer.blocks.push_back({"slope", {1}, constant(1)});
  return append(std::move(layer));
}

// cos(x B) and sin(x B) = sin(x B + pi / 2 or 0), B drawn once and never trained (Tancik and others, 2020).
int Network::append_embedding(const NetworkOptions& options) {
  const std::int64_t count = options.fourier_features;
  if (count == 0) return -1;
  begin_part("the Fourier features");
  Layer turned;
  turned.kind = "input";
  turned.first_feature = members.back().first_feature;
  turned.input_units = own_features();
  turned.units = 2 * count;
  ParameterBlock frequencies{"weight", {turned.input_units, turned.units}, {}};
  frequencies.start.kind = BlockStart::Kind::normal;
  frequencies.start.deviation = options.fourier_scale;
  frequencies.start.period = count;
  frequencies.start.seed = options.fourier_seed;
  frequencies.trained = false;
  turned.blocks = {frequencies};
  Layer waves;
  waves.kind = "activation";
  waves.activation = Activation::sin;
  waves.inputs = {append(std::move(turned))};
  waves.input_units = waves.units = 2 * count;
  ParameterBlock quarter{"bias", {waves.units}, {}};
  quarter.start.kind = BlockStart::Kind::given;
  quarter.start.values.assign(static_cast<std::size_t>(waves.units), 0.0);
  std::fill_n(quarter.start.values.begin(), count, pi / 2);
  quarter.trained = false;
  waves.blocks = {quarter};
  return append(std::move(waves));
}

int Network::append_activation(int input) {
  Layer layer;
  layer.kind = "activation";
  layer.inputs = {input};
  layer.activation = activation;
  layer.input_units = layer.units = layers[static_cast<std::size_t>(input)].units;
  layer.blocks = {{"bias", {layer.units}, {}}};
  return append(std::move(layer));
}

int Network::append_gate(int z, int u, int v) {
  Layer layer;
  layer.kind = "gate";
  layer.inputs = {z, u, v};
  layer.input_units = layer.units = layers[static_cast<std::size_t>(z)].units;
  return append(std::move(layer));
}

int Network::append_mix(int f, int x, bool trained) {
  Layer layer;
  layer.kind = "mix";
  layer.inputs = {f, x};
  layer.input_units = layer.units = layers[static_cast<std::size_t>(f)].units;
  if (trained) layer.blocks = {{"share", {1}, {}}};
  return append(std::move(layer));
}

int Network::append_output(int input) {
  Layer layer;
  layer.kind = "output";
  layer.inputs = {input};
  layer.input_units = layers[static_cast<std::size_t>(input)].units;
  layer.units = static_cast<std::int64_t>(members.back().fields.size());
  for (std::size_t m = 0; m + 1 < members.size(); ++m)
    layer.first_column += static_cast<std::int64_t>(members[m].fields.size());
  layer.blocks = {{"weight", {layer.input_units, layer.units}, glorot(layer.input_units, layer.units)},
                  {"bias", {layer.units}, {}}};
  if (factors.scale) layer.blocks.push_back(scale_block(factors, layer.units));
  return append(std::move(layer));
}

void Network::append_trainables(std::vector<double> start) {
  JETPINN_CHECK(trainables.size() == 0, "trainables are appended once");
  trainables.shape = {static_cast<std::int64_t>(start.size())};
  trainables.start.kind = BlockStart::Kind::given;
  trainables.start.values = std::move(start);
  trainables.offset = parameters;
  parameters += trainables.size();
}

std::size_t NetworkWindows::window_of(double place) const {
  const auto inner = std::lower_bound(edges.begin() + 1, edges.end() - 1, place);
  return static_cast<std::size_t>(inner - (edges.begin() + 1));
}

std::vector<const ParameterBlock*> blocks_named(const Network& network, const std::string& name) {
  std::vector<const ParameterBlock*> blocks;
  for (const Layer& layer : network.layers)
    if (const ParameterBlock* block = layer.block(name)) blocks.push_back(block);
  return blocks;
}

}  // namespace jetpinn
