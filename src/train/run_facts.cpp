#include "jetpinn/train/run_facts.hpp"

#include "jetpinn/base/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace jetpinn {
namespace {

// Options of predict that cover the domain with a picture's worth of points.
std::string predict_points(const Problem& problem) {
  constexpr std::size_t most_axes = 3;
  const auto coordinates = static_cast<std::size_t>(problem.symbols.differentiable());
  std::string axes, values;
  for (std::size_t d = 0; d < coordinates; ++d)
    axes += fmt::format("{}{}={:.6g}:{:.6g}:{}", d == 0 ? "" : ",", problem.symbols.coordinates[d], problem.lower[d],
                        problem.upper[d], coordinates < most_axes ? 101 : 41);
  for (std::size_t d = coordinates; d < problem.lower.size(); ++d)
    values += fmt::format("{}{}={:.6g}", values.empty() ? " --at " : ",", problem.symbols.coordinates[d],
                          0.5 * (problem.lower[d] + problem.upper[d]));
  return (coordinates > most_axes ? "--points FILE.h5" : "--grid " + axes) + values;
}

// Weights that follow the training give the noise another share of the loss at every step, those of a stage in that stage.
std::vector<double> noise_of_terms(const TrainSetup& setup, const Problem& problem) {
  const auto of_a_stage = [&](const Term& term) {
    const std::vector<StageOptions>& stages = setup.training.stages;
    return std::any_of(stages.begin(), stages.end(), [&](const auto& stage) { return stage.weights.count(term.name) > 0; });
  };
  const bool weights_stay =
      !setup.training.balance.active() &&
      std::none_of(problem.terms.begin(), problem.terms.end(), [](const Term& term) { return term.causal.has_value(); });
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> noise;
  for (const Term& term : problem.terms) {
    const bool measured = term.table && !term.equation;
    const bool known = measured && weights_stay && !of_a_stage(term);
    noise.push_back(!measured ? 0 : known ? term.table->noise_loss.value_or(unknown) : unknown);
  }
  return noise;
}

}  // namespace

RunFacts run_facts(const TrainSetup& setup, const Assembly& assembly, const Engine& engine) {
  RunFacts facts;
  facts.name = setup.name;
  facts.run_directory = setup.run_directory;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    facts.terms.push_back(assembly.terms[t].name);
    facts.term_points.push_back(assembly.counts[t]);
    facts.plans.push_back(describe(assembly.terms[t].program.plan, assembly.problem->symbols.coordinates));
    facts.term_flop.push_back(assembly.cost.flop_per_point[t] * static_cast<double>(assembly.counts[t]));
  }
  for (const Term& term : assembly.problem->terms) facts.term_tables.push_back(term.table ? term.table->file : "");
  facts.term_noise = noise_of_terms(setup, *assembly.problem);
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) facts.validates = facts.validates || holds_out(assembly, t);
  int equations = 0, conditions = 0;
  for (const Term& term : assembly.problem->terms)
    facts.term_keys.push_back(term.equation ? fmt::format("problem.equations.{}", equations++)
                                            : fmt::format("problem.conditions.{}", conditions++));
  for (const StageOptions& stage : setup.training.stages) {
    facts.stage_precisions.push_back(to_string(setup.training.precision_of(stage)));
    facts.stage_weights.emplace_back();
    for (const auto& [term, weight] : stage.weights) facts.stage_weights.back().insert(term);
  }
  for (const StageSampling& stage : setup.sampling.stages) {
    facts.stage_points.emplace_back();
    for (const auto& [term, count] : stage.points) facts.stage_points.back().insert(term);
  }
  facts.predict_points = predict_points(*assembly.problem);
  facts.parameters = assembly.network.layer_parameters();
  facts.trained_numbers = assembly.network.trainables.size();
  facts.total_steps = setup.training.total_steps();
  for (const StageOptions& stage : setup.training.stages)
    facts.stages.push_back(stage.optimizer.kind + " " + std::to_string(stage.steps));
  facts.engine = to_string(setup.training.engine);
  facts.device = engine.device();
  facts.backend = engine.backend();
  facts.precision = to_string(setup.training.precision);
  facts.reproducibility = to_string(setup.training.reproducibility);
  facts.chunk = engine.chunk();
  facts.recompute = recompute_facts(assembly, setup.training, setup.output);
  facts.product_rate = engine.product_rate();
  return facts;
}

}  // namespace jetpinn
