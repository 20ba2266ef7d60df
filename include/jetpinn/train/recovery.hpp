// What becomes of a run whose loss or gradient is not finite: steps are skipped, then the run goes back to sound parameters
// with a smaller learning rate, and only then gives up.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/optim/placed_vector.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

struct RecoveryOptions {
  std::int64_t skips_allowed = 10;       // in a row: with new points the next step may be sound
  std::int64_t snapshot_every = 100;     // steps; a roll-back loses at most twice as many
  std::int64_t roll_backs_allowed = 3;
  double rate_factor = 0.5;              // of the learning rate, at every roll-back
};

// Decides from numbers that all ranks share. Everything it remembers is state, so that a run that was resumed
// recovers as one never stopped.
class Recovery {
 public:
  explicit Recovery(const RecoveryOptions& options = {}) : options_(options) {}

  // Before every step; keeps the parameters as a snapshot when they are due and the step proves them sound.
  void before_step(std::int64_t step, const PlacedVector& parameters);

  enum class Verdict { sound, skipped, roll_back, give_up };
  Verdict after_step(const StepReport& report);

  // The last sound snapshot; empty: there was none yet.
  const PlacedVector& snapshot() const { return snapshot_; }
  std::int64_t snapshot_step() const { return snapshot_step_; }
  double rate_factor() const { return options_.rate_factor; }
  std::int64_t skipped_steps() const { return skipped_; }    // of the whole run
  std::int64_t roll_backs() const { return roll_backs_; }
  std::string describe_roll_back(std::int64_t step) const;   // that followed on the skipped step behind `step` steps

  State state();

 private:
  RecoveryOptions options_;
  PlacedVector snapshot_, candidate_;  // [parameters], where those of the run are; candidate: not yet proved by a step
  std::int64_t snapshot_step_ = -1, candidate_step_ = -1;
  std::int64_t in_a_row_ = 0, skipped_ = 0, roll_backs_ = 0;
};

}  // namespace jetpinn
