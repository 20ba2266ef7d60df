// L-BFGS in fp64 (Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 7.4 and 7.5)
// with a strong Wolfe line search.
#pragma once

#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/optim/placed_vector.hpp"

namespace jetpinn {

// One step is one iteration: a direction and a line search, one objective evaluation per trial point. A failed search drops
// the history and tries steepest descent; only when that fails too does the optimiser say it cannot go on.
class Lbfgs : public Optimizer {
 public:
  Lbfgs(const OptimizerOptions& options, std::int64_t size, VectorDevice* device = nullptr);
  StepReport step(Objective& objective, RealPlace parameters) override;
  void objective_changed() override { started_ = 0; }   // the pairs stay: the curvature of the new
                                                        // objective is much the same
  void restart(double rate_factor) override;
  State state() override;

 private:
  void direction();                                                   // direction_ = -H gradient_
  void remember(ConstRealPlace parameters);                           // the pair (s, y) of the accepted step
  void forget();                                                      // all pairs
  std::int64_t pairs() const { return static_cast<std::int64_t>(rho_.size()); }
  RealPlace pair_s(std::int64_t i) { return s_.place() + i * size_; }
  RealPlace pair_y(std::int64_t i) { return y_.place() + i * size_; }

  OptimizerOptions options_;
  std::int64_t size_, history_;
  // [size], replicated; the last three hold nothing that outlives a step
  PlacedVector gradient_, origin_, trial_gradient_, direction_;
  // A ring of `history` pairs that grows as they come. [pairs, size], [pairs], replicated; alpha_ is scratch
  PlacedVector s_, y_;
  std::vector<double> rho_, alpha_;
  std::int64_t newest_ = -1;    // place of the newest pair in the ring
  std::int64_t started_ = 0;    // 1: gradient_ and loss_ are those of the parameters left behind
  double loss_ = 0;
  double scale_ = 0;            // the inverse Hessian before any pair is applied; 0: not known yet
  double rate_factor_ = 1;      // first trial step of a search
};

}  // namespace jetpinn
