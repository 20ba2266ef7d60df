// How well a trained network meets each statement of its problem (equation, condition, table, integral constraint) at points
// that no step trains on: mean and largest residual, and how often it is beyond a tolerance.
//
// The residual of a term is the norm of its list, in the units in which it is written. What counts as a violation follows
// from the statement's own size: of each residual the root mean square of its largest part (a summand; of a min, max, abs or
// where what stands in it), so that of min(u_t, 0) it is that of u_t. A residual of one part, as u on a wall, has the size
// of that part over the whole domain.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/infer/grid.hpp"
#include "jetpinn/sampling/point_set.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

inline constexpr double violation_share = 0.01;  // of a statement's size: what lies beyond it is a violation

// The points at which statements are looked at, alike for every network: Sobol points of a key of their own, of a table the
// rows that are held out, or all of them where none is.
struct PhysicsPoints {
  std::vector<TermPoints> terms;  // [terms] rank-local, in whole blocks
  TermPoints domain;              // rank-local
};

// held: parameters of the problem at values. Throws Error (usage).
PhysicsPoints make_physics_points(const Assembly& assembly, const std::vector<GridAxis>& held, int rank, int ranks);

// Of one term.
struct StatementResiduals {
  std::string name;
  bool of_mean = false;  // an integral constraint: its residuals are one point, their means
  std::size_t residuals = 0;
  std::vector<double> values;  // [points, residuals] in the units in which they are written
  std::vector<double> sizes;   // [residuals]; 0: nothing tells it
};

struct StatementMeasure {
  std::string name;
  std::int64_t points = 0;
  double mean = 0, max = 0;  // of |r|
  double violations = 0;     // share of the points, 0 to 1
  double size = 0;           // of the statement; 1 where nothing tells it
};

// Collective; the result is on rank 0, the same for any number of ranks. Adds nodes to the problem's graph.
std::vector<StatementResiduals> statement_residuals(Communicator& communicator, Assembly& assembly, EngineOptions options,
                                                    const std::vector<double>& parameters, const PhysicsPoints& points);

// sizes: those of another network's residuals, or the own.
std::vector<StatementMeasure> measure_statements(const std::vector<StatementResiduals>& residuals,
                                                 const std::vector<StatementResiduals>& sizes);

// (after - before) / max(before, violation_share * size) of the means
double physics_change(const StatementMeasure& before, const StatementMeasure& after);

// A sentence on the first statement in which two problems differ; empty: they state the same.
std::string differing_statement(const Problem& a, const Problem& b);

// What makes up a residual: its summands, and what stands in a min, max, abs or where of it.
std::vector<NodeId> statement_parts(const ExpressionGraph& graph, NodeId residual);

}  // namespace jetpinn
