#include "jetpinn/train/run_clock.hpp"

#include "jetpinn/base/region.hpp"

#include <algorithm>

namespace jetpinn {

double RunClock::process_seconds() const { return wall_seconds() - program_start_; }

void RunClock::end_step() {
  const double now = process_seconds();
  step_s_ = std::max(0.9 * step_s_, now - last_step_s_);
  last_step_s_ = now;
}

bool RunClock::limit_is_near(double checkpoint_s, double evaluation_s) const {
  if (max_time_s_ <= 0) return false;
  const double needed = 2 + 3 * step_s_ + 3 * checkpoint_s + 2 * evaluation_s;
  return process_seconds() + std::min(needed, 0.5 * max_time_s_) >= max_time_s_;
}

}  // namespace jetpinn
