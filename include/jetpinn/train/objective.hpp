// The loss over all ranks as an optimiser sees it: one fused all-reduce per evaluation carries gradient, term sums and decisions.
#pragma once

#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/comm/gradient_sync.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/optim/optimizer.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

namespace jetpinn {

// What the last evaluation agreed on; equal bits on every rank.
struct Agreed {
  double loss = 0;
  std::vector<double> terms;      // [terms] unweighted means
  bool stop_requested = false;    // some rank was asked to stop
  double time_s = 0;              // rank 0's clock since the start of the program
};

class DistributedObjective : public Objective {
 public:
  // clock: rank 0's time since program start; stop_requested: this rank was asked to stop. `points` may be exchanged between steps.
  DistributedObjective(Communicator& communicator, Engine& engine, const PointSet& points, std::int64_t parameters, std::int64_t terms,
                       bool exact, double deadline_s, std::function<double()> clock, std::function<bool()> stop_requested);

  std::int64_t size() const override { return parameters_; }
  Value evaluate(const double* parameters, double* gradient) override;

  void use(Engine& engine) { engine_ = &engine; }   // from the next evaluation on

  const Agreed& agreed() const { return agreed_; }
  std::int64_t evaluations() const { return evaluations_; }

 private:
  void evaluate_fused(const double* parameters);
  void evaluate_exact(const double* parameters);
  void share_failure();

  Communicator& communicator_;
  Engine* engine_;
  const PointSet& points_;
  std::int64_t parameters_, terms_;
  bool exact_;
  double deadline_s_;
  std::function<double()> clock_;
  std::function<bool()> stop_requested_;
  std::unique_ptr<GradientSync> sync_;
  // [parameters | weighted [terms] | unweighted [terms] | flags], rank-local before the all-reduce, replicated after it
  std::vector<double> fused_;
  ExactSum exact_sum_;
  TermSums sums_;
  Agreed agreed_;
  std::exception_ptr failure_;
  std::int64_t evaluations_ = 0;
};

}  // namespace jetpinn
