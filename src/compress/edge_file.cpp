#include "jetpinn/compress/edge_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/edge/network.hpp"
#include "jetpinn/infer/portable_network.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/layer/factorised.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <set>

namespace jetpinn {
namespace {

// Numbers behind one another, the least significant byte first.
class LittleEndian {
 public:
  void bytes(std::uint64_t number, int count) {
    for (int k = 0; k < count; ++k) text_ += static_cast<char>(number >> (8 * k) & 0xFF);
  }
  void u32(std::int64_t number) {
    JETPINN_CHECK(number >= 0 && number <= 0xFFFFFFFF, "number in a .jpn file");
    bytes(static_cast<std::uint64_t>(number), 4);
  }
  void u64(std::uint64_t number) { bytes(number, 8); }
  void f64(double number) { bytes(edge::bits_as<std::uint64_t>(number), 8); }
  void f32(float number) { bytes(edge::bits_as<std::uint32_t>(number), 4); }
  void text(const std::string& value) {
    u32(static_cast<std::int64_t>(value.size()));
    text_ += value;
  }
  void append(const std::string& raw) { text_ += raw; }
  void pad(std::size_t to) { text_.append((to - text_.size() % to) % to, '\0'); }
  void fill(std::size_t least) { text_.resize(std::max(text_.size(), least), '\0'); }
  void place(std::size_t at, std::uint64_t number) {
    for (std::size_t k = 0; k < 8; ++k) text_[at + k] = static_cast<char>(number >> (8 * k) & 0xFF);
  }
  std::string& content() { return text_; }

 private:
  std::string text_;
};

class EdgeWriter {
 public:
  EdgeWriter(const Problem& problem, const EdgeFile& options) : problem_(problem), options_(options) {}

  std::string file(const Network& network, const double* parameters) {
    write_head();
    if (!network.windows) {
      write_cut(1, 0, {});
      write_network(network, parameters);
    } else {
      const NetworkWindows& windows = *network.windows;
      const std::size_t count = windows.networks.size();
      write_cut(count, windows.coordinate, windows.edges);
      for (const Network& window : windows.networks) {
        write_network(window, parameters);
        parameters += window.parameters;
      }
    }
    out_.fill(edge::least_file_bytes - 8);
    out_.pad(8);
    std::string& content = out_.content();
    out_.place(16, content.size() + 8);
    out_.u64(hash_of(content.data(), static_cast<std::int64_t>(content.size())));
    return std::move(content);
  }

 private:
  const Problem& problem_;
  const EdgeFile& options_;
  LittleEndian out_;

  bool single() const { return options_.precision == Precision::fp32; }

  void write_head() {
    out_.append(std::string(reinterpret_cast<const char*>(edge::file_magic), sizeof edge::file_magic));
    out_.u32(edge::file_version);
    out_.u32(single() ? 4 : 8);
    out_.u64(0);  // bytes of the file, known at the end
    out_.u32(static_cast<std::int64_t>(options_.facts.size()));
    for (const auto& [key, value] : options_.facts) {
      out_.text(key);
      out_.text(value);
    }
    const SymbolTable& symbols = problem_.symbols;
    out_.u32(problem_.dimensions());
    for (std::size_t d = 0; d < symbols.coordinates.size(); ++d) {
      out_.text(symbols.coordinates[d]);
      out_.f64(problem_.lower[d]);
      out_.f64(problem_.upper[d]);
    }
    out_.u32(problem_.fields());
    for (const std::string& field : symbols.fields) out_.text(field);
  }

  // edges: [windows + 1] or more, where there are several
  void write_cut(std::size_t windows, int coordinate, const std::vector<double>& edges) {
    out_.u32(static_cast<std::int64_t>(windows));
    out_.u32(coordinate);
    for (std::size_t k = 0; windows > 1 && k <= windows; ++k) out_.f64(edges[k]);
  }

  void write_network(const Network& network, const double* parameters) {
    write_program(output_program(problem_, parameters + network.layer_parameters()));
    const MemberExtents extents = member_extents(network);
    out_.u32(static_cast<std::int64_t>(extents.layers.size()));
    for (std::size_t m = 0; m < extents.layers.size(); ++m) {
      out_.u32(extents.features[m]);
      out_.u32(extents.layers[m]);
    }
    for (std::int64_t field : extents.fields) out_.u32(field);
    for (const Feature& feature : network.features) {
      out_.u32(number_of(feature.kind));
      out_.u32(feature.coordinate);
      out_.f64(feature.scale);
      out_.f64(feature.shift);
    }
    for (const Layer& layer : network.layers) write_layer(network, layer, parameters);
  }

  void write_program(const OutputProgram& program) {
    out_.u32(static_cast<std::int64_t>(program.steps.size()));
    for (const OutputStep& step : program.steps) {
      out_.text(step.name);
      std::array<std::int64_t, 3> operands{};
      JETPINN_CHECK(step.operands.size() <= operands.size(), "operands of '" + step.name + "'");
      std::copy(step.operands.begin(), step.operands.end(), operands.begin());
      for (std::int64_t operand : operands) out_.u32(operand);
      out_.f64(step.value);
    }
    for (std::int64_t step : program.result) out_.u32(step);
  }

  void write_layer(const Network& network, const Layer& layer, const double* parameters) {
    static const std::set<std::string> known{"input", "linear", "sparse", "activation", "gate", "mix", "output"};
    if (!known.count(layer.kind))
      throw Error(Status::usage, "the evaluator of .jpn files does not know layers of kind '" + layer.kind +
                                     "'; evaluate this network with `jetpinn predict`");
    out_.text(layer.kind == "sparse" ? "linear" : layer.kind);  // the file leaves out zeros by itself
    out_.text(function_of(layer));
    out_.u32(layer.units);
    out_.u32(static_cast<std::int64_t>(layer.inputs.size()));
    for (int input : layer.inputs) out_.u32(input);
    std::vector<double> own;
    std::vector<const ParameterBlock*> blocks;  // factors of the weights are multiplied into them
    if (!layer.blocks.empty()) own = multiply_factors(network, layer, parameters + layer.blocks.front().offset);
    for (const ParameterBlock& block : layer.blocks)
      if (block.name == "weight" || block.name == "bias" || block.name == "share") blocks.push_back(&block);
    out_.u32(static_cast<std::int64_t>(blocks.size()));
    for (const ParameterBlock* block : blocks) {
      out_.text(block->name);
      const double* const values = own.data() + (block->offset - layer.blocks.front().offset);
      if (!block->pattern) {
        write_values(layer, *block, values);
        continue;
      }
      ParameterBlock whole = *block;
      whole.shape = {block->pattern->inputs, block->pattern->outputs};
      std::vector<double> matrix(static_cast<std::size_t>(block->pattern->weights()));
      expand(*block->pattern, values, matrix.data());
      write_values(layer, whole, matrix.data());
    }
  }

  void write_values(const Layer& layer, const ParameterBlock& block, const double* values) {
    const auto size = static_cast<std::size_t>(block.size());
    out_.u32(static_cast<std::int64_t>(block.shape.size()));
    for (std::int64_t length : block.shape) out_.u32(length);
    const auto kept =
        static_cast<std::size_t>(std::count_if(values, values + size, [&](double v) { return stored(v) != 0; }));
    const bool sparse = block.shape.size() == 2 && 2 * kept <= size;
    out_.u32(sparse ? 1 : 0);
    if (sparse) {
      out_.u32(static_cast<std::int64_t>(kept));
      out_.pad(8);
      std::string bits((size + 7) / 8, '\0');
      for (std::size_t k = 0; k < size; ++k)
        if (stored(values[k]) != 0) bits[k / 8] = static_cast<char>(bits[k / 8] | 1 << (k % 8));
      out_.append(bits);
    }
    out_.pad(8);
    for (std::size_t k = 0; k < size; ++k)
      if (!sparse || stored(values[k]) != 0) write_value(layer, block, values[k]);
  }

  // As the file's type holds it.
  double stored(double value) const { return single() ? static_cast<double>(static_cast<float>(value)) : value; }

  void write_value(const Layer& layer, const ParameterBlock& block, double value) {
    if (!std::isfinite(stored(value)))
      throw Error(Status::usage,
                  fmt::format("the {} of a layer of kind '{}' holds {:g}, which fp32 cannot hold; export with "
                              "--precision fp64",
                              block.name, layer.kind, value));
    single() ? out_.f32(static_cast<float>(value)) : out_.f64(value);
  }
};

}  // namespace

std::string edge_file(const Problem& problem, const Network& network, const double* parameters, const EdgeFile& options) {
  return EdgeWriter(problem, options).file(network, parameters);
}

EdgeDifference compare_with_edge(const std::string& file, const std::vector<double>& coordinates,
                                 const std::vector<double>& fields, std::int64_t points) {
  edge::Network network;
  const std::string trouble = network.read(file.data(), file.size());
  if (!trouble.empty()) throw Error(Status::storage, "the evaluator refuses what was to be written: " + trouble);
  const std::size_t count = network.outputs().size();
  std::vector<double> outputs(static_cast<std::size_t>(points) * count);
  network.evaluate(coordinates.data(), outputs.data(), static_cast<std::size_t>(points));
  EdgeDifference difference{std::vector<double>(count), std::vector<double>(count)};
  for (std::size_t i = 0; i < static_cast<std::size_t>(points); ++i)
    for (std::size_t f = 0; f < count; ++f) {
      const double engine = fields[f * static_cast<std::size_t>(points) + i];
      const double apart = std::abs(outputs[i * count + f] - engine);
      // what is no number is as far as can be
      difference.largest[f] = std::isnan(apart) ? INFINITY : std::max(difference.largest[f], apart);
      difference.size[f] = std::max(difference.size[f], std::abs(engine));
    }
  return difference;
}

}  // namespace jetpinn
