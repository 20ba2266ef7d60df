#include "jetpinn/train/best_network.hpp"

namespace jetpinn {

void BestNetwork::account(std::int64_t step, double loss, bool loss_is_after_step, const std::vector<double>& parameters) {
  if (loss < loss_) {
    const bool after = loss_is_after_step || previous_.empty();
    loss_ = loss;
    step_ = after ? step : step - 1;
    parameters_ = after ? parameters : previous_;
  }
  previous_ = parameters;
}

}  // namespace jetpinn
