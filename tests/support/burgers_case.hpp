// Burgers' equation with weights of points, and jets engines for it, for tests of what is particular to them.
#pragma once

#include "jetpinn/engine/jets_engine.hpp"
#include "support/engine_case.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace jetpinn::test {

inline EngineCase burgers(std::int64_t points = 600, std::vector<std::int64_t> hidden = {43, 20, 33}) {
  CaseText text;
  text.terms = {{"u_t + u*u_x - 0.01*u_xx"}, {"u + sin(pi*x)"}};
  text.network.hidden = std::move(hidden);
  text.points = points;
  text.weight_columns = 1;
  return make_case(text);
}

inline std::unique_ptr<Engine> jets(const EngineCase& problem, EngineOptions options = {}) {
  if (options.product_backend == "auto") options.product_backend = "libxsmm";
  return make_jets_engine(options, problem.network, problem.terms);
}

// A different chunk or back end changes the order of sums over a few hundred points and tens of units.
constexpr double reordered = 100 * std::numeric_limits<double>::epsilon();

}  // namespace jetpinn::test
