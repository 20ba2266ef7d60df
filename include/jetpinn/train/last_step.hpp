// The figures of the last step, for logs, checkpoints and the summary.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/observer.hpp"

#include <vector>

namespace jetpinn {

// Equal on every rank.
class LastStep {
 public:
  void account(const StepReport& report, const Agreed& agreed);   // after every step
  void settle(double loss, const Agreed& agreed);   // behind the last step: the figures of the network that is left
  void go_on() { loss_ = report_.loss; }            // after a checkpoint was restored

  const StepReport& report() const { return report_; }   // of a restored step: loss, gradient norm and learning rate alone
  double loss() const { return loss_; }

  void tell(StepRecord& record) const;
  void tell(RunSummary& summary) const;

  State state();

 private:
  StepReport report_;
  double loss_ = 0;
  std::vector<double> terms_, weighted_;   // [terms] unweighted means; the loss is the sum of weighted_
};

}  // namespace jetpinn
