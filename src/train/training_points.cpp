#include "jetpinn/train/training_points.hpp"

namespace jetpinn {

void TrainingPoints::draw() { points_ = make_points(assembly_, rank_, static_cast<std::uint32_t>(epoch_)); }

bool TrainingPoints::resample_if_due(std::int64_t step) {
  const std::int64_t every = assembly_.sampling.resample_every;
  if (every == 0 || step == 0 || step % every != 0) return false;
  ++epoch_;
  draw();
  return true;
}

}  // namespace jetpinn
