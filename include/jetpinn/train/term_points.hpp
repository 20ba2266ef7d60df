// The points of an assembly's terms: where they come from, their weights, and those that no step trains on.
#pragma once

#include "jetpinn/base/blocks.hpp"
#include "jetpinn/sampling/point_source.hpp"
#include "jetpinn/sampling/quadrature_points.hpp"
#include "jetpinn/sampling/segment_order.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// Columns that one of its points takes, with its weights in the stage that has most of them.
std::int64_t point_columns(const Assembly& assembly, std::size_t term);

// Looks at weights before any rank fills its own, in every stage: at all points of small terms, at some of large ones.
// Throws Error (usage).
void check_weights(const Assembly& assembly, std::size_t term);

// Makes the points of a term; `epoch` counts resamplings, at_most (0: none) limits those that are generated. Points to the
// assembly. Throws Error (usage).
std::unique_ptr<PointSource> term_source(const Assembly& assembly, std::size_t term, std::uint32_t epoch,
                                         std::int64_t at_most = 0);
// The same of points that are chosen in another way than in the present stage.
std::unique_ptr<PointSource> term_source(const Assembly& assembly, const PointChoice& chosen, std::size_t term,
                                         std::uint32_t epoch, std::int64_t at_most = 0);

// The nodes of a term whose method is gauss_legendre. Throws Error (usage).
QuadraturePoints term_quadrature(const Assembly& assembly, const PointChoice& chosen, std::size_t term);

// Points of a term over all ranks: of one that is streamed those of a step, at most.
std::int64_t count_of(const Assembly& assembly, const PointChoice& chosen, std::size_t term);
// How the rows of a streamed term are taken.
SegmentOrder stream_order(const Assembly& assembly, const PointChoice& chosen, std::size_t term);

// The points of one rank, of one term or of all; `epoch` counts resamplings. Stored ones are those that a run begins with.
TermPoints make_term_points(const Assembly& assembly, std::size_t term, int rank, std::uint32_t epoch);
PointSet make_points(const Assembly& assembly, int rank, std::uint32_t epoch);
// Room for them, or for `count` of them over all ranks, without values.
TermPoints make_term_room(const Assembly& assembly, std::size_t term, int rank);
TermPoints make_term_room(const Assembly& assembly, std::size_t term, std::int64_t count, std::vector<Block> blocks);
// Gives points the weights of the stage.
void weigh_points(const Assembly& assembly, std::size_t term, TermPoints& points);

// Blocks of the points from begin, the first of a block, to end.
std::vector<Block> blocks_between(std::int64_t begin, std::int64_t end);

// Points among which those of an adaptive term are chosen: fresh ones in each round, from 1 on. Throws Error (usage).
std::unique_ptr<PointSource> candidate_source(const Assembly& assembly, std::size_t term, std::uint32_t round,
                                              std::int64_t count);
// Runs of them, with all columns.
TermPoints make_candidates(const Assembly& assembly, std::size_t term, const PointSource& source, std::vector<Block> runs);

// How the points of a term are shared by the pieces of its set, in the set's order: "x == 1" has 50 of them. Empty: they are
// stored.
struct PiecePoints {
  std::string piece;
  std::int64_t points = 0;  // over all ranks
};
std::vector<PiecePoints> points_per_piece(const Assembly& assembly, std::size_t term, const PointChoice& chosen);

// How many points of a term no step trains on, beside so many that are trained on.
std::int64_t independent_count(const Assembly& assembly, std::size_t term, std::int64_t trained);
// A rank's share of the points that no step trains on: the same whatever the ranks, steps and continuations. A term of
// single points has no others than its own; one of stored points has those rows of its table that are held out.
PointSet make_independent_points(const Assembly& assembly, int rank);

}  // namespace jetpinn
