// The observers of a run: when they hear of a step, its rates, and what becomes of a log that cannot be written.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/train/observer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

// What was done since the run began; rates are differences of these.
struct RunTotals {
  std::int64_t step = 0;     // steps
  double time_s = 0;         // of training, with start-up
  double points = 0;         // evaluated, over all ranks
  double roofline_s = 0;     // that the peaks allow for the kernels' work of this rank
};

class RunLog {
 public:
  // A line is due every `every_s` and after every `every_steps` (0: by time alone); `steps` and `time_s` (0: none) are where
  // the run ends, for the time left.
  RunLog(double every_s, std::int64_t every_steps, std::int64_t steps, double time_s)
      : every_s_(every_s), every_steps_(every_steps), steps_(steps), time_s_(time_s) {}

  void add(std::unique_ptr<Observer> observer) { observers_.push_back(std::move(observer)); }   // on rank 0
  const std::vector<std::unique_ptr<Observer>>& observers() const { return observers_; }
  void begin(const RunTotals& now) { begin_ = recorded_ = now, due_s_ = now.time_s; }
  // The first step from the beginning on is, and each that comes a while behind the last one. Equal
  // on every rank where the time is.
  bool due(const RunTotals& now) const {
    return now.step == begin_.step + 1 || now.time_s - due_s_ >= every_s_ ||
           (every_steps_ > 0 && now.step % every_steps_ == 0);
  }
  // Steps that are in metrics.jsonl whenever they come: each of the first 50, then 25 between one and its double, so that a
  // curve has enough points wherever the run ends. The same ones in every repetition, for neither time nor plan matters.
  static bool on_curve(std::int64_t step);
  // Tells of a step, with the rates since the last one told that was not for the curve alone.
  void step(StepRecord record, const RunTotals& now);
  std::int64_t last_step() const { return last_step_; }   // that was told, not for the curve alone

  // A log that cannot be written must not stop the training of all ranks: it is told once, and the run ends with its status.
  void tell(const std::function<void(Observer&)>& news);
  const std::string& failure() const { return failure_; }   // rank 0: why a log could not be written; empty: all were

  State state() { return {{"logged", &last_step_}}; }

 private:
  double every_s_;
  std::int64_t every_steps_, steps_;
  double time_s_;
  std::vector<std::unique_ptr<Observer>> observers_;
  std::string failure_;
  RunTotals begin_, recorded_;    // of the last record that was not for the curve alone
  double due_s_ = 0;              // when a line was due last
  std::int64_t last_step_ = 0;
};

}  // namespace jetpinn
