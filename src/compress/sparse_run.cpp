#include "jetpinn/compress/sparse_run.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/config/edit_document.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

// f(block of the matrix, its layer) or f(block of the bias), in the order of the network.
template <class Matrix, class Bias>
void for_blocks(const Network& network, const Matrix& matrix, const Bias& bias) {
  for (const Layer& layer : network.layers) {
    for (const ParameterBlock& block : layer.blocks) {
      if (block.name == "weight")
        matrix(block, layer);
      else if (block.name == "bias")
        bias(block);
    }
  }
}

SparsePattern whole_pattern(const Layer& layer) {
  SparsePattern pattern{layer.input_units, layer.units, {}};
  pattern.kept.resize(static_cast<std::size_t>(pattern.weights()));
  std::iota(pattern.kept.begin(), pattern.kept.end(), std::int64_t{0});
  return pattern;
}

std::string quoted(const std::vector<std::string>& names) { return fmt::format("[\"{}\"]", fmt::join(names, "\", \"")); }

}  // namespace

SparsePatterns patterns_of(const WeightStack& stack) {
  SparsePatterns patterns;
  for (const StackLayer& layer : stack.layers) patterns.push_back(std::make_shared<const SparsePattern>(layer.pattern));
  return patterns;
}

WeightStack stack_of(const Network& network, const std::vector<double>& parameters, Precision precision) {
  const bool plain = network.members.size() == 1 && network.kind == "mlp" && !network.factors.scale &&
                     !network.factors.slope && !network.windows;
  if (!plain)
    throw Error(Status::usage,
                "the network is " +
                    std::string(network.windows              ? "one of several windows"
                                : network.members.size() > 1 ? "one of several networks"
                                : network.kind != "mlp"      ? "of kind " + network.kind
                                : network.factors.scale      ? "one of factorized weights"
                                                             : "one of trained slopes") +
                    "; sparsify takes one network of kind mlp, without factorized weights and trained slopes");
  const bool embedded = std::any_of(network.layers.begin(), network.layers.end(),
                                    [](const Layer& layer) { return !layer.blocks.empty() && !layer.blocks[0].trained; });
  if (embedded)
    throw Error(Status::usage, "the network has Fourier features, which sparsify does not take; train one without them");
  WeightStack stack;
  stack.activation = network.activation;
  stack.precision = precision;
  for_blocks(
      network,
      [&](const ParameterBlock& block, const Layer& layer) {
        StackLayer next;
        next.pattern = block.pattern ? *block.pattern : whole_pattern(layer);
        next.kept.assign(parameters.begin() + block.offset, parameters.begin() + block.offset + block.size());
        stack.layers.push_back(std::move(next));
      },
      [&](const ParameterBlock& block) {
        stack.layers.back().bias.assign(parameters.begin() + block.offset, parameters.begin() + block.offset + block.size());
      });
  return stack;
}

std::vector<double> parameters_of(const WeightStack& stack, const Network& network, const std::vector<double>& trainables) {
  std::vector<double> parameters(static_cast<std::size_t>(network.layer_parameters()));
  auto next = stack.layers.begin();
  for_blocks(
      network,
      [&](const ParameterBlock& block, const Layer&) {
        JETPINN_CHECK(next != stack.layers.end() && static_cast<std::int64_t>(next->kept.size()) == block.size(),
                      "a network of other layers");
        std::copy(next->kept.begin(), next->kept.end(), parameters.begin() + block.offset);
        ++next;
      },
      [&](const ParameterBlock& block) {
        const std::vector<double>& bias = (next - 1)->bias;
        std::copy(bias.begin(), bias.end(), parameters.begin() + block.offset);
      });
  parameters.insert(parameters.end(), trainables.begin(), trainables.end());
  return parameters;
}

std::string config_of(const WeightStack& stack, const std::string& name, const std::string& pattern) {
  std::vector<std::string> ranges;
  for (const std::string& input : stack.inputs) ranges.push_back(input + " = [-1, 1]");
  std::vector<std::int64_t> hidden;
  for (std::size_t l = 0; l + 1 < stack.layers.size(); ++l) hidden.push_back(stack.layers[l].pattern.outputs);
  std::string text = "name = " + write_value(text_value(name)) + "\n\n";
  text += "[problem]\n";
  text += "coordinates = " + quoted(stack.inputs) + "\n";
  text += "fields = " + quoted(stack.outputs) + "\n";
  text += fmt::format("domain = {{ {} }}\n\n", fmt::join(ranges, ", "));
  text += "[[problem.equations]]   # a config needs one; this one counts nothing, and your own take its place\n";
  text += fmt::format("name = \"unstated\"\nresidual = \"{}\"\nweight = 0\n\n", stack.outputs.front());
  text += fmt::format("[network]\nhidden = [{}]\nactivation = \"{}\"\npattern = \"{}\"\n\n", fmt::join(hidden, ", "),
                      activation_names[static_cast<std::size_t>(stack.activation)], pattern);
  return text + fmt::format("[training]\nprecision = \"{}\"\n", to_string(stack.precision));
}

}  // namespace jetpinn
