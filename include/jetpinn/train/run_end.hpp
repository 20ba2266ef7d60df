// Whether a run goes on, and what ended it.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/train/stage_ends.hpp"
#include "jetpinn/train/stopping.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// Equal on every rank.
class RunEnd {
 public:
  explicit RunEnd(const StopOptions& options) : stopping_(options) {}

  // After every step. errors: of the last evaluation, may be empty.
  void account(const Agreed& agreed, const StepReport& report, const std::vector<FieldError>& errors);
  void objective_changed() { stopping_.objective_changed(); }  // the loss is another function from here on
  // After a checkpoint was restored. longer: the run had come to its end and has a longer plan now.
  void go_on(bool longer);

  bool running() const { return stopped_by_.empty(); }
  // Ended from outside, by a signal or by the time limit of the process: a run that is resumed goes on.
  bool interrupted() const { return stopped_by_ == "signal" || limit_reached_; }

  // Of a run that takes no more steps, as RunSummary's stopped_by and status.
  std::string reason(const StageEnds& stages) const;
  std::string status() const { return interrupted() ? "stopped" : "completed"; }

  State state();

 private:
  Stopping stopping_;
  std::string stopped_by_, ended_by_;   // empty: running; ended_by_: the same without interruptions
  bool limit_reached_ = false;
};

}  // namespace jetpinn
