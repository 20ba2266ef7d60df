#include "jetpinn/train/run_memory.hpp"

#include "jetpinn/train/memory_plan.hpp"

namespace jetpinn {

MemoryRecord run_memory(const Assembly& assembly, const TrainSetup& setup, int rank, std::int64_t stage,
                        const Engine& engine, const Engine& fields) {
  TrainingOptions now = setup.training;
  for (std::size_t s = 0; s < now.stages.size(); ++s)
    if (s != static_cast<std::size_t>(stage)) now.stages[s].steps = 0;
  const MemoryPlan plan = plan_memory(assembly, now, setup.output, rank);
  // LibTorch's own memory is planned, not counted.
  const bool counted = engine.pool_bytes() > 0;
  MemoryRecord memory;
  memory.pool = engine.pool_bytes() + fields.pool_bytes();
  memory.pool_unused = engine.pool_unused() + fields.pool_unused();
  memory.planned = plan_memory(assembly, setup.training, setup.output, rank).total();
  memory.minimum = plan.minimum();
  memory.used = (counted ? memory.pool : plan.channels + plan.engine) + plan.points + plan.independent + plan.parameters +
                plan.gradient + plan.optimizer;
  return memory;
}

}  // namespace jetpinn
