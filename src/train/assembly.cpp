#include "jetpinn/train/assembly.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/infer/point_batch.hpp"
#include "jetpinn/network/run_networks.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/sampling/stored_points.hpp"
#include "jetpinn/train/scales.hpp"
#include "jetpinn/train/values_at_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

std::int64_t requested_points(const Term& term, const PointChoice& chosen) {
  const auto found = chosen.points.find(term.name);
  if (found != chosen.points.end()) return found->second;
  return term.equation ? default_equation_points : default_condition_points;
}

Sampler make_sampler(const Assembly& assembly, std::size_t term, SamplingMethod method, std::int64_t points,
                     const PointKey& key) {
  const Problem& problem = *assembly.problem;
  try {
    return Sampler(method, problem.terms[term].region, problem.graph, points, key);
  } catch (const Error& error) {
    throw Error(error.status(), "term '" + problem.terms[term].name + "': " + error.what());
  }
}

// Makes the points of a term that are not stored; `epoch` counts resamplings, at_most (0: none) limits them.
Sampler term_sampler(const Assembly& assembly, const PointChoice& chosen, std::size_t term, std::uint32_t epoch,
                     std::int64_t at_most = 0) {
  const std::int64_t wanted = requested_points(assembly.problem->terms[term], chosen);
  return make_sampler(assembly, term, chosen.method, at_most > 0 ? std::min(wanted, at_most) : wanted,
                      {assembly.seed, static_cast<std::uint32_t>(term), epoch});
}

// Of a term's points that no step trains on: a tenth as many, and enough for a mean. Another key makes other points, and a
// scrambled sequence has no point twice, which a grid with its fixed nodes would. A region of single points takes each once.
Sampler make_independent_sampler(const Assembly& assembly, std::size_t term, std::int64_t trained) {
  constexpr std::int64_t fewest = 50;
  constexpr std::uint32_t apart = std::uint32_t{1} << 31;   // no problem has as many terms
  return make_sampler(assembly, term, SamplingMethod::sobol, std::max(trained / 10, fewest),
                      {assembly.seed, static_cast<std::uint32_t>(term) | apart, 0});
}

std::unique_ptr<PointSource> drawn(const Problem& problem, const Term& term, Sampler sampler) {
  return drawn_points(problem, term, std::make_unique<Sampler>(std::move(sampler)));
}

std::unique_ptr<PointSource> source_of(const Assembly& assembly, const PointChoice& chosen, std::size_t term,
                                       std::uint32_t epoch, std::int64_t at_most = 0) {
  const Problem& problem = *assembly.problem;
  if (is_stored(assembly, term))
    return std::make_unique<StoredPoints>(assembly.sampling.stored.at(problem.terms[term].name),
                                          problem.symbols.coordinates);
  return drawn(problem, problem.terms[term], term_sampler(assembly, chosen, term, epoch, at_most));
}

std::unique_ptr<PointSource> independent_source(const Assembly& assembly, std::size_t term) {
  const Problem& problem = *assembly.problem;
  if (!problem.terms[term].table)
    return drawn(problem, problem.terms[term], make_independent_sampler(assembly, term, assembly.counts[term]));
  return std::make_unique<StoredPoints>(stored_rows(problem, problem.terms[term], assembly.tables[term].held_out),
                                        problem.symbols.coordinates);
}

[[noreturn]] void fail_weight(const Problem& problem, const Term& term, std::size_t which, const std::vector<double>& place,
                              double weight) {
  std::string where;
  for (std::size_t d = 0; d < place.size(); ++d)
    where += (d == 0 ? "" : ", ") + fmt::format("{} = {:.6g}", problem.symbols.coordinates[d], place[d]);
  const std::string message =
      fmt::format("this weight of term '{}' is {:.6g} at {}; a weight is a finite number >= 0, such as max(..., 0)",
                  term.name, weight, where);
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

// Whether points of a term are chosen with weights of their own.
bool brings_weights(const Assembly& assembly, std::size_t term) {
  return assembly.sampling.adaptive.weighs() && is_adaptive(assembly, term);
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
  const auto source = source_of(assembly, chosen, t, 0);
  for (std::int64_t r = 0; r < runs; ++r) {
    const bool all = source->count() <= run * runs;
    const std::int64_t first = all ? r * run : r * (source->count() / runs), count = std::min(run, source->count() - first);
    if (count <= 0) return;
    TermPoints points = make_room(problem.dimensions(), source->columns(), source->count(), {{first, count}});
    source->fill(points);
    fill_weights(problem, term, points);
  }
}

// Each weight at each choice of points once.
void check_weights_of_stages(const Assembly& assembly, std::size_t t) {
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

StagePoints count_points(const Assembly& assembly, const PointChoice& chosen) {
  StagePoints points;
  points.chosen = chosen;
  for (std::size_t t = 0; t < assembly.problem->terms.size(); ++t) {
    const std::int64_t count = source_of(assembly, chosen, t, 0)->count();
    points.counts.push_back(count);
    points.independent.push_back(assembly.problem->terms[t].table
                                     ? static_cast<std::int64_t>(assembly.tables[t].held_out->size())
                                 : is_stored(assembly, t) ? 0
                                                          : make_independent_sampler(assembly, t, count).count());
  }
  return points;
}

// Of the run and, where one differs, of each stage.
void choose_points(Assembly& assembly) {
  const SamplingOptions& sampling = assembly.sampling;
  static_cast<StagePoints&>(assembly) = count_points(assembly, sampling);
  std::vector<StagePoints> choices{assembly};
  for (std::size_t stage = 0; stage < sampling.stages.size(); ++stage) {
    const PointChoice chosen = choice_of(sampling, stage);
    const auto known =
        std::find_if(choices.begin(), choices.end(), [&](const StagePoints& points) { return points.chosen == chosen; });
    assembly.choice_of_stage.push_back(static_cast<std::size_t>(known - choices.begin()));
    if (known == choices.end()) choices.push_back(count_points(assembly, chosen));
  }
  if (choices.size() > 1) assembly.choices = std::move(choices);
}

EngineTerm engine_term(Problem& problem, const std::string& name, const std::vector<NodeId>& residuals,
                       const TermGroups& groups) {
  EngineTerm term;
  term.name = name;
  term.program = compile_term(problem.graph, residuals, problem.dimensions(), problem.fields(), groups);
  term.graph = &problem.graph;
  term.residuals = residuals;
  return term;
}

std::vector<EngineTerm> engine_terms(Problem& problem) {
  std::vector<EngineTerm> terms;
  for (const Term& term : problem.terms)
    terms.push_back(engine_term(problem, term.name, term.residuals, problem.groups(term)));
  return terms;
}

std::vector<EngineTerm> engine_monitors(Problem& problem) {
  std::vector<EngineTerm> terms;
  for (const Monitor& monitor : problem.monitors)
    terms.push_back(engine_term(problem, monitor.options.name, {monitor.value}, problem.groups(monitor)));
  return terms;
}

// Why the points of a term cannot follow its residual; empty: they can.
std::string why_not_adaptive(const Assembly& assembly, std::size_t t) {
  const Term& term = assembly.problem->terms[t];
  if (is_stored(assembly, t)) return "its points are rows of a table";
  if (term.reduction != Reduction::mean_of_squares) return "it squares a mean, which is one of points that lie evenly";
  const auto is_single = [](const Piece& piece) { return dimension_of(piece) == 0; };
  const std::vector<Piece>& pieces = term.region.pieces;
  return std::all_of(pieces.begin(), pieces.end(), is_single) ? "it has single points, which stay where they are" : "";
}

// Terms that are named, and some term where none is, have points that can follow.
void require_adaptive(const Assembly& assembly) {
  const AdaptiveOptions& adaptive = assembly.sampling.adaptive;
  bool any = !adaptive.active();
  for (std::size_t t = 0; t < assembly.problem->terms.size(); ++t) {
    any = any || is_adaptive(assembly, t);
    const std::string& name = assembly.problem->terms[t].name;
    const std::string reason = why_not_adaptive(assembly, t);
    if (!adaptive.terms.empty() && adaptive.names(name) && !reason.empty())
      throw Error(Status::usage,
                  fmt::format("sampling.adaptive.terms: the points of '{}' cannot follow its residual, for {}; "
                              "leave it out",
                              name, reason));
  }
  if (!any)
    throw Error(Status::usage,
                "sampling.adaptive changes nothing, for no term has points that could follow its residual; "
                "remove it");
}

// Every rank holds the list of all blocks; far beyond any memory, dealing them would not end either.
void require_block_list(std::int64_t points) {
  const double bytes = static_cast<double>(points) / block_points * sizeof(Block);
  if (bytes > 0.5 * static_cast<double>(available_memory_bytes()))
    throw Error(Status::usage,
                fmt::format("{:.3g} points need a list of {:.3g} GiB on every rank, more than half of the memory that is "
                            "left here; lower sampling.points",
                            static_cast<double>(points), bytes / 1073741824.0));
}

}  // namespace

std::vector<EngineTerm> Assembly::evaluated() const {
  std::vector<EngineTerm> terms{fields};
  terms.insert(terms.end(), monitors.begin(), monitors.end());
  return terms;
}

std::size_t Assembly::variant_of(std::int64_t stage) const {
  const std::vector<std::size_t>& of_stages = problem->variant_of_stage;
  return stage < static_cast<std::int64_t>(of_stages.size()) ? of_stages[static_cast<std::size_t>(stage)] : 0;
}

std::size_t Assembly::choice_of(std::int64_t stage) const {
  return stage < static_cast<std::int64_t>(choice_of_stage.size()) ? choice_of_stage[static_cast<std::size_t>(stage)] : 0;
}

const StagePoints& Assembly::stage_points(std::size_t stage) const {
  return choices.empty() ? *this : choices[choice_of(static_cast<std::int64_t>(stage))];
}

bool Assembly::use_stage(std::int64_t stage) {
  const bool other_points = choice_of(stage) != choice;
  if (other_points) {
    choice = choice_of(stage);
    static_cast<StagePoints&>(*this) = choices[choice];
  }
  if (variant_of(stage) == variant) return other_points;
  variant = variant_of(stage);
  const Variant& now = problem->variants[variant];
  for (std::size_t t = 0; t < problem->terms.size(); ++t) {
    problem->terms[t].stated = now.stated[t];
    problem->terms[t].residuals = now.residuals[t];
    problem->terms[t].weights = now.weights[t];
    problem->terms[t].weight_places = now.weight_places[t];
  }
  for (std::size_t m = 0; m < problem->monitors.size(); ++m) problem->monitors[m].value = now.monitors[m];
  terms = engine_terms(*problem);
  monitors = engine_monitors(*problem);
  cost = cost_model(network, terms);
  return true;
}

double Assembly::flop_per_step() const {
  double flop = 0;
  for (std::size_t t = 0; t < counts.size(); ++t) flop += cost.flop_per_point[t] * static_cast<double>(counts[t]);
  return flop;
}

std::int64_t Assembly::points() const {
  std::int64_t total = 0;
  for (auto count : counts) total += count;
  return total;
}

Assembly assemble(Problem problem, const NetworkOptions& network, const SamplingOptions& sampling, std::uint64_t seed,
                  int ranks) {
  Assembly assembly;
  assembly.problem = std::make_unique<Problem>(std::move(problem));
  assembly.sampling = sampling;
  assembly.seed = seed;
  Problem& owned = *assembly.problem;
  assembly.network = make_network(network, owned.symbols.coordinates, owned.symbols.fields, owned.lower, owned.upper);
  std::vector<double> starts;
  for (const TrainedNumber& number : owned.trained) starts.push_back(number.theta(number.start));
  assembly.network.append_trainables(std::move(starts));

  for (const Term& term : owned.terms) {
    assembly.tables.emplace_back();
    if (!term.table) continue;
    assembly.tables.back() = read_table_rows(owned, term, seed);
    assembly.sampling.stored[term.name] = stored_rows(owned, term, assembly.tables.back().trained);
  }

  choose_points(assembly);
  for (std::size_t t = 0; t < owned.terms.size(); ++t) check_weights_of_stages(assembly, t);
  if (owned.scales.on) scale_problem(owned, assembly.sampling);

  assembly.terms = engine_terms(owned);
  assembly.fields = engine_term(owned, "fields", owned.outputs, owned.groups());
  assembly.monitors = engine_monitors(owned);
  assembly.cost = cost_model(assembly.network, assembly.terms);
  // A point of a thin network still costs its activations: weigh by channels times parameters, never by zero.
  for (const double flop : assembly.cost.flop_per_point) assembly.dealt_by.push_back(std::max(flop, 1.0));
  assembly.blocks = deal_points(assembly, assembly.counts, ranks);
  for (StagePoints& points : assembly.choices) points.blocks = deal_points(assembly, points.counts, ranks);
  require_adaptive(assembly);
  return assembly;
}

std::vector<std::vector<std::vector<Block>>> deal_points(const Assembly& assembly, const std::vector<std::int64_t>& counts,
                                                         int ranks) {
  require_block_list(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  return has_batches(assembly.sampling) ? deal_each_term(counts, assembly.dealt_by, ranks)
                                        : deal_blocks(counts, assembly.dealt_by, ranks);
}

std::vector<SquaredMean> squared_means(const Assembly& assembly) {
  const Problem& problem = *assembly.problem;
  std::vector<SquaredMean> list;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    if (problem.terms[t].reduction != Reduction::square_of_mean) continue;
    list.push_back({t, {}});
    for (const NodeId weight : problem.terms[t].weights) list.back().weights.push_back(problem.graph[weight].value);
  }
  return list;
}

bool is_stored(const Assembly& assembly, std::size_t term) {
  return assembly.sampling.stored.count(assembly.problem->terms[term].name) > 0;
}

bool is_adaptive(const Assembly& assembly, std::size_t term) {
  return assembly.sampling.adaptive.names(assembly.problem->terms[term].name) && why_not_adaptive(assembly, term).empty();
}

SourceColumns source_columns(const Assembly& assembly, std::size_t term) {
  const Term& of = assembly.problem->terms[term];
  SourceColumns columns = is_stored(assembly, term) ? columns_of(assembly.sampling.stored.at(of.name)) : SourceColumns();
  columns.weight = columns.weight || brings_weights(assembly, term);
  columns.second = !of.pair.empty();
  if (of.reads.any()) columns.attributes = attribute_columns(place_names(*assembly.problem, of.reads), columns.second);
  return columns;
}

std::int64_t point_columns(const Assembly& assembly, std::size_t t) {
  const Problem& problem = *assembly.problem;
  const SourceColumns columns = source_columns(assembly, t);
  return problem.dimensions() * (columns.second ? 2 : 1) +
         std::max(most_weight_columns(problem, t), columns.weight ? 1 : 0) +
         static_cast<std::int64_t>(columns.attributes.size() + columns.data.size());
}

std::unique_ptr<PointSource> term_source(const Assembly& assembly, std::size_t term, std::uint32_t epoch,
                                         std::int64_t at_most) {
  return source_of(assembly, assembly.chosen, term, epoch, at_most);
}

std::unique_ptr<PointSource> candidate_source(const Assembly& assembly, std::size_t term, std::uint32_t round,
                                              std::int64_t count) {
  const Problem& problem = *assembly.problem;
  const SamplingMethod method =
      assembly.chosen.method == SamplingMethod::grid ? SamplingMethod::sobol : assembly.chosen.method;
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
  const Problem& problem = *assembly.problem;
  TermPoints points = make_room(problem.dimensions(), source_columns(assembly, term), assembly.counts[term],
                                assembly.blocks[static_cast<std::size_t>(rank)][term]);
  fill_points(assembly, term, *term_source(assembly, term, epoch), points);
  return points;
}

PointSet make_points(const Assembly& assembly, int rank, std::uint32_t epoch) {
  ScopedRegion region(Region::sampling);
  PointSet set;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    set.terms.push_back(make_term_points(assembly, t, rank, epoch));
  return set;
}

std::vector<std::string> table_sentences(const Assembly& assembly) {
  std::vector<std::string> sentences;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    if (const Term& term = assembly.problem->terms[t]; term.table)
      sentences.push_back(table_sentence(term, assembly.tables[t]));
  return sentences;
}

std::vector<PiecePoints> points_per_piece(const Assembly& assembly, std::size_t term, const PointChoice& chosen) {
  const Problem& problem = *assembly.problem;
  const PointRegion& region = problem.terms[term].region;
  std::vector<PiecePoints> list;
  if (is_stored(assembly, term)) return list;
  const Sampler sampler = term_sampler(assembly, chosen, term, 0);
  for (std::size_t p = 0; p < region.pieces.size(); ++p)
    list.push_back({piece_name(region, region.pieces[p], problem.graph, problem.symbols.coordinates), sampler.count(p)});
  return list;
}

PointSet make_independent_points(const Assembly& assembly, int rank) {
  ScopedRegion region(Region::sampling);
  const Problem& problem = *assembly.problem;
  PointSet set;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    const RowRange share = share_rows(assembly.independent[t], rank, static_cast<int>(assembly.blocks.size()));
    TermPoints points =
        make_room(problem.dimensions(), source_columns(assembly, t), assembly.independent[t],
                  make_point_batch(problem.dimensions(), share.begin, share.count(), assembly.independent[t]).blocks);
    if (points.local_count > 0)
      fill_points(assembly, t, *independent_source(assembly, t), points);
    else
      fill_weights(problem, problem.terms[t], points);
    set.terms.push_back(std::move(points));
  }
  return set;
}

}  // namespace jetpinn
