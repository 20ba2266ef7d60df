// The time of a run: of this process, of the training over all its continuations, and how near a limit is.
#pragma once

#include "jetpinn/base/state.hpp"

namespace jetpinn {

class RunClock {
 public:
  // The program began when wall_seconds() was program_start; the process must be gone max_time_s after that (0: no limit).
  RunClock(double program_start, double max_time_s) : program_start_(program_start), max_time_s_(max_time_s) {}

  double process_seconds() const;                                             // rank-local, since the program began
  double training_seconds() const { return before_s_ + process_seconds(); }   // rank-local, with earlier continuations
  // Equal on every rank: rank 0's seconds of training at the last evaluation, or where the process took no step yet, those
  // of the checkpoint.
  double agreed_seconds() const { return agreed_s_; }
  bool took_step() const { return last_step_s_ > 0; }   // in this process

  void agree(double time_s) { agreed_s_ = time_s; }   // time_s: what the ranks agreed on with an evaluation
  void end_step();                                    // takes the step's duration
  void go_on() { before_s_ = agreed_s_; }             // what was restored is the time of earlier continuations

  // Rank-local. A step, the last checkpoint and the last evaluation must still fit, with room for their being slower than
  // ever. Both: s that they took.
  bool limit_is_near(double checkpoint_s, double evaluation_s) const;

  State state() { return {{"elapsed_s", &agreed_s_}}; }

 private:
  double program_start_, max_time_s_;
  double before_s_ = 0, agreed_s_ = 0;    // s of training: of earlier continuations; agreed on last
  double step_s_ = 0, last_step_s_ = 0;   // of this process: the longest step lately; when the last one ended
};

}  // namespace jetpinn
