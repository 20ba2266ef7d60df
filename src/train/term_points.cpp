#include "jetpinn/train/term_points.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/geometry/box_region.hpp"
#include "jetpinn/geometry/place_text.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/sampling/integral_points.hpp"
#include "jetpinn/sampling/stored_points.hpp"
#include "jetpinn/train/values_at_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

std::int64_t requested_points(const Term& term, const PointChoice& chosen) {
  const auto found = chosen.points.find(term.name);
  if (found != chosen.points.end()) return found->second;
  if (term.table) return default_streamed_points;
  return term.equation ? default_equation_points : default_condition_points;
}

// What goes wrong with the points of a term is told with its name.
template <class Make>
auto naming(const Term& term, const Make& make) {
  try {
    return make();
  } catch (const Error& error) {
    throw Error(error.status(), "term '" + term.name + "': " + error.what());
  }
}

Sampler make_sampler(const Assembly& assembly, std::size_t term, SamplingMethod method, std::int64_t points,
                     const PointKey& key) {
  const Problem& problem = *assembly.problem;
  return naming(problem.terms[term],
                [&] { return Sampler(method, problem.terms[term].region, problem.graph, points, key); });
}

// Makes the points of a term that are not stored; `epoch` counts resamplings, at_most (0: none) limits them. Some of the
// nodes of a quadrature would lie in a corner: where points are limited, those are Sobol points.
Sampler term_sampler(const Assembly& assembly, const PointChoice& chosen, std::size_t term, std::uint32_t epoch,
                     std::int64_t at_most = 0) {
  const Term& of = assembly.problem->terms[term];
  const std::int64_t wanted = requested_points(of, chosen);
  const SamplingMethod method = chosen.method_of(of.name);
  return make_sampler(assembly, term, method == SamplingMethod::gauss_legendre ? SamplingMethod::sobol : method,
                      at_most > 0 ? std::min(wanted, at_most) : wanted,
                      {assembly.seed, static_cast<std::uint32_t>(term), epoch});
}

// Of a term's points that no step trains on: a tenth as many, and enough for a mean. Another key makes other points, and a
// scrambled sequence has no point twice, which a grid with its fixed nodes would. A region of single points takes each once.
Sampler make_independent_sampler(const Assembly& assembly, std::size_t term, std::int64_t trained) {
  constexpr std::int64_t fewest = 50;
  constexpr std::uint32_t apart = std::uint32_t{1} << 31;  // no problem has as many terms
  return make_sampler(assembly, term, SamplingMethod::sobol, std::max(trained / 10, fewest),
                      {assembly.seed, static_cast<std::uint32_t>(term) | apart, 0});
}

// The length, area, ... of each part of the region of a term whose loss is an integral.
std::vector<double> measures_of_integral(const Problem& problem, const Term& term) {
  std::vector<double> measures = BoxRegion(term.region, problem.graph).coordinate_measures();
  if (std::find(measures.begin(), measures.end(), 0.0) != measures.end())
    throw Error(Status::usage, "term '" + term.name +
                                   "': reduction = \"integral_of_squares\" adds lengths to lengths and areas to areas, and "
                                   "parts of this set have different dimensions; write a condition for each");
  return measures;
}

// source: a Sampler or QuadraturePoints of the term's region
template <class Source>
std::unique_ptr<PointSource> drawn(const Problem& problem, const Term& term, Source source) {
  std::vector<double> shares;
  for (std::size_t p = 0; p < term.region.pieces.size(); ++p) shares.push_back(source.share(p));
  std::unique_ptr<PointSource> points = std::make_unique<Source>(std::move(source));
  if (term.integral)
    points = std::make_unique<IntegralPoints>(std::move(points), measures_of_integral(problem, term), shares);
  return drawn_points(problem, term, std::move(points));
}

// Columns of the points of a source, and those that the term adds.
SourceColumns columns_from(const Assembly& assembly, std::size_t term, const PointSource& source) {
  SourceColumns columns = source_columns(assembly, term);
  columns.quadrature = source.columns().quadrature;
  return columns;
}

// Points of a streamed equation stand for a region, whose others serve as well, unless it reads what its table has of them.
bool draws_independent(const Assembly& assembly, std::size_t t) {
  const Term& term = assembly.problem->terms[t];
  return !is_stored(assembly, t) ||
         (is_streamed(assembly, t) && term.equation && term.table->columns.empty() && !term.reads.any());
}

std::unique_ptr<PointSource> independent_source(const Assembly& assembly, std::size_t term) {
  const Problem& problem = *assembly.problem;
  if (draws_independent(assembly, term))
    return drawn(problem, problem.terms[term], make_independent_sampler(assembly, term, assembly.counts[term]));
  return std::make_unique<StoredPoints>(stored_rows(problem, problem.terms[term], assembly.tables[term].held_out),
                                        problem.symbols.coordinates);
}

[[noreturn]] void fail_weight(const Problem& problem, const Term& term, std::size_t which, const std::vector<double>& place,
                              double weight) {
  const std::string message =
      fmt::format("this weight of term '{}' is {:.6g} at {}; a weight is a finite number >= 0, such as max(..., 0)",
                  term.name, weight, place_text(problem.symbols.coordinates, place.data()));
  if (which < term.weight_places.size()) fail_at(term.weight_places[which], message);
  throw Error(Status::usage, message);
}

// Weights that are not 1, as columns: none, one shared by all residuals of the term, or one per residual.
int weight_columns(const ExpressionGraph& graph, const std::vector<NodeId>& weights) {
  const auto is_one = [&](NodeId id) { return graph.is_constant(id) && graph[id].value == 1; };
  if (weights.empty() || std::all_of(weights.begin(), weights.end(), is_one)) return 0;
  const bool shared = std::all_of(weights.begin(), weights.end(), [&](NodeId id) { return id == weights[0]; });
  return shared ? 1 : static_cast<int>(weights.size());
}

// In the stage that has most.
int most_weight_columns(const Problem& problem, std::size_t term) {
  int most = 0;
  for (const Variant& variant : problem.variants)
    most = std::max(most, weight_columns(problem.graph, variant.weights[term]));
  return most;
}

// The term's own weights, and what the points brought of their own multiplied into each.
void fill_weights(const Problem& problem, const Term& term, TermPoints& points) {
  const auto& graph = problem.graph;
  const int columns = weight_columns(graph, term.weights);
  if (columns == 0) return;
  const std::vector<double> brought = std::exchange(points.weight, {});
  points.weight_columns = columns;
  points.weight.resize(static_cast<std::size_t>(columns * points.local_count));
  for (int k = 0; k < columns; ++k) {
    const NodeId weight = term.weights[static_cast<std::size_t>(k)];
    double* column = points.weight.data() + k * points.local_count;
    if (graph.is_constant(weight)) std::fill_n(column, points.local_count, graph[weight].value);
    ValuesAtPoints values(graph, weight, points);
    for (std::int64_t i = 0; i < points.local_count && !graph.is_constant(weight); ++i) {
      column[i] = values(i);
      if (!(column[i] >= 0 && std::isfinite(column[i])))
        fail_weight(problem, term, static_cast<std::size_t>(k), values.place(), column[i]);
    }
    for (std::size_t i = 0; i < brought.size(); ++i) column[i] *= brought[i];
  }
}

// All columns. Points that nobody has chosen yet count alike.
void fill_points(const Assembly& assembly, std::size_t t, const PointSource& source, TermPoints& points) {
  source.fill(points);
  if (brings_weights(assembly, t)) std::fill(points.weight.begin(), points.weight.end(), 1.0);
  fill_weights(*assembly.problem, assembly.problem->terms[t], points);
}

// `check` and the start of `train` look at weights before any rank fills its own: at all points of small terms, at
// some of each part of large ones. `term` has the weights that are looked at.
void check_weights(const Assembly& assembly, const PointChoice& chosen, std::size_t t, const Term& term) {
  const Problem& problem = *assembly.problem;
  if (std::all_of(term.weights.begin(), term.weights.end(), [&](NodeId id) { return problem.graph.is_constant(id); }))
    return;
  constexpr std::int64_t run = 256, runs = 16;
  const auto source = term_source(assembly, chosen, t, 0);
  for (std::int64_t r = 0; r < runs; ++r) {
    const bool all = source->count() <= run * runs;
    const std::int64_t first = all ? r * run : r * (source->count() / runs), count = std::min(run, source->count() - first);
    if (count <= 0) return;
    TermPoints points = make_room(problem.dimensions(), source->columns(), source->count(), {{first, count}});
    source->fill(points);
    fill_weights(problem, term, points);
  }
}

}  // namespace

void check_weights(const Assembly& assembly, std::size_t t) {
  const Problem& problem = *assembly.problem;
  check_weights(assembly, assembly.chosen, t, problem.terms[t]);
  std::set<std::pair<std::vector<NodeId>, std::size_t>> known{{problem.terms[t].weights, 0}};
  const std::size_t stages = std::max(problem.variant_of_stage.size(), assembly.choice_of_stage.size());
  for (std::size_t stage = 0; stage < stages; ++stage) {
    const auto at = static_cast<std::int64_t>(stage);
    const Variant& variant = problem.variants[assembly.variant_of(at)];
    if (!known.insert({variant.weights[t], assembly.choice_of(at)}).second) continue;
    Term term = problem.terms[t];
    term.weights = variant.weights[t];
    term.weight_places = variant.weight_places[t];
    check_weights(assembly, assembly.stage_points(stage).chosen, t, term);
  }
}

std::vector<Block> blocks_between(std::int64_t begin, std::int64_t end) {
  std::vector<Block> blocks;
  for (; begin < end; begin += block_points) blocks.push_back({begin, std::min(block_points, end - begin)});
  return blocks;
}

std::int64_t point_columns(const Assembly& assembly, std::size_t t) {
  const Problem& problem = *assembly.problem;
  const SourceColumns columns = source_columns(assembly, t);
  return problem.dimensions() * (columns.second ? 2 : 1) +
         std::max(most_weight_columns(problem, t), columns.weight ? 1 : 0) + (counts_by_quadrature(assembly, t) ? 1 : 0) +
         static_cast<std::int64_t>(columns.attributes.size() + columns.data.size());
}

QuadraturePoints term_quadrature(const Assembly& assembly, const PointChoice& chosen, std::size_t term) {
  const Problem& problem = *assembly.problem;
  const Term& of = problem.terms[term];
  const auto own = chosen.nodes.find(of.name);
  return naming(of, [&] {
    return QuadraturePoints(of.region, problem.graph, requested_points(of, chosen),
                            own == chosen.nodes.end() ? std::vector<std::int64_t>() : own->second);
  });
}

std::unique_ptr<PointSource> term_source(const Assembly& assembly, const PointChoice& chosen, std::size_t term,
                                         std::uint32_t epoch, std::int64_t at_most) {
  const Problem& problem = *assembly.problem;
  if (is_stored(assembly, term))
    return std::make_unique<StoredPoints>(assembly.sampling.stored.at(problem.terms[term].name),
                                          problem.symbols.coordinates);
  if (chosen.method_of(problem.terms[term].name) == SamplingMethod::gauss_legendre && at_most == 0)
    return drawn(problem, problem.terms[term], term_quadrature(assembly, chosen, term));
  return drawn(problem, problem.terms[term], term_sampler(assembly, chosen, term, epoch, at_most));
}

std::unique_ptr<PointSource> term_source(const Assembly& assembly, std::size_t term, std::uint32_t epoch,
                                         std::int64_t at_most) {
  return term_source(assembly, assembly.chosen, term, epoch, at_most);
}

SegmentOrder stream_order(const Assembly& assembly, const PointChoice& chosen, std::size_t term) {
  return {assembly.tables[term].all, requested_points(assembly.problem->terms[term], chosen), assembly.seed,
          static_cast<std::uint32_t>(term)};
}

std::int64_t count_of(const Assembly& assembly, const PointChoice& chosen, std::size_t term) {
  return is_streamed(assembly, term) ? stream_order(assembly, chosen, term).largest()
                                     : term_source(assembly, chosen, term, 0)->count();
}

std::int64_t independent_count(const Assembly& assembly, std::size_t term, std::int64_t trained) {
  if (draws_independent(assembly, term)) return make_independent_sampler(assembly, term, trained).count();
  const RowNumbers& held_out = assembly.tables[term].held_out;
  return held_out ? static_cast<std::int64_t>(held_out->size()) : 0;
}

std::unique_ptr<PointSource> candidate_source(const Assembly& assembly, std::size_t term, std::uint32_t round,
                                              std::int64_t count) {
  const Problem& problem = *assembly.problem;
  const SamplingMethod own = assembly.chosen.method_of(problem.terms[term].name);
  const bool fixed = own == SamplingMethod::grid || own == SamplingMethod::gauss_legendre;
  const SamplingMethod method = fixed ? SamplingMethod::sobol : own;
  return drawn(problem, problem.terms[term],
               make_sampler(assembly, term, method, count, {assembly.seed, static_cast<std::uint32_t>(term), round}));
}

TermPoints make_candidates(const Assembly& assembly, std::size_t term, const PointSource& source, std::vector<Block> runs) {
  const Problem& problem = *assembly.problem;
  TermPoints points = make_room(problem.dimensions(), source_columns(assembly, term), source.count(), std::move(runs));
  fill_points(assembly, term, source, points);
  return points;
}

void weigh_points(const Assembly& assembly, std::size_t term, TermPoints& points) {
  points.weight_columns = 0;
  points.weight.clear();
  fill_weights(*assembly.problem, assembly.problem->terms[term], points);
}

TermPoints make_term_room(const Assembly& assembly, std::size_t term, int rank) {
  return make_term_room(assembly, term, assembly.counts[term], assembly.blocks[static_cast<std::size_t>(rank)][term]);
}

TermPoints make_term_room(const Assembly& assembly, std::size_t term, std::int64_t count, std::vector<Block> blocks) {
  const Problem& problem = *assembly.problem;
  TermPoints points = make_room(problem.dimensions(), source_columns(assembly, term), count, std::move(blocks));
  points.weight_columns = std::max(points.weight_columns, weight_columns(problem.graph, problem.terms[term].weights));
  points.weight.resize(static_cast<std::size_t>(points.weight_columns * points.local_count));
  return points;
}

TermPoints make_term_points(const Assembly& assembly, std::size_t term, int rank, std::uint32_t epoch) {
  const std::unique_ptr<PointSource> source = term_source(assembly, term, epoch);
  TermPoints points = make_room(assembly.problem->dimensions(), columns_from(assembly, term, *source), assembly.counts[term],
                                assembly.blocks[static_cast<std::size_t>(rank)][term]);
  fill_points(assembly, term, *source, points);
  return points;
}

PointSet make_points(const Assembly& assembly, int rank, std::uint32_t epoch) {
  ScopedRegion region(Region::sampling);
  PointSet set;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) set.terms.push_back(make_term_points(assembly, t, rank, epoch));
  return set;
}

std::vector<PiecePoints> points_per_piece(const Assembly& assembly, std::size_t term, const PointChoice& chosen) {
  const Problem& problem = *assembly.problem;
  const PointRegion& region = problem.terms[term].region;
  std::vector<PiecePoints> list;
  if (is_stored(assembly, term)) return list;
  const auto add_all = [&](const auto& source) {
    for (std::size_t p = 0; p < region.pieces.size(); ++p)
      list.push_back({piece_name(region, region.pieces[p], problem.graph, problem.symbols.coordinates), source.count(p)});
  };
  if (chosen.method_of(problem.terms[term].name) == SamplingMethod::gauss_legendre)
    add_all(term_quadrature(assembly, chosen, term));
  else
    add_all(term_sampler(assembly, chosen, term, 0));
  return list;
}

PointSet make_independent_points(const Assembly& assembly, int rank) {
  ScopedRegion region(Region::sampling);
  const Problem& problem = *assembly.problem;
  PointSet set;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const RowRange share = share_rows(assembly.independent[t], rank, static_cast<int>(assembly.blocks.size()));
    const std::unique_ptr<PointSource> source = share.count() > 0 ? independent_source(assembly, t) : nullptr;
    TermPoints points =
        make_room(problem.dimensions(), source ? columns_from(assembly, t, *source) : source_columns(assembly, t),
                  assembly.independent[t],
                  make_point_batch(problem.dimensions(), share.begin, share.count(), assembly.independent[t]).blocks);
    if (source)
      fill_points(assembly, t, *source, points);
    else
      fill_weights(problem, problem.terms[t], points);
    set.terms.push_back(std::move(points));
  }
  return set;
}

}  // namespace jetpinn
