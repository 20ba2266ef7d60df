#include "jetpinn/train/best_network.hpp"

namespace jetpinn {
namespace {

// Times the last loss: a lower one is another network's. L-BFGS takes steps that raise the loss by its rounding.
constexpr double worth_keeping = 1 - 1e-6;

}  // namespace

void BestNetwork::begin(const PlacedVector& parameters) {
  if (keeps_) previous_ = parameters;
}

void BestNetwork::go_on(const PlacedVector& parameters) {
  if (previous_.empty()) begin(parameters);
}

void BestNetwork::account(std::int64_t step, double loss, bool loss_is_after_step, const PlacedVector& parameters) {
  if (!keeps_) return;
  if (loss < loss_) {
    loss_ = loss;
    step_ = loss_is_after_step ? step : step - 1;
    parameters_ = loss_is_after_step ? parameters : previous_;
  }
  previous_ = parameters;
}

void BestNetwork::forget() {
  loss_ = std::numeric_limits<double>::infinity();
  parameters_.clear();
}

// Its loss may be of other points or of another precision: it is kept where it is lower on those of the end.
Objective::Value BestNetwork::settle(Objective& objective, const Objective::Value& last, PlacedVector& parameters,
                                     PlacedVector& gradient) {
  if (!keeps_ || !beats(worth_keeping * last.loss)) return last;
  parameters_.open().swap(parameters.open());
  const Objective::Value best = objective.evaluate(parameters, gradient);
  if (best.finite && !(best.loss >= worth_keeping * last.loss)) {
    kept_step_ = step_;
    return best;
  }
  parameters_.open().swap(parameters.open());
  return objective.evaluate(parameters, gradient);
}

}  // namespace jetpinn
