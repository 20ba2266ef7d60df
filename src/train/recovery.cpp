#include "jetpinn/train/recovery.hpp"

#include <fmt/format.h>

#include <utility>

namespace jetpinn {

void Recovery::before_step(std::int64_t step, const PlacedVector& parameters) {
  const bool due = snapshot_.empty() || step >= snapshot_step_ + options_.snapshot_every;
  if (!due || in_a_row_ > 0) return;
  candidate_ = parameters;
  candidate_step_ = step;
}

Recovery::Verdict Recovery::after_step(const StepReport& report) {
  if (!report.skipped) {
    in_a_row_ = 0;
    if (candidate_step_ >= 0) {
      snapshot_ = std::move(candidate_);
      snapshot_step_ = candidate_step_;
    }
    candidate_.clear();
    candidate_step_ = -1;
    return Verdict::sound;
  }
  candidate_.clear();
  candidate_step_ = -1;
  ++skipped_;
  if (++in_a_row_ < options_.skips_allowed) return Verdict::skipped;
  in_a_row_ = 0;
  if (snapshot_.empty() || roll_backs_ == options_.roll_backs_allowed) return Verdict::give_up;
  ++roll_backs_;
  return Verdict::roll_back;
}

std::string Recovery::describe_roll_back(std::int64_t step) const {
  return fmt::format("loss or gradient not finite since step {}: back to the parameters of step {}, learning rate times "
                     "{:g}",
                     step - options_.skips_allowed + 1, snapshot_step_, options_.rate_factor);
}

State Recovery::state() {
  // The rest is empty between two sound steps, and nothing is saved elsewhere.
  return {{"snapshot", &snapshot_.open()},
          {"snapshot_step", &snapshot_step_},
          {"skipped", &skipped_},
          {"roll_backs", &roll_backs_}};
}

}  // namespace jetpinn
