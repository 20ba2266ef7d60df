#include "jetpinn/train/assembly.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/network/run_networks.hpp"
#include "jetpinn/problem/place.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/sampling/stored_points.hpp"
#include "jetpinn/train/monitors.hpp"
#include "jetpinn/train/scales.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

StagePoints count_points(const Assembly& assembly, const PointChoice& chosen) {
  StagePoints points;
  points.chosen = chosen;
  for (std::size_t t = 0; t < assembly.problem->terms.size(); ++t) {
    points.counts.push_back(count_of(assembly, chosen, t));
    points.independent.push_back(independent_count(assembly, t, points.counts.back()));
  }
  return points;
}

// A batch of a term that is streamed is all that it has in a step, in stages that search too.
void take_batches_of_streams(const Problem& problem, SamplingOptions& sampling) {
  const auto move = [](PointCounts& from, PointCounts& to, const std::string& name) {
    const auto found = from.find(name);
    if (found == from.end()) return;
    to[name] = found->second;
    from.erase(found);
  };
  if (sampling.stages.size() < sampling.stage_batch.size()) sampling.stages.resize(sampling.stage_batch.size());
  for (const Term& term : problem.terms) {
    if (!term.table || !term.table->streamed) continue;
    move(sampling.batch, sampling.points, term.name);
    for (std::size_t stage = 0; stage < sampling.stage_batch.size(); ++stage)
      move(sampling.stage_batch[stage], sampling.stages[stage].points, term.name);
  }
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

// Whether the points of a term that is drawn are nodes of a quadrature, in some stage.
bool has_nodes(const Assembly& assembly, const std::string& term) {
  const auto chooses = [&](const PointChoice& chosen) { return chosen.method_of(term) == SamplingMethod::gauss_legendre; };
  return chooses(assembly.chosen) || std::any_of(assembly.choices.begin(), assembly.choices.end(),
                                                 [&](const StagePoints& points) { return chooses(points.chosen); });
}

// Why the points of a term cannot follow its residual; empty: they can.
std::string why_not_adaptive(const Assembly& assembly, std::size_t t) {
  const Term& term = assembly.problem->terms[t];
  if (is_stored(assembly, t)) return "its points are rows of a table";
  if (has_nodes(assembly, term.name)) return "they are the nodes of a quadrature";
  if (term.integral) return "its loss is an integral, over points that lie evenly";
  if (term.hard) return "it is hard, and its residual 0 everywhere";
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
  cost = cost_model(network, terms, recomputed);
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

  take_batches_of_streams(owned, assembly.sampling);
  choose_points(assembly);
  for (std::size_t t = 0; t < owned.terms.size(); ++t) check_weights(assembly, t);
  for (const Monitor& monitor : owned.monitors)
    if (monitor.options.quadrature) monitor_nodes(owned, monitor);
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

RankBlocks deal_points(const Assembly& assembly, const std::vector<std::int64_t>& counts, int ranks) {
  require_block_list(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  if (!assembly.speeds.empty()) return deal_by_speed(counts, assembly.dealt_by, assembly.speeds);
  const bool each =
      has_batches(assembly.sampling) || has_streams(assembly) || assembly.sampling.gated || assembly.sampling.dealt_by_times;
  return each ? deal_each_term(counts, assembly.dealt_by, ranks) : deal_blocks(counts, assembly.dealt_by, ranks);
}

void Assembly::deal_anew() {
  const auto deal = [&](StagePoints& points) {
    const RankBlocks next = deal_by_speed(points.counts, dealt_by, speeds);
    for (std::size_t r = 0; r < next.size(); ++r)
      for (std::size_t t = 0; t < next[r].size(); ++t) points.blocks[r][t] = next[r][t];
  };
  for (StagePoints& points : choices) deal(points);
  deal(*this);
}

std::vector<std::vector<Block>> of_term(const RankBlocks& blocks, std::size_t term) {
  std::vector<std::vector<Block>> of_ranks;
  for (const auto& of_rank : blocks) of_ranks.push_back(of_rank[term]);
  return of_ranks;
}

std::int64_t most_after_dealing(std::int64_t planned, std::int64_t unit) { return planned + planned / 2 + unit; }

std::int64_t with_room(const Assembly& assembly, std::int64_t planned, std::int64_t unit) {
  const bool may_change = assembly.sampling.dealt_by_times && assembly.blocks.size() > 1 && assembly.speeds.empty();
  return may_change ? most_after_dealing(planned, unit) : planned;
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

bool is_streamed(const Assembly& assembly, std::size_t term) {
  const std::optional<TermTable>& table = assembly.problem->terms[term].table;
  return table && table->streamed;
}

bool has_streams(const Assembly& assembly) {
  const std::vector<Term>& terms = assembly.problem->terms;
  return std::any_of(terms.begin(), terms.end(), [](const Term& term) { return term.table && term.table->streamed; });
}

bool holds_out(const Assembly& assembly, std::size_t term) {
  return assembly.problem->terms[term].table && !assembly.tables[term].held_out->empty();
}

bool is_adaptive(const Assembly& assembly, std::size_t term) {
  return assembly.sampling.adaptive.names(assembly.problem->terms[term].name) && why_not_adaptive(assembly, term).empty();
}

bool brings_weights(const Assembly& assembly, std::size_t term) {
  return assembly.sampling.adaptive.weighs() && is_adaptive(assembly, term);
}

bool counts_by_quadrature(const Assembly& assembly, std::size_t term) {
  const Term& of = assembly.problem->terms[term];
  return !is_stored(assembly, term) && (of.integral || has_nodes(assembly, of.name));
}

SourceColumns source_columns(const Assembly& assembly, std::size_t term) {
  const Term& of = assembly.problem->terms[term];
  SourceColumns columns = is_stored(assembly, term) ? columns_of(assembly.sampling.stored.at(of.name)) : SourceColumns();
  columns.weight = columns.weight || brings_weights(assembly, term);
  columns.second = !of.pair.empty();
  if (of.reads.any()) columns.attributes = attribute_columns(place_names(*assembly.problem, of.reads), columns.second);
  return columns;
}

std::vector<std::string> table_sentences(const Assembly& assembly) {
  std::vector<std::string> sentences;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    if (const Term& term = assembly.problem->terms[t]; term.table)
      sentences.push_back(table_sentence(term, assembly.tables[t]));
  return sentences;
}

}  // namespace jetpinn
