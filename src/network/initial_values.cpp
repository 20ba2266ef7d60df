// What the parameters of a network are before its training: drawn by counter-based random numbers, constant or given.
#include "jetpinn/network/network.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <cstddef>
#include <numbers>

namespace jetpinn {
namespace {

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
  return std::sqrt(-2 * std::log(radius)) * std::cos(2 * std::numbers::pi * angle);
}

double start_of(const ParameterBlock& block, std::int64_t i, std::uint64_t seed) {
  const BlockStart& start = block.start;
  switch (start.kind) {
    case BlockStart::Kind::constant:
      return start.mean;
    case BlockStart::Kind::given:
      return start.values[static_cast<std::size_t>(i)];
    case BlockStart::Kind::normal:
      break;
  }
  const std::int64_t columns = block.shape.back();
  if (start.period > 0) i = i / columns * columns + i % columns % start.period;
  const std::int64_t first = start.seed ? 0 : block.offset;
  return start.mean + start.deviation * normal(start.seed.value_or(seed), static_cast<std::uint64_t>(first + i));
}

// So that V exp(s) is what V was drawn as.
void divide_by_scale(const Layer& layer, double* parameters) {
  const ParameterBlock* scale = layer.block("scale");
  if (!scale) return;
  double* weight = parameters + layer.blocks[0].offset;
  for (std::int64_t i = 0; i < layer.blocks[0].size(); ++i)
    weight[i] /= std::exp(parameters[scale->offset + i % scale->size()]);
}

}  // namespace

void initialize(const Network& network, std::uint64_t seed, double* parameters) {
  for (const Layer& layer : network.layers) {
    for (const ParameterBlock& block : layer.blocks) {
      for (std::int64_t i = 0; i < block.size(); ++i) parameters[block.offset + i] = start_of(block, i, seed);
    }
    divide_by_scale(layer, parameters);
  }
  for (std::int64_t i = 0; i < network.trainables.size(); ++i)
    parameters[network.trainables.offset + i] = start_of(network.trainables, i, seed);
}

}  // namespace jetpinn
