#include "jetpinn/train/run_facts.hpp"

#include "jetpinn/base/types.hpp"

namespace jetpinn {

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
  facts.parameters = assembly.network.parameters;
  facts.total_steps = setup.training.total_steps();
  for (const StageOptions& stage : setup.training.stages) facts.stages.push_back(stage.optimizer.kind + " " + std::to_string(stage.steps));
  facts.engine = to_string(setup.training.engine);
  facts.device = "cpu";
  facts.backend = engine.backend();
  facts.precision = to_string(setup.training.precision);
  facts.reproducibility = to_string(setup.training.reproducibility);
  facts.chunk = engine.chunk();
  facts.product_rate = engine.product_rate();
  return facts;
}

}  // namespace jetpinn
