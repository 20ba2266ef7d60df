// When the weights of terms and points follow the training, and who learns of them.
#include "jetpinn/train/session.hpp"

#include <optional>
#include <string>

namespace jetpinn {

// Where a stage takes other rows of a stream in a step, the points of other terms, which stay, may lie on other ranks.
void Session::exchange_weights() {
  if (balance && !assembly.choices.empty()) balance->exchange_points(communicator_, assembly.blocks);
}

// Causal weights are to hold in the first step already.
void Session::begin_balance() {
  if (!balance || !balance->has_causal()) return;
  PlacedVector gradient(parameters.size(), device.get());
  objective->evaluate(parameters, gradient);
  refresh_balance();
}

void Session::balance_if_due() {
  if (!balance || !balance->wants_linearization(step, stage.options().optimizer.searches())) return;
  const std::optional<PointSet> sample = balance->sample(points.set());
  objective->use(sample ? *sample : points.set());
  // Squared means keep their weights.
  balance->refresh_terms(*objective->linearize_points(parameters.values().data()), parameters.size());
  objective->use(points.set());
  weigh();
}

void Session::refresh_balance() {
  const bool searches = stage.options().optimizer.searches();
  if (!balance->refresh(step, searches, objective->points(), communicator_)) return;
  streams.keep_weights();
  weigh();
  for (const std::string& note : balance->notes()) reports_.note(note);
}

void Session::weigh() {
  balance->weigh(points.set_to_write());
  stage.optimizer().objective_changed();
}

// A search that failed went back to where it began, and one that has found its step may look further: the point evaluated
// last is another one, whose terms are not those of the loss that is told.
StepReport Session::in_weights_of_config(StepReport report) {
  if (!report.skipped && report.loss != objective->agreed().loss) {
    PlacedVector gradient(parameters.size(), device.get());
    objective->evaluate(parameters, gradient);
    ++report.evaluations;
  }
  if (balance) report.loss = objective->agreed().config_loss;
  return report;
}

}  // namespace jetpinn
