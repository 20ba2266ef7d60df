// Keeps what regions and labels of single steps began when and lasted how long: lines of profile/trace-NNNN.jsonl.
#pragma once

#include "jetpinn/base/region.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

class TraceRecorder : public RegionListener {
 public:
  // At most `budget` events in all; of a step at most `most_per_step`: then its outermost ones alone are still taken.
  TraceRecorder(std::int64_t budget, std::int64_t most_per_step);
  ~TraceRecorder() override;
  TraceRecorder(const TraceRecorder&) = delete;
  TraceRecorder& operator=(const TraceRecorder&) = delete;

  bool spent() const { return left_ <= 0; }
  // Listens, with region_detail() on, until end_step(). False: there is no room for another listener.
  bool begin_step() noexcept;
  void end_step() noexcept;
  bool has_step() const { return !events_.empty(); }

  // The step that was heard last, and forgets it:
  // {"rank", "step", "begin_s", "events": [[name, begin_us, duration_us, depth], ...], "dropped":
  // events that were not taken}
  std::string take_line(int rank, std::int64_t step, double program_start);

  void push(const char* label) noexcept override;
  void pop() noexcept override;

 private:
  struct Event {
    const char* name;
    double begin, duration;   // wall_seconds(), s
    int depth;
  };
  static constexpr int outermost = 2;   // depths that are always taken
  static constexpr int most_depth = 32;

  std::int64_t left_, most_per_step_, dropped_ = 0;
  std::vector<Event> events_;
  std::int64_t open_[most_depth] = {};   // index of the event at each depth; -1: not taken
  int depth_ = 0;
  bool listening_ = false;
};

}  // namespace jetpinn
