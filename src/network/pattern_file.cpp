#include "jetpinn/network/pattern_file.hpp"

#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/hdf5.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr const char* format = "jetpinn pattern 1";
constexpr std::int64_t most_matrices = 4096, most_units = 65536;  // units: as network.hidden has it

std::string name_of(std::size_t matrix) { return "pattern_" + std::to_string(matrix); }

constexpr const char* again = "write it again with jetpinn sparsify";

SparsePattern read_pattern(const hdf5::InputFile& file, const std::string& name, std::int64_t inputs, std::int64_t outputs) {
  if (inputs < 1 || outputs < 1 || inputs > most_units || outputs > most_units)
    file.fail("shapes", "a matrix of " + std::to_string(inputs) + " x " + std::to_string(outputs) + " is none", again);
  const std::int64_t words = (inputs * outputs + 63) / 64;
  file.require(name, hdf5::InputFile::Type::integer, words);
  std::vector<std::int64_t> bits(static_cast<std::size_t>(words));
  file.read(name, hdf5::InputFile::Type::integer, 0, words, bits.data());
  SparsePattern pattern = pattern_of(bits, inputs, outputs);
  if (pattern.kept.empty()) file.fail(name, "it keeps no weight, so that the layer would vanish", "keep more weights");
  return pattern;
}

}  // namespace

void write_patterns(const std::string& path, const SparsePatterns& patterns) {
  hdf5::OutputFile file(path);
  file.attribute("/", "format", format);
  file.attribute("/", "matrices", static_cast<double>(patterns.size()));
  std::vector<std::int64_t> shapes;
  for (std::size_t m = 0; m < patterns.size(); ++m) {
    shapes.insert(shapes.end(), {patterns[m]->inputs, patterns[m]->outputs});
    file.write(name_of(m), bits_of(*patterns[m]));
  }
  file.write("shapes", shapes);
  file.commit();
}

SparsePatterns read_patterns(const std::string& path) {
  const hdf5::InputFile file(path);
  if (file.text_attribute("format") != format)
    file.fail("/", std::string("it is not of the format '") + format + "'",
              "name the pattern.h5 of a run of jetpinn sparsify");
  const double count = file.number_attribute("matrices").value_or(0);
  if (!(count >= 1 && count <= most_matrices)) file.fail("/", "the attribute 'matrices' is missing or out of range", again);
  const auto matrices = static_cast<std::int64_t>(count);
  file.require("shapes", hdf5::InputFile::Type::integer, 2 * matrices);
  std::vector<std::int64_t> shapes(static_cast<std::size_t>(2 * matrices));
  file.read("shapes", hdf5::InputFile::Type::integer, 0, 2 * matrices, shapes.data());
  SparsePatterns patterns;
  for (std::size_t m = 0; m < static_cast<std::size_t>(matrices); ++m)
    patterns.push_back(
        std::make_shared<const SparsePattern>(read_pattern(file, name_of(m), shapes[2 * m], shapes[2 * m + 1])));
  return patterns;
}

std::string pattern_hash(const Network& network) {
  std::vector<std::int64_t> words;
  for (std::size_t l = 0; l < network.layers.size(); ++l)
    for (const ParameterBlock& block : network.layers[l].blocks)
      if (block.pattern) {
        words.insert(words.end(), {static_cast<std::int64_t>(l), block.pattern->inputs, block.pattern->outputs});
        const std::vector<std::int64_t> bits = bits_of(*block.pattern);
        words.insert(words.end(), bits.begin(), bits.end());
      }
  if (words.empty()) return {};
  return hex(hash_of(words.data(), static_cast<std::int64_t>(words.size() * sizeof(std::int64_t))));
}

}  // namespace jetpinn
