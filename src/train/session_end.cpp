// How a run ends: the network that it leaves, what it says of it, and what goes to its folder.
#include "jetpinn/train/session.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/train/run_summary.hpp"
#include "jetpinn/train/trained_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {

void Session::settle() {
  // Every log ends with the last step.
  if (reports_.last_step() < step) {
    evaluations_.measure(communicator_, stage.engine(), parameters.values());
    log(true, true, true);
  }
  // The last evaluation tells of the network that is written, in the weights of the config.
  LossBalance::unweigh(points.set_to_write());
  PlacedVector gradient(parameters.size(), device.get());
  objective->use(points.set());
  const Objective::Value last = objective->evaluate(parameters, gradient);
  // Before a better network is taken: a run that ends in nothing did not complete. One that is interrupted goes on from its
  // last checkpoint, and may recover.
  if (!last.finite && !end_.interrupted()) fail_not_finite();
  const double loss = best_.settle(*objective, last, parameters, gradient).loss;
  if (best_.kept_step() >= 0)
    reports_.note(fmt::format("keeping the network of step {}: its loss is {:g}, that of the last step {:g}",
                              best_.kept_step(), loss, last.loss));
  last_.settle(loss, objective->agreed());
  if (clock_.took_step()) clock_.agree(objective->agreed().time_s);
  streams.gather();
  for (const StreamedRows& rows : streams.rows())
    reports_.note(fmt::format("{}: passes over all {} rows: {}, and {} rows of the next; rank 0 waited {:.1f} s for rows",
                              rows.term, rows.all, rows.epoch, rows.of_epoch, rows.wait_s));
  if (setup_.training.device != "cpu") reports_.note(graphs_text(stage.graphs()));
  evaluations_.measure(communicator_, stage.engine(), parameters.values());
  measure_trained();
}

// A run that was interrupted has no time for it, and the reference engine offers no linearisation. It takes up to a tenth of
// the training's evaluations, a product being two of them, and ends where a rank is asked to stop.
void Session::measure_trained() {
  const bool whole = end_.status() == "completed" && setup_.training.engine == EngineKind::jets;
  if (assembly.problem->trained.empty() || !whole || step == 0) return;
  const ScopedRegion region(Region::evaluation, "jetpinn::standard_errors");
  std::vector<double> squares = objective->agreed().terms;
  take_sampling_errors(squared_means(assembly), objective->agreed().means, evaluations_.means(), squares);
  for (std::size_t t = 0; t < squares.size(); ++t)
    if (std::isnan(squares[t])) {
      reports_.note(fmt::format(
          "standard errors of trained numbers are not known: '{}' squares the mean over points all of which are trained on, "
          "so nothing says how well these stand for others; hold rows of its table out (holdout), or let it draw its points",
          assembly.terms[t].name));
      return;
    }
  DeviationOptions options;
  const auto numbers = static_cast<std::int64_t>(assembly.problem->trained.size());
  options.most_products = static_cast<int>(std::clamp<std::int64_t>(objective->evaluations() / (20 * numbers), 200, 2000));
  options.stop = [this] {
    double stop = setup_.stop_requested() ? 1 : 0;
    communicator_.max("standard errors", &stop, 1);
    return stop > 0;
  };
  trained_ = trained_values_with_errors(*objective, assembly, parameters.values(), squares, options);
  if (streams.any())
    reports_.note("standard errors of trained numbers are what the rows of one step tell: those of all rows are smaller");
  const auto unknown = [](const TrainedValue& number) { return std::isnan(number.standard_error); };
  if (std::any_of(trained_.begin(), trained_.end(), unknown))
    reports_.note(
        "standard errors of trained numbers are not known: the residuals do not determine them, or their equations "
        "could not be solved in a tenth of the training's evaluations");
}

RunSummary Session::summarize(const std::string& status, const std::string& stopped_by) const {
  RunSummary summary = reports_.summary(status, stopped_by, points_seen(), clock_.training_seconds());
  summary.steps = step;
  summary.first_loss = stage.ends().first_loss();
  summary.stages = stage.ends().list(stopped_by);
  summary.kept_step = best_.kept_step();
  if (setup_.training.device != "cpu") summary.graphs = stage.graphs();
  if (gate.any()) summary.gate = gate.totals();
  if (shares.active()) summary.dealing = shares.record();
  last_.tell(summary);
  evaluations_.tell(summary);
  summary.trained = trained_.empty() ? trained_values(assembly, parameters.values()) : trained_;
  summary.checkpoints = checkpoints_.saves();
  summary.checkpoint_share = region_times()[Region::checkpoint] / std::max(clock_.process_seconds(), 1e-9);
  summary.skipped_steps = recovery.skipped_steps();
  summary.parameter_hash = parameter_hash(parameters.values());
  return summary;
}

TrainResult Session::finish() {
  const std::string status = end_.status(), reason = end_.reason(stage.ends());
  communicator_.agree("summary", [&] {
    const ScopedRegion region(Region::io);
    if (communicator_.root())
      write_network_file(setup_.run_directory + "/network.h5", *assembly.problem, assembly.network,
                         parameters.values().data(), step);
  });
  RunSummary summary = summarize(status, reason);
  reports_.judge(summary);
  profiling.finish(*objective, step, clock_.agreed_seconds(), summary);
  summary.joules = energy_.gather(communicator_);
  if (gate.any()) summary.joules_modelled = modelled_energy_.gather(communicator_, stage.engine());
  streams.gather();
  summary.streams = streams.rows();
  // A run that lost something, on any rank, does not tell of a good end first.
  communicator_.agree("summary", [&] { require_stored(); });
  communicator_.agree("summary", [&] {
    reports_.finish(summary);
    require_stored();
  });
  return {status, reason, last_.loss()};
}

void Session::require_stored() const {
  if (const std::string lost = profiling.failure(); !lost.empty()) throw Error(Status::storage, lost);
  if (!reports_.failure().empty()) throw Error(Status::storage, reports_.failure());
  if (!checkpoints_.failure().empty())
    throw Error(Status::storage, "the last checkpoint could not be written: " + checkpoints_.failure());
}

void Session::finish_failed(const Error& error) noexcept {
  profiling.fail(*objective, step);
  if (!reports_.has_observers()) return;
  try {
    const Status status = error.status();
    const char* other = status == Status::storage ? "storage" : status == Status::usage ? "input" : "communication";
    RunSummary summary = summarize("failed", status == Status::numerical ? "not finite" : other);
    summary.peak_memory_mib = {static_cast<double>(peak_resident_bytes()) / 1048576.0};
    reports_.fail(summary);
  } catch (const std::exception&) {
    // The error itself is on its way to the user; a summary that cannot be written must not hide it.
  }
}

}  // namespace jetpinn
