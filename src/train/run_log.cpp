#include "jetpinn/train/run_log.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/train/run_warnings.hpp"

#include <algorithm>

namespace jetpinn {

bool RunLog::on_curve(std::int64_t step) {
  constexpr std::int64_t least = 25;   // between a step and its double
  std::int64_t every = 1;
  while (step >= 2 * least * every) every *= 2;
  return step % every == 0;
}

void RunLog::step(StepRecord record, const RunTotals& now) {
  record.step = now.step;
  record.time_s = now.time_s;
  if (const double elapsed = now.time_s - recorded_.time_s; elapsed > 0) {
    record.points_per_s = (now.points - recorded_.points) / elapsed;
    record.utilisation = (now.roofline_s - recorded_.roofline_s) / elapsed;
  }
  const double per_step =
      (now.time_s - begin_.time_s) / static_cast<double>(std::max<std::int64_t>(now.step - begin_.step, 1));
  record.eta_s = per_step * static_cast<double>(steps_ - now.step);
  if (time_s_ > 0) record.eta_s = std::min(record.eta_s, time_s_ - now.time_s);
  tell([&](Observer& observer) { observer.step(record); });
  if (record.curve_only) return;
  last_step_ = now.step;
  recorded_ = now;
  if (record.due) due_s_ = now.time_s;
}

void RunLog::tell(const std::function<void(Observer&)>& news) {
  const ScopedRegion region(Region::io);
  for (auto& observer : observers_) {
    try {
      news(*observer);
    } catch (const Error& error) {
      if (failure_.empty()) print_warning(error.what());
      failure_ = error.what();
    }
  }
}

}  // namespace jetpinn
