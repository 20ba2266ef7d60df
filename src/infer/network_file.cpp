#include "jetpinn/infer/network_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/infer/portable_network.hpp"
#include "jetpinn/layer/factorised.hpp"
#include "jetpinn/network/pattern_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace jetpinn {
namespace {

constexpr char file_format[] = "jetpinn network 1";

// "activation 1 tanh 2": kind, part, function ("-" where it has none), numbers of the layers that it reads.
std::string graph_line(const Layer& layer) {
  std::string line = fmt::format("{} {} {}", layer.kind, layer.part, function_of(layer));
  for (int input : layer.inputs) line += fmt::format(" {}", input);
  return line;
}

void write_features(hdf5::OutputFile& file, const Network& network) {
  std::vector<std::int64_t> kind, coordinate;
  std::vector<double> scale, shift;
  for (const Feature& feature : network.features) {
    kind.push_back(number_of(feature.kind));
    coordinate.push_back(feature.coordinate);
    scale.push_back(feature.scale);
    shift.push_back(feature.shift);
  }
  const std::int64_t count = static_cast<std::int64_t>(network.features.size());
  file.create_group("features");
  file.write("features/kind", kind);
  file.write("features/coordinate", coordinate);
  file.write("features/scale", {count}, scale.data());
  file.write("features/shift", {count}, shift.data());
}

void write_members(hdf5::OutputFile& file, const Network& network) {
  const MemberExtents extents = member_extents(network);
  file.create_group("networks");
  file.write("networks/features", extents.features);
  file.write("networks/layers", extents.layers);
  file.write("networks/fields", extents.fields);
}

std::string program_line(const OutputStep& step) {
  if (step.name == "constant") return fmt::format("constant {:.17g}", step.value);
  std::string line = step.name;
  for (std::int64_t operand : step.operands) line += fmt::format(" {}", operand);
  return line;
}

void write_transforms(hdf5::OutputFile& file, const Problem& problem, const double* trainables) {
  const ExpressionGraph& graph = problem.graph;
  const SymbolTable& symbols = problem.symbols;
  const OutputProgram program = output_program(problem, trainables);
  std::vector<std::string> lines;
  for (const OutputStep& step : program.steps) lines.push_back(program_line(step));
  file.create_group("output");
  file.write("output/program", lines);
  file.write("output/result", program.result);
  for (std::size_t f = 0; f < problem.outputs.size(); ++f) {
    const Node& node = graph[problem.outputs[f]];
    if (node.op == Op::field && node.index == static_cast<int>(f) && node.derivative.order == 0) continue;   // no transform
    file.attribute("output", symbols.fields[f], to_text(graph, problem.outputs[f], symbols.coordinates, symbols.fields));
  }
}

// An attribute for each coordinate and field.
void write_scales(hdf5::OutputFile& file, const Problem& problem) {
  file.create_group("scales");
  for (std::size_t d = 0; d < problem.scales.coordinates.size(); ++d)
    file.attribute("scales", problem.symbols.coordinates[d], problem.scales.coordinates[d].value);
  for (std::size_t f = 0; f < problem.scales.fields.size(); ++f)
    file.attribute("scales", problem.symbols.fields[f], problem.scales.fields[f].value);
}

}  // namespace

void write_network_file(const std::string& path, const Problem& problem, const Network& network, const double* parameters,
                        std::int64_t steps) {
  const SymbolTable& symbols = problem.symbols;
  hdf5::OutputFile file(path);
  file.attribute("/", "format", file_format);
  file.attribute("/", "version", version);
  file.attribute("/", "steps", static_cast<double>(steps));
  file.attribute("/", "kind", network.kind);
  file.attribute("/", "activation", to_string(network.activation));
  file.attribute("/", "coordinates", symbols.coordinates);
  file.attribute("/", "fields", symbols.fields);
  file.create_group("constants");
  for (const auto& [name, value] : symbols.constants) file.attribute("constants", name, value);

  const double* trainables = parameters + network.layer_parameters();
  if (!problem.trained.empty()) file.create_group("trainable");
  for (std::size_t k = 0; k < problem.trained.size(); ++k)
    file.attribute("trainable", problem.trained[k].name, problem.trained[k].value(trainables[k]));

  if (problem.scales.on) write_scales(file, problem);
  write_transforms(file, problem, trainables);
  write_features(file, network);
  if (network.members.size() > 1) write_members(file, network);

  file.create_group("layers");
  std::vector<std::string> graph;
  for (const Layer& layer : network.layers) graph.push_back(graph_line(layer));
  file.write("graph", graph);
  for (std::size_t part = 0; part < network.parts.size(); ++part) file.create_group("layers/" + std::to_string(part));
  for (const Layer& layer : network.layers) {
    if (layer.blocks.empty()) continue;
    const std::int64_t begin = layer.blocks.front().offset;
    // a reader multiplies by the weights alone, and adds the bias alone
    const std::vector<double> own = multiply_factors(network, layer, parameters + begin);
    const std::string group = "layers/" + std::to_string(layer.part) + "/";
    for (const ParameterBlock& block : layer.blocks) {
      file.write(group + block.name, block.shape, own.data() + (block.offset - begin));
      if (block.pattern) {
        file.write(group + "kept", bits_of(*block.pattern));
        file.write(group + "shape", {block.pattern->inputs, block.pattern->outputs});
      }
    }
  }
  file.write("parameters", {network.parameters}, parameters);
  file.commit();
}

std::int64_t steps_of_network(const std::string& path) {
  const double steps = hdf5::InputFile(path).number_attribute("steps").value_or(-1);
  return steps >= 0 && steps < 9e15 ? static_cast<std::int64_t>(steps) : -1;
}

void require_patterns(const std::string& path, const Network& network) {
  if (pattern_hash(network).empty()) return;
  const hdf5::InputFile file(path);
  for (const Layer& layer : network.layers)
    for (const ParameterBlock& block : layer.blocks) {
      if (!block.pattern) continue;
      const std::string dataset = "layers/" + std::to_string(layer.part) + "/kept";
      const std::vector<std::int64_t> bits = bits_of(*block.pattern);
      std::vector<std::int64_t> found(bits.size());
      file.require(dataset, hdf5::InputFile::Type::integer, static_cast<std::int64_t>(bits.size()));
      file.read(dataset, hdf5::InputFile::Type::integer, 0, static_cast<std::int64_t>(bits.size()), found.data());
      if (found != bits)
        file.fail(dataset, "it keeps other weights than the pattern of the network does",
                  "take the pattern.h5 that belongs to it");
    }
}

void require_network_format(const hdf5::InputFile& file) {
  const std::optional<std::string> format = file.text_attribute("format");
  if (!format)
    throw Error(
        Status::usage,
        fmt::format("{}: it has no attribute 'format', so that it is no network that jetpinn train has left; put back "
                    "the network.h5 of the run",
                    file.path()));
  if (*format != file_format)
    throw Error(Status::usage, fmt::format("{}: its format is '{}', and jetpinn {} reads '{}'; use the version that wrote "
                                           "it ({})",
                                           file.path(), *format, version, file_format,
                                           file.text_attribute("version").value_or("its attribute 'version' is missing")));
}

std::vector<double> load_parameters(const std::string& path, std::int64_t expected_count) {
  const hdf5::InputFile file(path);
  require_network_format(file);
  const auto shape = file.shape("parameters");
  if (shape.size() != 1 || shape[0] != expected_count)
    file.fail(
        "parameters",
        (shape.size() == 1 ? "it holds " + std::to_string(shape[0]) + " parameters" : "it has more than one dimension") +
            ", the config's network has " + std::to_string(expected_count),
        "use the network.h5 that was trained with this config");
  std::vector<double> parameters(static_cast<std::size_t>(expected_count));
  file.read_rows("parameters", 0, expected_count, parameters.data());
  if (!std::all_of(parameters.begin(), parameters.end(), [](double value) { return std::isfinite(value); }))
    file.fail("parameters", "some are not finite numbers", "train the network again");
  return parameters;
}

}  // namespace jetpinn
