#include "jetpinn/train/assembly.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/profile/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace jetpinn {
namespace {

std::int64_t requested_points(const Term& term, const SamplingOptions& sampling) {
  const auto found = sampling.points.find(term.name);
  if (found != sampling.points.end()) return found->second;
  return term.equation ? default_equation_points : default_condition_points;
}

Sampler make_sampler(const Assembly& assembly, std::size_t term, std::uint32_t epoch) {
  const Problem& problem = *assembly.problem;
  const PointKey key{assembly.seed, static_cast<std::uint32_t>(term), epoch};
  try {
    return Sampler(assembly.sampling.method, problem.terms[term].region, problem.graph, requested_points(problem.terms[term], assembly.sampling), key);
  } catch (const Error& error) {
    throw Error(error.status(), "term '" + problem.terms[term].name + "': " + error.what());
  }
}

[[noreturn]] void fail_weight(const Problem& problem, const Term& term, const std::vector<double>& place, double weight) {
  std::string where;
  for (std::size_t d = 0; d < place.size(); ++d)
    where += (d == 0 ? "" : ", ") + fmt::format("{} = {:.6g}", problem.symbols.coordinates[d], place[d]);
  throw Error(Status::usage, fmt::format("term '{}': its weight is {:.6g} at {}; a weight is a finite number >= 0", term.name,
                                         weight, where));
}

// Weights that are not 1, as columns: none, one shared by all residuals of the term, or one per residual.
void fill_weights(const Problem& problem, const Term& term, TermPoints& points) {
  const auto& graph = problem.graph;
  const auto is_one = [&](NodeId id) { return graph.is_constant(id) && graph[id].value == 1; };
  if (term.weights.empty() || std::all_of(term.weights.begin(), term.weights.end(), is_one)) return;
  const bool shared = std::all_of(term.weights.begin(), term.weights.end(), [&](NodeId id) { return id == term.weights[0]; });
  points.weight_columns = shared ? 1 : static_cast<int>(term.weights.size());
  points.weight.resize(static_cast<std::size_t>(points.weight_columns * points.local_count));
  std::vector<double> place(static_cast<std::size_t>(points.dimensions));
  for (int k = 0; k < points.weight_columns; ++k) {
    const NodeId weight = term.weights[static_cast<std::size_t>(k)];
    double* column = points.weight.data() + k * points.local_count;
    if (graph.is_constant(weight)) {
      std::fill_n(column, points.local_count, graph[weight].value);
      continue;
    }
    for (std::int64_t i = 0; i < points.local_count; ++i) {
      for (int d = 0; d < points.dimensions; ++d) place[static_cast<std::size_t>(d)] = points.coordinate(d)[i];
      column[i] = evaluate(graph, weight, place.data());
      if (!(column[i] >= 0 && std::isfinite(column[i]))) fail_weight(problem, term, place, column[i]);
    }
  }
}

// Every rank holds the list of all blocks; far beyond any memory, dealing them would not end either.
void require_block_list(std::int64_t points) {
  const double bytes = static_cast<double>(points) / block_points * sizeof(Block);
  if (bytes > 0.5 * static_cast<double>(available_memory_bytes()))
    throw Error(Status::usage, fmt::format("{:.3g} points need a list of {:.3g} GiB on every rank, more than half of the memory that is "
                                           "left here; lower sampling.points", static_cast<double>(points), bytes / 1073741824.0));
}

}  // namespace

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

Assembly assemble(Problem problem, const NetworkOptions& network, const SamplingOptions& sampling, std::uint64_t seed, int ranks) {
  Assembly assembly;
  assembly.problem = std::make_unique<Problem>(std::move(problem));
  assembly.sampling = sampling;
  assembly.seed = seed;
  Problem& house = *assembly.problem;
  assembly.network = make_network(network, house.symbols.coordinates, house.fields(), house.lower, house.upper);

  const auto engine_term = [&](const std::string& name, const std::vector<NodeId>& residuals) {
    EngineTerm term;
    term.name = name;
    term.program = compile_term(house.graph, residuals, house.dimensions(), house.fields());
    term.graph = &house.graph;
    term.residuals = residuals;
    return term;
  };
  for (const Term& term : house.terms) assembly.terms.push_back(engine_term(term.name, term.residuals));
  assembly.fields = engine_term("fields", house.outputs);
  assembly.cost = cost_model(assembly.network, assembly.terms);

  for (std::size_t t = 0; t < house.terms.size(); ++t) assembly.counts.push_back(make_sampler(assembly, t, 0).count());
  // A point of a thin network still costs its activations: weigh by channels times parameters, never by zero.
  std::vector<double> cost;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) cost.push_back(std::max(assembly.cost.flop_per_point[t], 1.0));
  require_block_list(assembly.points());
  assembly.blocks = deal_blocks(assembly.counts, cost, ranks);
  return assembly;
}

PointSet make_points(const Assembly& assembly, int rank, std::uint32_t epoch) {
  ScopedRegion region(Region::sampling);
  const Problem& problem = *assembly.problem;
  PointSet set;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    TermPoints points;
    points.dimensions = problem.dimensions();
    points.global_count = assembly.counts[t];
    points.blocks = assembly.blocks[static_cast<std::size_t>(rank)][t];
    for (const Block& block : points.blocks) points.local_count += block.count;
    points.coordinates.resize(static_cast<std::size_t>(points.dimensions * points.local_count));
    const Sampler sampler = make_sampler(assembly, t, epoch);
    std::int64_t offset = 0;
    for (const Block& block : points.blocks) {
      sampler.generate(block.first, block.count, points.coordinates.data() + offset, points.local_count);
      offset += block.count;
    }
    fill_weights(problem, problem.terms[t], points);
    set.terms.push_back(std::move(points));
  }
  return set;
}

MemoryPlan plan_memory(const Assembly& assembly, const TrainingOptions& training, int rank, std::int64_t chunk) {
  const Network& network = assembly.network;
  MemoryPlan plan;
  plan.parameters = network.parameters * static_cast<std::int64_t>(sizeof(double));
  plan.gradient = plan.parameters;
  for (const StageOptions& stage : training.stages) {
    const std::int64_t vectors = stage.optimizer.kind == "lbfgs" ? 2 * stage.optimizer.history + 4 : 2;
    plan.optimizer = std::max(plan.optimizer, vectors * plan.parameters);
  }
  const std::int64_t item = training.precision == Precision::fp64 ? 8 : 4;
  std::int64_t units = 0;   // hidden units whose jets are live: before and after the activation
  for (std::size_t l = 0; l + 1 < network.layers.size(); ++l) units += 2 * network.layers[l].outputs;
  for (const EngineTerm& term : assembly.terms) plan.channels = std::max(plan.channels, item * chunk * term.program.channels() * units);
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    for (const Block& block : assembly.blocks[static_cast<std::size_t>(rank)][t])
      plan.points += block.count * assembly.problem->dimensions() * static_cast<std::int64_t>(sizeof(double));
  return plan;
}

}  // namespace jetpinn
