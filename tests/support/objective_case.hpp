// A problem whose points the ranks share, an engine for it, and every way to sum over ranks.
#pragma once

#include "jetpinn/comm/gradient_sync.hpp"
#include "jetpinn/engine/engine.hpp"
#include "support/engine_case.hpp"
#include "support/world.hpp"

#include <memory>
#include <vector>

namespace jetpinn::test {

inline EngineCase objective_case() {
  CaseText text;
  text.terms = {{"u_t + u*u_x - 0.01*u_xx"}, {"u + sin(pi*x)"}};
  text.network.hidden = {9, 8};
  text.weight_columns = 1;
  text.points = 5 * block_points + 17;  // six blocks a term: uneven over two, three and four ranks
  return test::make_case(text);
}

// shared: the stream of the device that vectors lie on.
inline std::unique_ptr<Engine> objective_engine(const EngineCase& problem, Reproducibility level, const char* device = "cpu",
                                                Precision precision = Precision::fp64, Stream shared = {}) {
  EngineOptions options;
  options.device_stream = shared;
  options.precision = precision;
  if (precision == Precision::bf16) options.product_backend = "portable";  // on any machine
  options.device = device;
  options.reproducibility = level;
  options.ranks = &world();
  return make_engine(options, problem.network, problem.terms);
}

// Every kind of sum; early in pieces that cut through layers, and in one that leaves nearly all for the end.
inline std::vector<GradientSyncOptions> every_sync() {
  GradientSyncOptions plain, nodes, early, late;
  nodes.kind = GradientSyncKind::hierarchical, nodes.node_ranks = 2;
  early.kind = late.kind = GradientSyncKind::early;
  early.early_piece = 7, late.early_piece = 110;
  return {plain, nodes, early, late};
}

}  // namespace jetpinn::test
