#include "jetpinn/profile/trace_recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <new>

namespace jetpinn {

TraceRecorder::TraceRecorder(std::int64_t budget, std::int64_t most_per_step)
    : left_(budget), most_per_step_(std::min(budget, most_per_step)) {}

TraceRecorder::~TraceRecorder() { end_step(); }

bool TraceRecorder::begin_step() noexcept {
  events_.clear();
  dropped_ = 0;
  depth_ = 0;
  try {
    // Room beforehand: within a step nothing is allocated.
    events_.reserve(static_cast<std::size_t>(std::clamp<std::int64_t>(left_, 0, most_per_step_) + 256));
  } catch (const std::bad_alloc&) {
    left_ = 0;
    return false;
  }
  listening_ = add_region_listener(*this);
  if (listening_) set_region_detail(true);
  return listening_;
}

void TraceRecorder::end_step() noexcept {
  if (!listening_) return;
  listening_ = false;
  set_region_detail(false);
  remove_region_listener(*this);
  left_ -= static_cast<std::int64_t>(events_.size());
}

void TraceRecorder::push(const char* label) noexcept {
  const auto taken = static_cast<std::int64_t>(events_.size());
  const bool room = taken < std::min(left_, most_per_step_) || depth_ < outermost;
  if (depth_ < most_depth) open_[depth_] = -1;
  if (depth_ < most_depth && room && events_.size() < events_.capacity()) {
    open_[depth_] = taken;
    events_.push_back({label, wall_seconds(), 0, depth_});
  } else {
    ++dropped_;
  }
  ++depth_;
}

void TraceRecorder::pop() noexcept {
  if (depth_ == 0) return;   // of a region that began before the step
  --depth_;
  if (depth_ >= most_depth || open_[depth_] < 0) return;
  Event& event = events_[static_cast<std::size_t>(open_[depth_])];
  event.duration = wall_seconds() - event.begin;
}

std::string TraceRecorder::take_line(int rank, std::int64_t step, double program_start) {
  const double begin = events_.empty() ? program_start : events_.front().begin;
  std::string line = fmt::format(R"({{"rank":{},"step":{},"begin_s":{:.9f},"events":[)", rank, step, begin - program_start);
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const Event& event = events_[i];
    fmt::format_to(std::back_inserter(line), R"({}["{}",{:.3f},{:.3f},{}])", i == 0 ? "" : ",", event.name,
                   1e6 * (event.begin - begin), 1e6 * event.duration, event.depth);
  }
  events_.clear();
  return line + fmt::format(R"(],"dropped":{}}})", dropped_);
}

}  // namespace jetpinn
