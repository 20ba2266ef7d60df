#include "jetpinn/train/checkpoints.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/base/version.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {

Checkpoints::Checkpoints(Communicator& communicator, const TrainSetup& setup, const std::string& pattern_hash,
                         std::function<void(const std::string&)> warn)
    : store_(communicator, setup.run_directory, {setup.output.checkpoint_keep, setup.output.checkpoint_keep_every}),
      every_s_(setup.output.checkpoint_every_s),
      warn_(std::move(warn)) {
  facts_.ranks = communicator.size();
  facts_.reproducibility = to_string(setup.training.reproducibility);
  facts_.config_hash = setup.config_hash;
  facts_.version = version;
  facts_.pattern_hash = pattern_hash;
}

bool Checkpoints::save(std::int64_t step, std::int64_t stage, double loss, double time_s, const State& state) {
  const double begin = wall_seconds();
  facts_.step = step;
  facts_.stage = stage;
  facts_.loss = loss;
  facts_.time_s = last_s_ = time_s;
  try {
    store_.save(facts_, state);
  } catch (const Error& error) {
    if (error.status() != Status::storage) throw;
    failure_ = error.what();
    if (!dynamic_cast<const FailedElsewhere*>(&error)) warn_(failure_);
    return false;
  }
  failure_.clear();
  saved_step_ = step;
  ++saves_;
  longest_s_ = std::max(longest_s_, wall_seconds() - begin);
  return true;
}

}  // namespace jetpinn
