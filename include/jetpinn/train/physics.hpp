// How well a trained network meets each statement of its problem (equation, condition, table, integral constraint) at points
// that no step trains on: mean and largest residual, and how often it is beyond a tolerance.
//
// The residual of a term is the norm of its list, in the units in which it is written. What counts as a violation follows
// from the statement's own size: of each residual the root mean square of its largest part (a summand; of a min, max, abs or
// where what stands in it), so that of min(u_t, 0) it is that of u_t. A residual of one part, as u on a wall, has the size
// of that part over the whole domain.
#pragma once

#include "jetpinn/base/blocks.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/infer/grid.hpp"
#include "jetpinn/sampling/point_source.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

inline constexpr double violation_share = 0.01;  // of a statement's size: what lies beyond it is a violation

// The points at which statements are looked at, alike for every network: Sobol points of a key of their own, of a table the
// rows that are held out, or all of them where none is. They are made when they are asked for, so memory does not grow with
// them. Behind the sets of the terms is one of points all over the domain. The assembly's problem outlives it.
class PhysicsPoints {
 public:
  // held: parameters of the problem at values. numbers: [terms] by which points are drawn; empty: the terms' own. Two
  // problems whose terms have the same numbers are looked at in the same places. Throws Error (usage).
  PhysicsPoints(const Assembly& assembly, std::vector<GridAxis> held, const std::vector<std::size_t>& numbers = {});

  std::size_t domain() const { return sets_.size() - 1; }                           // the number of the last set
  std::int64_t count(std::size_t set) const { return sets_[set].source->count(); }  // over all ranks
  RowRange share(std::size_t set, int rank, int ranks) const;  // in whole blocks: bits are those of any number of ranks
  TermPoints make(std::size_t set, RowRange range) const;      // it begins with a block
  TermPoints make_share(std::size_t set, int rank, int ranks) const { return make(set, share(set, rank, ranks)); }

 private:
  struct Set {
    std::unique_ptr<PointSource> source;
    bool table = false;  // its parameters are columns
  };

  int dimensions_ = 0;
  std::vector<GridAxis> held_;
  std::vector<Set> sets_;  // [terms + 1]
};

struct StatementMeasure {
  std::string name;
  std::int64_t points = 0;
  double mean = 0, max = 0;  // of |r|
  double violations = 0;     // share of the points, 0 to 1
  double size = 0;           // of the statement; 1 where nothing tells it
};

using StatementSizes = std::vector<double>;      // [residuals] of a statement; 0: nothing tells it
double whole_size(const StatementSizes& sizes);  // of the statement; 1 in place of what nothing tells

// Sums over points of a statement, from which its measure follows.
struct StatementSums {
  double points = 0, norms = 0, violations = 0, largest = 0;
  void add(const StatementSums& more);
};
// values: [residuals, stride], in the units in which they are written, of `count` points.
StatementSums statement_sums(const double* values, std::int64_t stride, std::int64_t count, const StatementSizes& sizes);
StatementMeasure measure_of(const std::string& name, const StatementSums& sums, const StatementSizes& sizes);

// What a network makes of the statements of its problem. All is collective, and the result is the same on every rank and for
// any number of them. Memory is that of a piece of the points and of some sums for each block of them.
class StatementEvaluator {
 public:
  // Adds nodes to the problem's graph. What it is given outlives it.
  StatementEvaluator(Communicator& communicator, Assembly& assembly, EngineOptions options,
                     const std::vector<double>& parameters, const PhysicsPoints& points);

  std::vector<StatementSizes> sizes();  // [terms]
  // sizes: [terms] another network's, or its own. Of an integral constraint the mean is looked at, as one point.
  std::vector<StatementMeasure> measures(const std::vector<StatementSizes>& sizes);

 private:
  // What an engine evaluates for the sizes of residuals, at the points of one set.
  struct Parts {
    std::size_t set = 0;
    std::vector<NodeId> nodes;
    std::vector<std::pair<std::size_t, std::size_t>> owners;  // [nodes] term and residual
  };

  void choose_parts();
  // [blocks, width] on rank 0, in the order of the points. sum(values, stride, count, sums) looks at the points of one
  // block: values [rows, stride] of engine term `term`, sums [width].
  template <class Sum>
  std::vector<double> sum_blocks(std::size_t set, std::size_t term, std::size_t rows, std::size_t width, const Sum& sum);
  std::vector<double> root_mean_squares(std::size_t parts);

  Communicator& communicator_;
  const Assembly& assembly_;
  const std::vector<double>& parameters_;
  const PhysicsPoints& points_;
  std::vector<Parts> parts_;
  std::unique_ptr<Engine> engine_;  // its terms: the problem's, then parts_
};

// (after - before) / max(before, violation_share * size) of the means
double physics_change(const StatementMeasure& before, const StatementMeasure& after);

// A sentence on the first statement in which two problems differ; empty: they state the same.
std::string differing_statement(const Problem& a, const Problem& b);

// A statement's partner in another problem that states the same.
struct StatementPair {
  std::size_t other = 0;  // its number there
  std::string differs;    // why the two cannot be compared, in words; empty: they can
};

// [terms of a] by their names. The problems state the same (differing_statement).
std::vector<StatementPair> pair_statements(const Problem& a, const Problem& b);

// Says of pairs whether reduction and points are the same, which are those of the numbers that pairs have in a. Collective.
void compare_points(Communicator& communicator, const Assembly& a, const PhysicsPoints& points_of_a, const Assembly& b,
                    const PhysicsPoints& points_of_b, std::vector<StatementPair>& pairs);

// What makes up a residual: its summands, and what stands in a min, max, abs or where of it, with the sizes of their
// factors; each once. Adds nodes to the graph.
std::vector<NodeId> statement_parts(ExpressionGraph& graph, NodeId residual);

}  // namespace jetpinn
