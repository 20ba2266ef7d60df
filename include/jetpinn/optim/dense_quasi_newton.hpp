// Quasi-Newton in fp64 with the whole inverse Hessian, self-scaled BFGS or Broyden (optim/broyden_update.hpp has the
// formulas and their sources), and a strong Wolfe line search.
#pragma once

#include "jetpinn/optim/line_search.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/optim/shared_matrix.hpp"

namespace jetpinn {

// One step is one iteration: a line search along the direction, one objective evaluation per trial point, then one pass over
// the matrix, whose rows the ranks share, and one all-gather. A failed search drops the matrix and tries steepest descent;
// only when that fails too does the optimiser say it cannot go on.
class DenseQuasiNewton : public Optimizer {
 public:
  // Beyond it the matrix takes more than half a GiB, and a pass over it longer than most evaluations.
  static constexpr std::int64_t most_parameters = 8000;

  DenseQuasiNewton(const OptimizerOptions& options, std::int64_t size, Communicator* ranks);
  static std::int64_t bytes(std::int64_t size, int rank, int ranks);  // of one rank

  // The parameters lie on the host: there is no such optimiser on a device.
  StepReport step(Objective& objective, RealPlace parameters) override;
  // The matrix stays: the curvature of the new objective is much the same, and no step of the old one is paired with a
  // gradient of the new. Where that is wrong, the search along its direction fails, and the matrix is dropped.
  void objective_changed() override { started_ = 0; }
  void restart(double rate_factor) override;
  State state() override;

 private:
  StepReport step_on_host(Objective& objective, double* parameters);
  bool start(Objective& objective, const double* parameters, StepReport& report);  // false: there is no step to take
  LineSearchResult search(Objective& objective, double* parameters, StepReport& report);
  void steepest_descent();                               // direction_ along -gradient_; the matrix is dropped
  void remember(const double* parameters, double step);  // the accepted step: the matrix, and the next direction

  OptimizerOptions options_;
  std::int64_t size_;
  SharedMatrix matrix_;
  // [size], replicated; the last four hold nothing that outlives a step
  std::vector<double> gradient_, direction_, origin_, trial_gradient_, change_, product_;
  std::int64_t started_ = 0;  // 1: gradient_, direction_ and loss_ are those of the parameters left behind
  std::int64_t filled_ = 0;   // 0: nothing is known of the inverse Hessian, and matrix_ is not used
  double loss_ = 0;
  double rate_factor_ = 1;  // first trial step of a search
};

}  // namespace jetpinn
