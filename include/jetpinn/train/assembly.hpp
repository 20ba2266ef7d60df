// From checked options to what a run works with: network, term programs, samplers, and the blocks each rank owns.
#pragma once

#include "jetpinn/base/blocks.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/problem/problem.hpp"
#include "jetpinn/sampling/point_source.hpp"
#include "jetpinn/sampling/sampling_options.hpp"
#include "jetpinn/train/options.hpp"
#include "jetpinn/train/squared_means.hpp"
#include "jetpinn/train/table_rows.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

using RankBlocks = std::vector<std::vector<std::vector<Block>>>;  // [ranks][terms]

// The points of the terms as some stages have them.
struct StagePoints {
  PointChoice chosen;                                   // how those are made that are not stored
  std::vector<std::int64_t> counts;                     // [terms] points over all ranks
  std::vector<std::int64_t> independent;                // [terms] points over all ranks that no step trains on
  RankBlocks blocks;
};

// Its points are those of one stage, as its terms are.
struct Assembly : StagePoints {
  std::unique_ptr<Problem> problem;          // at a fixed place: samplers and terms point to its graph
  Network network;
  std::vector<EngineTerm> terms;             // one per term of the problem
  EngineTerm fields;                         // its residuals are the fields after the output
                                             // transform: what evaluation needs
  std::vector<EngineTerm> monitors;          // one per monitor of the problem
  CostModel cost;
  RecomputedLayers recomputed;               // by choose_recomputed, which changes the cost too; empty: all jets are kept
  std::size_t variant = 0;                   // of the problem, that terms, monitors and cost are of
  std::vector<StagePoints> choices;          // where a stage has points of its own: first those of the run; else empty
  std::vector<std::size_t> choice_of_stage;  // [stages] where there are any
  std::size_t choice = 0;                    // that its own points are of
  SamplingOptions sampling;                  // its stored terms are all that have a table
  std::vector<TableRows> tables;                         // [terms] of the problem's tables
  std::uint64_t seed = 0;
  std::vector<double> dealt_by;  // [terms] cost of a point, by which blocks are dealt in all stages
  std::vector<double> speeds;    // [ranks] measured ones, by which they are dealt too; empty: all are alike

  std::vector<EngineTerm> evaluated() const;  // the fields, then the monitors: what one engine evaluates beside the training
  // Terms, monitors, cost and points become those of a stage, whose constants may have other values, and whose terms other
  // weights and points; so do the expressions of the problem. False: they are already.
  bool use_stage(std::int64_t stage);
  void deal_anew();  // the points of all stages, by `speeds`; lists of blocks stay at their places
  std::size_t variant_of(std::int64_t stage) const;
  std::size_t choice_of(std::int64_t stage) const;
  const StagePoints& stage_points(std::size_t stage) const;  // whatever the stage at work
  double flop_per_step() const;              // over all ranks
  std::int64_t points() const;               // over all terms and ranks
};

// Pure computation, no communication, equal on every rank. Throws Error (usage).
Assembly assemble(Problem problem, const NetworkOptions& network, const SamplingOptions& sampling, std::uint64_t seed,
                  int ranks);

// The terms that are integral constraints.
std::vector<SquaredMean> squared_means(const Assembly& assembly);

// Points that the ranks share as they share those of the assembly. counts: [terms]
RankBlocks deal_points(const Assembly& assembly, const std::vector<std::int64_t>& counts, int ranks);
std::vector<std::vector<Block>> of_term(const RankBlocks& blocks, std::size_t term);  // [ranks]

// The most that a rank may have of a term after its points were dealt anew, where it was planned to have `planned`, and
// what a memory plan counts: that, where they may be. unit: of a block.
std::int64_t most_after_dealing(std::int64_t planned, std::int64_t unit);
std::int64_t with_room(const Assembly& assembly, std::int64_t planned, std::int64_t unit = block_points);

// Whether a table holds the points of a term, whether they follow its residual, and what points have beside their
// coordinates. Of neither, points are pure functions of their number; of both, they are state.
bool is_stored(const Assembly& assembly, std::size_t term);
bool is_streamed(const Assembly& assembly, std::size_t term);  // those of a table that is never held
bool has_streams(const Assembly& assembly);                    // any term's are
bool is_adaptive(const Assembly& assembly, std::size_t term);
bool holds_out(const Assembly& assembly, std::size_t term);  // rows of its table
inline bool is_kept(const Assembly& assembly, std::size_t term) {
  return (is_stored(assembly, term) && !is_streamed(assembly, term)) || is_adaptive(assembly, term);
}
bool brings_weights(const Assembly& assembly, std::size_t term);  // those that are chosen with weights of their own
bool counts_by_quadrature(const Assembly& assembly, std::size_t term);  // its points have weights in a mean, in some stage
// Beside quadrature weights, which the points of a stage have or not.
SourceColumns source_columns(const Assembly& assembly, std::size_t term);

// A sentence for each table of the problem: how many of its rows are used.
std::vector<std::string> table_sentences(const Assembly& assembly);

}  // namespace jetpinn
