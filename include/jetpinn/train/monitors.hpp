// Integrals, means and extrema of expressions on points of their own, which depend on nothing but the patch: not on the
// seed, the step, the ranks, nor on other monitors.
//
// integral = sum_i w_i v_i, mean = integral / sum_i w_i. w_i is the measure of the part of the patch that point i lies in
// (length, area, ... in the units of the coordinates) over the number of the part's points, or times the weight of a
// Gauss-Legendre node; 0 for points that an earlier part holds too, and on parts of a lower dimension than others. A patch
// of single points is summed over.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/sampling/quadrature_points.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/observer.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace jetpinn {

// The nodes of one that takes its expression at those of a quadrature. Throws Error (usage).
QuadraturePoints monitor_nodes(const Problem& problem, const Monitor& monitor);

// Points of one monitor, with their weights w_i. A rank's share is of whole blocks.
TermPoints make_monitor_points(const Problem& problem, const Monitor& monitor, int rank, int ranks);

class Monitors {
 public:
  // Collective: draws the points. `assembly` outlives it.
  Monitors(Communicator& communicator, const Assembly& assembly);

  bool due(std::int64_t step) const;  // one of them has steps of its own, and this is one
  // Collective. All of them, or those that are due at a step. The engine's terms are the fields, then the monitors.
  void measure_all(Communicator& communicator, Engine& engine, const std::vector<double>& parameters);
  void measure_due(Communicator& communicator, Engine& engine, const std::vector<double>& parameters, std::int64_t step);

  void tell(StepRecord& record) const;   // of the last measurement
  void tell(RunSummary& summary) const;  // the last value of each that was measured

 private:
  bool due(std::size_t monitor, std::int64_t step) const;
  void measure(Communicator& communicator, Engine& engine, const std::vector<double>& parameters,
               const std::function<bool(std::size_t)>& chosen);
  std::vector<double> parts_of_rank(Engine& engine, const std::vector<double>& parameters, std::size_t monitor) const;

  const std::vector<Monitor>& monitors_;
  std::vector<TermPoints> points_;  // [monitors] rank-local
  std::vector<double> measures_;    // [monitors] sum of the weights over all ranks
  std::vector<double> values_;      // [monitors] NaN: not measured yet
  std::vector<bool> fresh_;         // [monitors] by the last measurement
};

}  // namespace jetpinn
