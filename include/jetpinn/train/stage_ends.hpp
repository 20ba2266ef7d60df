// How far the stages of a run have come, and why each ended.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/train/options.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace jetpinn {

struct StageEnd {
  std::int64_t stage = 0;    // its number in the config
  std::string optimizer;
  std::int64_t steps = 0, planned = 0;
  double loss = 0;           // of its last step
  std::string reason;        // steps | line search | gradient is zero | tolerance | time | loss | error | stall | signal
};

class StageEnds {
 public:
  // `stages` outlives it.
  explicit StageEnds(const std::vector<StageOptions>& stages) : stages_(stages) {}

  void account(std::int64_t stage, const StepReport& report);   // after every step
  void objective_changed();                                     // the loss is another function from here on
  void go_on(std::int64_t stage);                               // under a longer plan, whatever its optimiser said

  std::int64_t steps(std::int64_t stage) const;                 // done
  bool finished(std::int64_t stage) const { return !reason(stage).empty(); }   // its optimiser cannot go on
  double first_loss() const { return first_loss_; }  // of the run, or since the loss changed; NaN: no step yet

  // Stages that took a step. `stopped_by` ended the last of them where neither its optimiser nor its steps did.
  std::vector<StageEnd> list(const std::string& stopped_by) const;

  // A sentence about a stage that undid what one before it had reached. Empty: this one did not.
  std::string setback(std::int64_t stage) const;

  State state() { return {{"steps", &steps_}, {"losses", &losses_}, {"reasons", &reasons_}, {"first_loss", &first_loss_}}; }

 private:
  std::string reason(std::int64_t stage) const;
  void put_reason(std::int64_t stage, const std::string& reason);

  const std::vector<StageOptions>& stages_;
  std::vector<double> steps_, losses_;   // [stages], shorter before a stage's first step
  std::string reasons_;                  // a line for each stage up to the last one with a reason
  double first_loss_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace jetpinn
