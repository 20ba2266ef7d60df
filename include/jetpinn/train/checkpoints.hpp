// When a run is saved, and what happens when that fails: a run goes on without a checkpoint, but does not end well without
// its last one.
#pragma once

#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/train/trainer.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace jetpinn {

class Checkpoints {
 public:
  // pattern_hash: of the weights that are kept (CheckpointFacts). `warn` is told why one could not be written, on the rank
  // that failed.
  Checkpoints(Communicator& communicator, const TrainSetup& setup, const std::string& pattern_hash,
              std::function<void(const std::string&)> warn);

  // time_s must be equal on every rank.
  bool due(double time_s) const { return time_s - last_s_ >= every_s_; }
  // Collective, after `step` steps at a `loss`; NaN: not known. time_s must be equal on every rank. False: it could not be
  // written, a warning was given, and it is tried again after the next interval. Throws all errors but those of storage.
  bool save(std::int64_t step, std::int64_t stage, double loss, double time_s, const State& state);

  std::int64_t saved_step() const { return saved_step_; }   // of the last good one; -1: none
  std::int64_t saves() const { return saves_; }             // good ones of this process
  double longest_s() const { return longest_s_; }
  const std::string& failure() const { return failure_; }   // why the last one failed; empty: it did not
  void begin_at(double time_s, std::int64_t step) { last_s_ = time_s, saved_step_ = step; }

 private:
  CheckpointStore store_;
  CheckpointFacts facts_;   // of the last one tried
  double every_s_;
  std::function<void(const std::string&)> warn_;
  double last_s_ = 0, longest_s_ = 0;
  std::int64_t saved_step_ = -1, saves_ = 0;
  std::string failure_;
};

}  // namespace jetpinn
