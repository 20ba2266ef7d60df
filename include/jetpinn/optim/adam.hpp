// Adam (Kingma and Ba, arXiv:1412.6980, algorithm 1) with a learning-rate schedule and clipping by the gradient's norm.
#pragma once

#include "jetpinn/optim/optimizer.hpp"

namespace jetpinn {

class Adam : public Optimizer {
 public:
  Adam(const OptimizerOptions& options, std::int64_t size, std::int64_t stage_steps);
  StepReport step(Objective& objective, double* parameters) override;
  std::vector<StateItem> state() override;

 private:
  OptimizerOptions options_;
  std::int64_t stage_steps_;
  double step_ = 0;                                   // steps taken, skipped ones left out; a double to be a state item
  double schedule_step_ = 0;                          // all steps: the schedule goes on where a step was skipped
  std::vector<double> gradient_, first_, second_;     // [size], replicated
};

}  // namespace jetpinn
