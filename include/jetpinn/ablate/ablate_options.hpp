// What `jetpinn ablate` was asked for.
#pragma once

#include "jetpinn/runtime/small_network.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

struct AblateOptions {
  std::string data;                   // the path of a collection, or 1k, 10k, 50k, 100k
  std::string representations;        // a list; empty: all
  std::int64_t runs = 10;             // trainings of each, on other divisions of the samples
  double sample_layers = 1;           // share of the layers that is looked at, evenly
  bool mixed = true;                  // numbers and products in fp32, statistics and losses of all rows in fp64; else fp64
  bool reference = false;             // whole decompositions of whole matrices in fp64, each representation by itself
  std::string cache;                  // folder; empty: none
  double cache_limit = 4294967296.0;  // bytes
  SmallNetworkOptions network;
  std::uint64_t seed = 0;
  std::string output;  // folder
  bool force = false, quiet = false;

  bool fp64() const { return reference || !mixed; }
};

// Three runs on half of the layers.
constexpr std::int64_t quick_runs = 3;
constexpr double quick_layers = 0.5;

// Throws Error (usage): out of range, or options that contradict each other. ranks: of this job.
void check_ablate_options(const AblateOptions& options, int ranks);

}  // namespace jetpinn
