// Why a loss or a gradient is not finite: which terms, at which points, and where in the network it begins.
//
// Where the expression of a residual is to blame, its part and the values it was given are told.
//
// Found by evaluating again, not by trapping the processor's floating-point exceptions: a residual such as where(x > 0,
// log(x), 0) raises them at every point where the other branch is taken, and sound runs would end.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/sampling/point_set.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// Equal on every rank.
struct NotFinite {
  std::vector<std::string> terms;   // names of those that are not finite at some point, or too large for
                                    // sums; empty: none is by itself
  std::string layer;                // of the first such term: "layer 2", "the parameters of layer 2",
                                    // "the residual", "its square", ...
  std::int64_t points = 0;          // of all those terms, over all ranks
  std::string table;                // where the first term's points were saved; empty: nowhere
  std::string sentence;             // all of it for the user, without a full stop
  std::string mend;                 // of the first such term, as an imperative; empty: nothing is
                                    // known but a smaller learning rate
};

inline constexpr std::int64_t not_finite_points_saved = 1000;   // of a term, over all ranks

// Collective. Evaluates the terms one by one, block by block: sums over all points no longer tell where they come from. Rank
// 0 saves the points as point tables `run_directory`/not-finite-<term>.h5, in the order of ranks: coordinates, and the
// residuals as columns residual0, residual1, ...; where that fails, the sentence says so and nothing is thrown. `points`:
// this rank's; parameters: [network.parameters];
// level: whose sums were not finite.
NotFinite diagnose_not_finite(Communicator& communicator, Engine& engine, const Assembly& assembly, const PointSet& points,
                              const std::vector<double>& parameters, const std::string& run_directory,
                              Reproducibility level);

// The message that ends a run behind `step` steps, at work on `stage`. returns: it has sound parameters to go back to.
std::string not_finite_message(const NotFinite& found, std::int64_t step, std::int64_t stage, bool returns);

}  // namespace jetpinn
