#include "jetpinn/train/run_end.hpp"

namespace jetpinn {

void RunEnd::account(const Agreed& agreed, const StepReport& report, const std::vector<FieldError>& errors) {
  stopped_by_ = stopping_.reason(agreed, report, errors);
  limit_reached_ = stopped_by_ == "time" && agreed.time_is_up;
  if (!interrupted()) ended_by_ = stopped_by_;
}

void RunEnd::go_on(bool longer) {
  if (longer) ended_by_.clear();   // or a checkpoint of an interruption would still tell of the end before
  stopped_by_ = ended_by_;
}

std::string RunEnd::reason(const StageEnds& stages) const {
  if (!stopped_by_.empty()) return stopped_by_;
  const std::vector<StageEnd> ends = stages.list("");
  return ends.empty() ? "steps" : ends.back().reason;
}

State RunEnd::state() {
  State all = {{"ended_by", &ended_by_}};
  append(all, "stopping", stopping_.state());
  return all;
}

}  // namespace jetpinn
