#include "jetpinn/train/memory_plan.hpp"

#include "jetpinn/engine/engine_memory.hpp"
#include "jetpinn/runtime/libtorch.hpp"
#include "jetpinn/train/adaptive_plan.hpp"
#include "jetpinn/train/first_fit.hpp"
#include "jetpinn/train/gate_plan.hpp"
#include "jetpinn/train/gauss_newton_memory.hpp"
#include "jetpinn/train/libtorch_need.hpp"
#include "jetpinn/train/network_layout.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/point_streams.hpp"
#include "jetpinn/train/precision_need.hpp"
#include "jetpinn/train/run_balance.hpp"
#include "jetpinn/train/step_batches.hpp"
#include "jetpinn/train/term_points.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t real_bytes = sizeof(double);

// Of the largest batch that a step of a stage takes, and of the one before it, which goes when that is made.
std::int64_t batch_bytes(const Assembly& assembly, const TrainingOptions& training, std::size_t stage, int rank) {
  const std::vector<BlockBatches> batches = batches_of_stage(assembly, training, stage);
  const std::vector<std::vector<Block>>& blocks = assembly.stage_points(stage).blocks[static_cast<std::size_t>(rank)];
  std::int64_t bytes = 0;
  for (std::size_t t = 0; t < batches.size(); ++t)
    bytes += with_room(assembly, most_points_of_rank(batches[t], blocks[t])) *
             (point_columns(assembly, t) + weighs_points(assembly, training, t)) * real_bytes;
  return 2 * bytes;
}

// Points of a rank in a stage, those that are drawn and not read, and those that no step trains on.
struct PointBytes {
  std::int64_t all = 0, drawn = 0, independent = 0;
  std::int64_t residuals = 0, independent_residuals = 0;  // of the points that are trained on; of others, a term at a time
};

PointBytes point_bytes(const Assembly& assembly, std::size_t stage, int rank) {
  const StagePoints& points = assembly.stage_points(stage);
  PointBytes bytes;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    const std::int64_t count =
        with_room(assembly, grown(assembly, t, rows_of(points.blocks[static_cast<std::size_t>(rank)][t])));
    const std::int64_t aside = share_rows(points.independent[t], rank, static_cast<int>(points.blocks.size())).count(),
                       of_a_point = point_columns(assembly, t) * real_bytes,
                       residuals = assembly.terms[t].program.residuals();
    bytes.all += count * of_a_point;
    if (!is_kept(assembly, t)) bytes.drawn += count * of_a_point;
    bytes.independent += aside * of_a_point;
    bytes.residuals += count * residuals * real_bytes;
    bytes.independent_residuals = std::max(bytes.independent_residuals, aside * residuals * real_bytes);
  }
  return bytes;
}

// Next points are made before the last ones go.
bool draws_anew(const Assembly& assembly, const TrainingOptions& training) {
  const std::vector<Variant>& variants = assembly.problem->variants;
  const std::vector<std::size_t> stages = training.trained_stages();
  return has_streams(assembly) || !assembly.choices.empty() || assembly.sampling.adaptive.grows() ||
         std::any_of(variants.begin(), variants.end(),
                     [&](const Variant& variant) { return variant.weights != variants[0].weights; }) ||
         std::any_of(stages.begin(), stages.end(),
                     [&](std::size_t stage) { return assembly.stage_points(stage).chosen.resample_every > 0; });
}

}  // namespace

MemoryPlan plan_memory(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output, int rank) {
  return plan_memory(assembly, training, output, rank, assembly.recomputed);
}

double planned_bytes(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output) {
  double bytes = 0;
  for (std::size_t r = 0; r < assembly.blocks.size(); ++r)
    bytes += static_cast<double>(plan_memory(assembly, training, output, static_cast<int>(r)).total());
  return bytes;
}

MemoryPlan plan_memory(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output, int rank,
                       const RecomputedLayers& recomputed) {
  constexpr std::int64_t checkpoint_piece = std::int64_t{1} << 20;
  const Problem& problem = *assembly.problem;
  const auto terms = static_cast<std::int64_t>(assembly.terms.size()),
             ranks = static_cast<std::int64_t>(assembly.blocks.size());
  const std::int64_t flat = assembly.network.parameters * real_bytes;
  MemoryPlan plan;
  plan.parameters = flat;
  const std::int64_t balanced = balance_sums(assembly, training);
  plan.gradient = DistributedObjective::message_bytes(assembly.network.parameters, terms, false, squared_means(assembly),
                                                      balanced);  // as it travels

  const ParameterLayout layout = parameter_layout(assembly.network, problem.trained);
  for (std::size_t s = 0; s < training.stages.size(); ++s) {
    const StageOptions& stage = training.stages[s];
    if (stage.steps == 0) continue;
    const std::int64_t system = stage.optimizer.linearizes() ? plan_gauss_newton_memory(assembly, training, s, rank) : 0;
    plan.optimizer =
        std::max(plan.optimizer, system + optimizer_bytes(stage.optimizer, layout, rank, static_cast<int>(ranks)));
  }
  // Where the precision changes, or a constant, the next engine is made before the last one goes.
  const int engines = problem.variants.size() > 1 ? 2 : 1;
  for (const Precision precision : {Precision::fp64, Precision::fp32, Precision::bf16}) {
    if (!computes_in(training, precision)) continue;
    const EngineMemory memory = plan_engine_memory(training.engine, precision, assembly.network, assembly.terms, recomputed);
    for (int e = 0; e < engines; ++e) {
      plan.engine += memory.weights + memory.columns + std::min(plan.channels, memory.channels);
      if (!squared_means(assembly).empty() || training.balance.linearizes())
        plan.engine += plan_linearization_memory(training.engine, precision, assembly.network, assembly.terms);
      plan.channels = std::max(plan.channels, memory.channels);
    }
    plan.chunk = std::max(plan.chunk, memory.chunk);
  }
  // What a first fit takes is given back before the engine of the fields is made.
  plan.engine += std::max(
      plan_engine_memory(training.engine, Precision::fp64, assembly.network, assembly.evaluated(), recomputed).total(),
      plan_first_fit_memory(assembly, training, rank, recomputed));

  PointBytes most;  // of any stage
  std::int64_t batches = 0, rounds = 0;
  for (const std::size_t s : training.trained_stages()) {
    const PointBytes bytes = point_bytes(assembly, s, rank);
    for (const auto number : {&PointBytes::all, &PointBytes::drawn, &PointBytes::independent, &PointBytes::residuals,
                              &PointBytes::independent_residuals})
      most.*number = std::max(most.*number, bytes.*number);
    plan.balance = std::max(plan.balance, balance_bytes(assembly, training, s, rank));
    batches = std::max(batches, batch_bytes(assembly, training, s, rank));
    rounds = std::max(rounds, adaptive_bytes(assembly, s, rank) + stream_bytes(assembly, training, s, rank) +
                                  gate_bytes(assembly, training, s, rank));
  }
  plan.points = most.all;
  plan.independent = most.independent;
  plan.spare += batches + rounds;

  if (may_load_libtorch(assembly, training, rank)) plan.libtorch = libtorch_bytes;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    if (problem.terms[t].table) plan.spare += assembly.tables[t].bytes();
  std::int64_t residuals = most.independent_residuals;
  for (const Monitor& monitor : problem.monitors) {  // the weights are columns too
    const std::int64_t count = (monitor.options.points + ranks - 1) / ranks;
    plan.independent += count * (problem.dimensions() + 1 + problem.groups(monitor).attributes) * real_bytes;
    residuals = std::max(residuals, count * real_bytes);
  }
  plan.independent += residuals;

  const bool exact = training.reproducibility == Reproducibility::ranks;
  const std::int64_t summed =
      DistributedObjective::message_bytes(assembly.network.parameters, terms, exact, squared_means(assembly), balanced);
  plan.sums = (exact ? summed + flat : 0) + (ranks > 1 ? summed : 0);  // exact sums and the gradient of a block; MPI's own
                                                                       // message, or pinned ones on the way to a GPU
  const auto add_lists = [&](const StagePoints& points) {
    for (const auto& of_rank : points.blocks)
      for (const auto& blocks : of_rank) plan.spare += static_cast<std::int64_t>(blocks.capacity() * sizeof(Block));
  };
  add_lists(assembly);
  for (const StagePoints& points : assembly.choices) add_lists(points);
  if (draws_anew(assembly, training)) plan.spare += most.drawn;
  if (!problem.trained.empty())  // their standard errors: weights, one vector over residuals, columns over parameters
    plan.spare += 2 * most.residuals + (5 + 2 * static_cast<std::int64_t>(problem.trained.size())) * flat;
  if (!problem.trained.empty()) plan.spare += plan_means_memory(assembly, training);  // with the standard errors
  plan.spare += (keeps_best(assembly, training, output) ? 4 : 2) * flat + checkpoint_piece;
  return plan;
}

}  // namespace jetpinn
