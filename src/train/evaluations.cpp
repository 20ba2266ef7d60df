#include "jetpinn/train/evaluations.hpp"

#include "jetpinn/base/region.hpp"

namespace jetpinn {

void Evaluations::measure(Communicator& communicator, const std::vector<double>& parameters) {
  const ScopedRegion region(Region::evaluation, "jetpinn::evaluate");
  const double begin = wall_seconds();
  errors_ = reference_.errors(communicator, *fields_, parameters.data());
  last_s_ = wall_seconds() - begin;
}

}  // namespace jetpinn
