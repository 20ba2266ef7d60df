// What a stage takes up when it begins, and what it leaves when it ends.
#include "jetpinn/train/session.hpp"

#include "jetpinn/train/engine_facts.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string>

namespace jetpinn {

void Session::begin_stage() {
  batches.enter(stage.last());
  gate.enter(stage.last());
  objective->use(points.set());
  if (!stage.begin()) return;
  batches.begin();
  if (const StageChange change = stage.change(); change.any()) take_change(change);
  gate.begin(step);
  const std::string sampling = changes_text(assembly.sampling, static_cast<std::size_t>(stage.last()));
  for (const std::string& changes : {changes_text(stage.options()), sampling})
    if (!changes.empty()) reports_.note("in this stage " + changes);
  if (const std::string text = batches_text(assembly, setup_.training, static_cast<std::size_t>(stage.last()));
      !text.empty())
    reports_.note("a step of this stage takes " + text);
  if (step > 0) return;
  begin_balance();
  best_.begin(parameters);
  save();  // a run always has a checkpoint to go on from, and a folder that takes none says so before hours of work
}

void Session::take_change(const StageChange& change) {
  const std::int64_t points_before = assembly.points();
  if (change.engine()) {
    profiling.retire_engine();
    if (gate.any()) modelled_energy_.count(stage.engine());
    modelled_energy_.change_engine();
  }
  stage.enter();
  if (change.points) exchange_weights();
  if (change.constants && !assembly.monitors.empty()) evaluations_.use(stage.make_fields_engine());
  use_engine();
  objective->use(stage.engine());
  batches.points_changed(objective->evaluations(), assembly.points() - points_before);
  if (change.weights || change.points) make_points(change.points);
  if (change.precision)
    reports_.note(fmt::format("this stage computes in {}, {}", to_string(stage.engine().precision()),
                              products_text(stage.engine().backend())));
  if (change.points && changes_text(assembly.sampling, static_cast<std::size_t>(stage.last())).empty())
    reports_.note("in this stage points are those of the config's sampling");
  if (!change.loss()) return;
  if (change.constants && stage.options().constants.empty())
    reports_.note("in this stage all constants have the values of the problem");
  if (change.weights && stage.options().weights.empty())
    reports_.note("in this stage all terms have the weights of the problem");
  if (balance) balance->objective_changed();
  adaptive.objective_changed();
  best_.forget();
  end_.objective_changed();
  stage.forget_losses();
}

void Session::make_points(bool others) {
  communicator_.agree("points", [&] {
    others ? points.begin_kept() : points.weigh_kept();
    points.draw();
  });
  streams.forget();
  streams.follow(points.set_to_write());
  if (others) adaptive.begin_anew();
  if (balance) balance->weigh(points.set_to_write());
  objective->use(squared_means(assembly));
}

// Where points follow the residual, losses of two stages are not compared.
void Session::end_stage() {
  const std::string setback = adaptive.moved() ? "" : stage.ends().setback(stage.number());
  if (!setback.empty() && !end_.interrupted()) reports_.note(setback);
  if (checkpoints_.saved_step() != step || !checkpoints_.failure().empty()) save();
  profiling.close(*objective, step, clock_.agreed_seconds());
}

}  // namespace jetpinn
