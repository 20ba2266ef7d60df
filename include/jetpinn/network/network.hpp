// The network as a small graph of layers over one flat parameter buffer: plain data, equal on every rank.
//
// Layers stand in the order in which they are evaluated; a layer reads outputs of earlier ones. What a kind of layer
// computes stands in src/layer/<kind>.cpp; a kind of network is a builder, src/network/<kind>.cpp, that appends layers.
// Several networks, each with some of the fields, are members of one: their layers follow one another, their parameters lie
// in one buffer, and what sweeps over terms passes through the members alone whose fields a term reads.
#pragma once

#include "jetpinn/kernels/activation_kind.hpp"
#include "jetpinn/kernels/sparse_pattern.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

const char* to_string(Activation);

// Further parameters whose product with a matrix is what a layer multiplies by (layer/factorised.hpp).
struct WeightFactors {
  bool scale = false;                // V diag(exp(s)), a number for each column
  double mean = 1, deviation = 0.1;  // of s at the beginning; V is such that the product begins as it would without
  bool slope = false;                // a (x V + b), one number for each hidden layer, 1 at the beginning
};

struct NetworkOptions {
  std::string kind = "mlp";
  std::vector<std::int64_t> hidden{32, 32, 32, 32};
  Activation activation = Activation::tanh;
  std::vector<std::string> periodic;            // coordinates embedded as cos/sin over the domain's length
  std::int64_t fourier_features = 0;            // random frequencies, each with a cosine and a sine; 0: none
  WeightFactors factors;
  double fourier_scale = 1;                     // deviation of the frequencies, in radians per unit of a feature
  std::optional<std::uint64_t> fourier_seed;    // of the frequencies alone; none: that of all parameters
  std::map<std::string, std::string> output;    // field -> expression of coordinates and raw fields
  std::optional<bool> first_fit;                // see NetworkMember; none: as its kind has it
  std::string pattern;                          // file of the weights that are kept (network/pattern_file.hpp); empty: all
  std::vector<std::string> fields;              // that it gives; empty: all
  std::vector<NetworkOptions> members;          // several networks in place of this one, each with its fields
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

// What the numbers of a parameter block are before training.
struct BlockStart {
  enum class Kind { constant, normal, given };
  Kind kind = Kind::constant;
  double mean = 0, deviation = 0;   // constant: the mean
  std::vector<double> values;       // given
  std::int64_t period = 0;          // columns of a matrix after which they repeat; 0: none do
  std::optional<std::uint64_t> seed;   // normal: numbered from 0 in a stream of their own; none: by their place in all
};

// Numbers of a layer with a name and a shape (row-major).
struct ParameterBlock {
  std::string name;                  // weight | bias
  std::vector<std::int64_t> shape;
  BlockStart start;
  bool trained = true;               // false: it stays what it was, and its gradient is zero
  std::int64_t offset = 0;           // in the flat buffer
  // Of a matrix of which only these weights are there, in this order, and the shape is their number; null: all are.
  std::shared_ptr<const SparsePattern> pattern = nullptr;
  std::int64_t size() const;
};

struct Layer {
  std::string kind;                  // a row of layer/layer_kinds
  std::vector<int> inputs;           // layers it reads; none: it reads the features
  std::int64_t input_units = 0, units = 0;   // columns of its first input and of its output
  std::vector<ParameterBlock> blocks;
  Activation activation = Activation::tanh;   // of kind activation
  std::int64_t first_feature = 0;    // of kind input: its features are Network::features from here on
  std::int64_t first_column = 0;     // of kind output: its fields are the columns from here on
  int member = 0;                    // of Network::members
  int part = 0;                      // of Network::parts
  const ParameterBlock* block(const std::string& name) const;   // null: it has none of that name
  bool trained() const;              // one of its blocks is
};

// Layers that people call one: a matrix with its bias and activation.
struct NetworkPart {
  std::string name;                  // "layer 2 of 5"
  std::int64_t begin = 0, end = 0;   // its parameters in the flat buffer
};

// One of a run's networks.
struct NetworkMember {
  std::string name;                  // for people; empty where it is the only one
  std::vector<int> fields;           // that its output layer gives, in the order of its columns
  std::int64_t first_feature = 0;    // its features begin here
  bool first_fit = false;            // a training begins with the last layer fitted to the conditions (train/first_fit.hpp)
};

struct NetworkWindows;

struct Network {
  std::string kind = "mlp";          // of the last member, as activation and factors are
  std::vector<Feature> features;     // of all members, one after the other
  std::vector<Layer> layers;         // the last one of each member gives its fields
  std::vector<NetworkPart> parts;
  std::vector<NetworkMember> members;
  Activation activation = Activation::tanh;
  int dimensions = 0, fields = 0;    // fields: of all members
  std::int64_t parameters = 0;       // in the flat buffer: the layers' blocks, then the trainables
  ParameterBlock trainables{"trainables", {0}, {}};   // numbers of the expressions that are trained with the layers
  WeightFactors factors;             // of the matrices that are appended
  SparsePatterns patterns;           // of the trained matrices that are still to be appended; empty: all weights are kept
  // Networks that share the domain among them: what is evaluated in place of the layers above, by the engine's residuals
  // alone. Null: this is one network.
  std::shared_ptr<const NetworkWindows> windows;

  std::int64_t layer_parameters() const { return parameters - trainables.size(); }
  std::vector<int> columns() const;  // [fields] which column of the outputs a field is
  std::vector<bool> members_of(const std::vector<bool>& fields) const;   // [members] that give one of these [fields]

  // For builders; each returns the number of the layer that it appended.
  void begin_member(NetworkMember member);                    // to which the following layers belong
  std::int64_t own_features() const;                          // of the member that is being built
  // Lays its blocks out over the buffer. Throws Error (usage) where the next pattern is of another shape than its matrix.
  int append(Layer layer);
  // What the first layers of a kind read: Fourier features where options want them, else the features (-1).
  int append_embedding(const NetworkOptions& options);
  int append_linear(int input, std::int64_t units);           // input < 0: of the features
  int append_activation(int input);
  int append_gate(int z, int u, int v);
  int append_mix(int f, int x, bool trained);                 // trained: with an alpha that begins at 0
  int append_output(int input);
  void begin_part(std::string name);                          // of the layers that follow
  void append_trainables(std::vector<double> start);          // once, behind all layers
};

// One network after the other along a coordinate. A place on an edge belongs to the window that ends there.
struct NetworkWindows {
  int coordinate = 0;
  std::vector<double> edges;      // [windows + 1] rising
  std::vector<Network> networks;  // [windows] in the order of the flat buffer; fewer where the last ones are not trained yet

  std::size_t window_of(double place) const;  // 0 before the first edge, the last one behind the last edge
};

// The blocks called `name` of all layers, in the order of the buffer.
std::vector<const ParameterBlock*> blocks_named(const Network& network, const std::string& name);

// Box bounds [dimensions] scale each linear feature to [-1, 1]; a periodic coordinate becomes cos and sin of 2 pi (x -
// lower) / length. Throws Error (usage): unknown kind, no hidden layer, a hidden layer of no units, a periodic name that is
// no coordinate, empty domain.
Network make_network(const NetworkOptions& options, const std::vector<std::string>& coordinates, int fields,
                     const std::vector<double>& lower, const std::vector<double>& upper);

// One of several networks, and the fields that it gives.
struct MemberOptions {
  NetworkOptions network;
  std::string name;
  std::vector<int> fields;
};

// The same with several members. Every field from 0 on belongs to one of them. Throws Error (usage) as above, and where a
// field belongs to none, to two, or a member has none.
Network make_networks(const std::vector<MemberOptions>& members, const std::vector<std::string>& coordinates,
                      const std::vector<double>& lower, const std::vector<double>& upper);

// Every block as its start says: a function of (seed, index). [network.parameters]
void initialize(const Network& network, std::uint64_t seed, double* parameters);

}  // namespace jetpinn
