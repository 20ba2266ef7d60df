#include "jetpinn/train/best_network.hpp"

namespace jetpinn {
namespace {

// Times the last loss: a lower one is another network's. L-BFGS takes steps that raise the loss by its rounding.
constexpr double worth_keeping = 1 - 1e-6;

}  // namespace

void BestNetwork::begin(const std::vector<double>& parameters) {
  if (keeps_) previous_ = parameters;
}

void BestNetwork::account(std::int64_t step, double loss, bool loss_is_after_step, const std::vector<double>& parameters) {
  if (!keeps_) return;
  if (loss < loss_) {
    loss_ = loss;
    step_ = loss_is_after_step ? step : step - 1;
    parameters_ = loss_is_after_step ? parameters : previous_;
  }
  previous_ = parameters;
}

// Its loss may be of other points or of another precision: it is kept where it is lower on those of the end.
Objective::Value BestNetwork::settle(Objective& objective, const Objective::Value& last, std::vector<double>& parameters,
                                     std::vector<double>& gradient) {
  if (!keeps_ || !beats(worth_keeping * last.loss)) return last;
  parameters_.swap(parameters);
  const Objective::Value best = objective.evaluate(parameters.data(), gradient.data());
  if (best.finite && !(best.loss >= worth_keeping * last.loss)) {
    kept_step_ = step_;
    return best;
  }
  parameters_.swap(parameters);
  return objective.evaluate(parameters.data(), gradient.data());
}

}  // namespace jetpinn
