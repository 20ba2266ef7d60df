// Adam (Kingma and Ba, arXiv:1412.6980, algorithm 1) with a learning-rate schedule and clipping by the gradient's norm; with
// a weight decay beside its step it is AdamW.
#pragma once

#include "jetpinn/optim/adaptive_rate.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/optim/own_rates.hpp"
#include "jetpinn/optim/placed_vector.hpp"
#include "jetpinn/optim/weight_decay.hpp"

#include <vector>

namespace jetpinn {

class Adam : public Optimizer {
 public:
  // By the layout's own rates, on a device or (null) on the host.
  Adam(const OptimizerOptions& options, const ParameterLayout& layout, std::int64_t stage_steps,
       VectorDevice* device = nullptr, WeightDecay decay = {});
  StepReport step(Objective& objective, RealPlace parameters) override;
  void restart(double rate_factor) override;
  State state() override;

  // For who turns the parameters' space, and these with it. On the host.
  std::int64_t steps() const { return step_; }  // in the moments
  std::vector<double>& first_moment() { return first_.open(); }
  std::vector<double>& second_moment() { return second_.open(); }

 private:
  OptimizerOptions options_;
  std::int64_t size_;
  std::int64_t stage_steps_;
  WeightDecay decay_;
  std::vector<RateRange> rates_;
  std::int64_t step_ = 0;                             // steps in the moments: those taken since the last restart
  std::int64_t schedule_step_ = 0;                    // all steps: the schedule goes on where a step was skipped
  double rate_factor_ = 1;
  AdaptiveRate adaptive_;
  PlacedVector gradient_, first_, second_;  // [size], replicated
};

}  // namespace jetpinn
