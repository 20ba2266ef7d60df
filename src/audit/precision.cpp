// A precision that makes a network slower.
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/train/precision_need.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace jetpinn {
namespace {

// Narrower products take as long in bf16 as in fp32 or longer: rows become integers and back (perf/precision).
constexpr std::int64_t narrow = 128;

}  // namespace

Warnings audit_precision(const AuditInput& input) {
  if (!computes_in(input.training, Precision::bf16)) return {};
  std::int64_t widest = 0;  // of the matrices between hidden layers, whole ones
  for (const Layer& layer : input.assembly.network.layers)
    if (layer.kind == "linear") widest = std::max(widest, std::min(layer.input_units, layer.units));
  if (widest >= narrow) return {};
  const std::string what = widest == 0 ? "no whole matrix between hidden layers"
                                       : fmt::format("no matrix wider than {} between hidden layers", widest);
  return {{"precision",
           fmt::format("precision bf16 gains time in products of {} units and more, and the network has {}: fp32 is "
                       "faster, with more digits",
                       narrow, what)}};
}

}  // namespace jetpinn
