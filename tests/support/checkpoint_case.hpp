// State of every kind and of awkward values, for the tests of checkpoints.
#pragma once

#include "jetpinn/io/checkpoint_store.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace jetpinn::testing {

// Different seeds: different values, each the same bits on every machine (divisions only).
struct CheckpointCase {
  explicit CheckpointCase(int seed, std::int64_t numbers = 1000) : parameters(static_cast<std::size_t>(numbers)) {
    for (std::size_t k = 0; k < parameters.size(); ++k)
      parameters[k] = static_cast<double>(seed + 1) / static_cast<double>(k + 3);
    if (numbers > 2) parameters[1] = -0.0, parameters[2] = std::nan("371230");
    rate = std::ldexp(1.0 + seed, -1060);   // subnormal
    steps = (std::int64_t{1} << 53) + seed;
    pairs = {std::numeric_limits<double>::infinity(), 1.0 * seed};
    reason = std::string("caf\xc3\xa9 \0 ", 8) + std::to_string(seed) + std::string(3, '\0');
  }

  State state() {
    State all;
    append(all, "optimizer",
           {{"moments/first", RealSlice{parameters.data(), static_cast<std::int64_t>(parameters.size())}},
            {"moments/none", RealSlice{nullptr, 0}},
            {"rate", &rate},
            {"pairs", &pairs},
            {"no_pairs", &no_pairs}});
    append(all, "progress", {{"steps", &steps}, {"reason", &reason}, {"no_reason", &no_reason}});
    return all;
  }

  // Bit for bit: not-a-number and the sign of zero included.
  bool operator==(const CheckpointCase& other) const {
    const auto same = [](const std::vector<double>& a, const std::vector<double>& b) {
      return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
    };
    return same(parameters, other.parameters) && same(pairs, other.pairs) && same(no_pairs, other.no_pairs) &&
           rate == other.rate && steps == other.steps && reason == other.reason && no_reason == other.no_reason;
  }

  std::vector<double> parameters, pairs, no_pairs;
  double rate = 0;
  std::int64_t steps = 0;
  std::string reason, no_reason;
};

inline CheckpointFacts facts_of(std::int64_t step, double loss = 1.0 / 3.0) {
  CheckpointFacts facts;
  facts.step = step;
  facts.stage = 1;
  facts.loss = loss;
  facts.time_s = 0.1 + 0.2;
  facts.ranks = 2;
  facts.reproducibility = "ranks";
  facts.config_hash = "0123456789abcdef";
  facts.version = "1.2.3";
  return facts;
}

}  // namespace jetpinn::testing
