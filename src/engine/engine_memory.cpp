#include "jetpinn/engine/engine_memory.hpp"

#include "jetpinn/engine/jet_sweep.hpp"
#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/kernels/pack.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

// As JetLayers allocates.
template <class T>
std::int64_t layer_values(const Network& network) {
  std::int64_t values = 0;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const DenseLayer& layer = network.layers[l];
    const bool first = l == 0, last = l + 1 == network.layers.size();
    const std::int64_t input_width = first ? layer.inputs : padded<T>(layer.inputs), width = last ? layer.outputs : padded<T>(layer.outputs);
    values += 2 * (last ? layer.outputs * input_width : layer.inputs * width) + 2 * width;   // weights and biases, with their gradients
    if (!first && !last) values += layer.outputs * input_width;
  }
  return values;
}

// As a JetSweeper allocates for its term, and the residual tape with it; features that vary are counted where they could.
template <class T>
std::int64_t column_bytes(const Network& network, const TermProgram& program, std::int64_t chunk) {
  const std::int64_t channels = program.channels(), slots = program.plan.program.slots;
  const auto features = static_cast<std::int64_t>(network.features.size());
  const std::int64_t turning = std::count_if(network.features.begin(), network.features.end(),
                                             [](const Feature& feature) { return feature.kind != Feature::Kind::linear; });
  const ActivationJet<T> activation(network.activation, program.plan.program);
  std::int64_t values = features + (channels - 1) * (slots > 0 ? features : turning) + slots + 2 * program.fields * channels + program.residuals();
  if (activation.per_point()) values += activation.monomials();
  if (sizeof(T) != sizeof(double)) values += program.dimensions;
  return chunk * (values * static_cast<std::int64_t>(sizeof(T)) + (1 + slots + turning) * static_cast<std::int64_t>(sizeof(double)));
}

template <class T>
EngineMemory plan_jets(const Network& network, const std::vector<EngineTerm>& terms) {
  EngineMemory memory;
  memory.weights = layer_values<T>(network) * static_cast<std::int64_t>(sizeof(T));
  const int hidden = static_cast<int>(network.layers.size()) - 1;
  std::int64_t widths = 0, widest = 0, rows = 0;
  for (int l = 0; l < hidden; ++l) {
    const std::int64_t width = padded<T>(network.layers[static_cast<std::size_t>(l)].outputs);
    widths += width;
    widest = std::max(widest, width);
  }
  for (const EngineTerm& term : terms) {
    const std::int64_t chunk = choose_chunk(term.program.channels(), hidden, widest, sizeof(T)).chunk;
    rows = std::max(rows, chunk * term.program.channels());
    memory.chunk = std::max(memory.chunk, chunk);
    memory.columns += column_bytes<T>(network, term.program, chunk);
  }
  memory.channels = rows * (widths + 3 * widest) * static_cast<std::int64_t>(sizeof(T));
  return memory;
}

// Autograd keeps the graph of every derivative with its own derivatives: a value of each unit for each row that a jet without collapsing
// would have, several times over.
EngineMemory plan_autograd(std::int64_t item, const Network& network, const std::vector<EngineTerm>& terms) {
  constexpr std::int64_t copies = 8;
  EngineMemory memory;
  memory.chunk = block_points;
  memory.weights = 2 * network.parameters * item;
  std::int64_t units = 0;
  for (const DenseLayer& layer : network.layers) units += layer.outputs;
  for (const EngineTerm& term : terms)
    memory.channels = std::max(memory.channels, copies * term.program.plan.naive_channels * memory.chunk * units * item);
  return memory;
}

}  // namespace

EngineMemory plan_engine_memory(EngineKind kind, Precision precision, const Network& network, const std::vector<EngineTerm>& terms) {
  if (kind == EngineKind::reference) return plan_autograd(precision == Precision::fp64 ? 8 : 4, network, terms);
  return precision == Precision::fp64 ? plan_jets<double>(network, terms) : plan_jets<float>(network, terms);
}

}  // namespace jetpinn
