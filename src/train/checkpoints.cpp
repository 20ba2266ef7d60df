#include "jetpinn/train/checkpoints.hpp"

#include "jetpinn/base/region.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {

Checkpoints::Checkpoints(Communicator& communicator, const std::string& run_directory, const CheckpointOptions& options,
                         double every_s, std::function<void(const std::string&)> warn)
    : store_(communicator, run_directory, options), every_s_(every_s), warn_(std::move(warn)) {}

bool Checkpoints::save(const CheckpointFacts& facts, const State& state, double time_s) {
  const double begin = wall_seconds();
  last_s_ = time_s;
  try {
    store_.save(facts, state);
  } catch (const Error& error) {
    if (error.status() != Status::storage) throw;
    failure_ = error.what();
    if (!dynamic_cast<const FailedElsewhere*>(&error)) warn_(failure_);
    return false;
  }
  failure_.clear();
  saved_step_ = facts.step;
  ++saves_;
  longest_s_ = std::max(longest_s_, wall_seconds() - begin);
  return true;
}

}  // namespace jetpinn
