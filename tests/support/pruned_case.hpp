// Networks of every kind on the heat equation, with parameters as training leaves them, for tests of what is removed.
#pragma once

#include "jetpinn/compress/unit_groups.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/problem_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace jetpinn::test {

struct PrunedCase {
  std::string name;
  NetworkOptions network;
  std::vector<std::int64_t> fewer;  // widths of the hidden layers when some units have gone
};

inline std::vector<PrunedCase> pruned_cases() {
  std::vector<PrunedCase> cases;
  for (const char* kind : {"mlp", "residual", "modified_mlp", "piratenet"})
    for (const bool additions : {false, true}) {
      PrunedCase entry{std::string(kind) + (additions ? "_with_all" : ""), {}, {5, 5, 5}};
      entry.network.kind = kind;
      entry.network.hidden = {9, 9, 9};
      if (entry.network.kind == "mlp") {
        entry.network.hidden = {9, 7, 11};
        entry.fewer = {5, 6, 3};
      }
      if (additions) {
        entry.network.fourier_features = 3;
        entry.network.periodic = {"x"};
        entry.network.factors.scale = entry.network.factors.slope = true;
      }
      cases.push_back(std::move(entry));
    }
  return cases;
}

inline NetworkOptions with_hidden(NetworkOptions network, std::vector<std::int64_t> hidden) {
  network.hidden = std::move(hidden);
  return network;
}

inline Assembly heat_assembly(const NetworkOptions& network, int ranks = 1, std::int64_t heat = 30) {
  SamplingOptions sampling;
  sampling.points = {{"heat", heat}, {"initial", 10}};
  return assemble(testing::heat_problem(), network, sampling, 3, ranks);
}

// Biases that are not zero, slopes that are not one; what is not trained stays.
inline std::vector<double> trained_parameters(const Network& network) {
  std::vector<double> parameters(static_cast<std::size_t>(network.parameters));
  initialize(network, 7, parameters.data());
  std::mt19937 random(11);
  std::normal_distribution<double> normal;
  for (const Layer& layer : network.layers)
    for (const ParameterBlock& block : layer.blocks)
      for (std::int64_t i = block.offset; block.trained && i < block.offset + block.size(); ++i)
        parameters[static_cast<std::size_t>(i)] += 0.3 * normal(random);
  return parameters;
}

// The units of each group that stay: some in the middle and the last.
inline KeptUnits some_kept(const UnitGroups& groups, const std::vector<std::int64_t>& widths) {
  KeptUnits kept;
  for (std::size_t g = 0; g < groups.groups.size(); ++g) {
    const std::int64_t units = groups.groups[g].units, fewer = widths[g];
    std::vector<std::int64_t> numbers{units - 1};
    for (std::int64_t k = 1; k < fewer; ++k) numbers.push_back(k);
    std::sort(numbers.begin(), numbers.end());
    kept.push_back(std::move(numbers));
  }
  return kept;
}

inline std::vector<double> field_values(const Assembly& assembly, const std::vector<double>& parameters) {
  const TermPoints points = make_term_points(assembly, 0, 0, 0);
  std::vector<double> values(static_cast<std::size_t>(points.local_count));
  make_engine({}, assembly.network, {assembly.fields})->residuals(Stream{}, parameters.data(), 0, points, values.data());
  return values;
}

}  // namespace jetpinn::test
