#include "jetpinn/train/best_network.hpp"

namespace jetpinn {

void BestNetwork::account(std::int64_t step, double loss, bool loss_is_after_step, const std::vector<double>& parameters) {
  if (loss < loss_) {
    loss_ = loss;
    step_ = loss_is_after_step ? step : step - 1;
    parameters_ = loss_is_after_step ? parameters : previous_;
  }
  previous_ = parameters;
}

}  // namespace jetpinn
