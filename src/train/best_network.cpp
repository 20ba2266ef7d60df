#include "jetpinn/train/best_network.hpp"

namespace jetpinn {

void BestNetwork::account(double loss, bool loss_is_after_step, const std::vector<double>& parameters) {
  if (loss < loss_) {
    loss_ = loss;
    parameters_ = loss_is_after_step || previous_.empty() ? parameters : previous_;
  }
  previous_ = parameters;
}

}  // namespace jetpinn
