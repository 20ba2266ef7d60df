#include "jetpinn/train/session.hpp"

#include "jetpinn/network/pattern_file.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/train/first_fit.hpp"
#include "jetpinn/train/gradient_library.hpp"
#include "jetpinn/train/not_finite.hpp"
#include "jetpinn/train/recompute.hpp"
#include "jetpinn/train/run_balance.hpp"
#include "jetpinn/train/run_facts.hpp"
#include "jetpinn/train/run_memory.hpp"
#include "jetpinn/train/scales.hpp"
#include "jetpinn/train/trained_values.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

namespace {

Assembly assemble_run(Problem problem, const TrainSetup& setup, int ranks) {
  Assembly assembly = assemble(std::move(problem), setup.network, setup.sampling, setup.training.seed, ranks);
  choose_recomputed(assembly, setup.training, setup.output, setup.run.memory_limit_bytes);
  return assembly;
}

// A stage that follows those of the checkpoint may be the first that takes batches or has a gate: these begin with it.
State known_in(State all, const StateValues& values) {
  for (const std::string part : {"batches/", "gate/"}) {
    const auto is_of = [&](const std::string& name) { return name.rfind(part, 0) == 0; };
    if (std::any_of(values.begin(), values.end(), [&](const auto& value) { return is_of(value.first); })) continue;
    std::erase_if(all, [&](const StateItem& item) { return is_of(item.name); });
  }
  return all;
}

}  // namespace

Session::Session(Communicator& communicator, Problem problem, TrainSetup& setup)
    : assembly(assemble_run(std::move(problem), setup, communicator.size())),
      profiling(communicator, setup),
      device(make_vector_device(setup.training.device)),
      parameters(assembly.network.parameters, device.get()),
      stage(communicator, setup.training, assembly, device.get()),
      points(assembly, communicator.rank()),
      streams(communicator, assembly, setup.training, setup.run_directory),
      adaptive(communicator, assembly, points),
      shares(communicator, assembly, setup.run, setup.times),
      batches(assembly, setup.training),
      gate(communicator, assembly, setup.training),
      balance(make_balance(assembly, setup.training, communicator.rank(), &streams)),
      communicator_(communicator),
      setup_(setup),
      config_(setup.resolved_config),
      clock_(setup.program_start, setup.max_time_s),
      end_(setup.training.stop),
      best_(keeps_best(assembly, setup.training, setup.output)),
      checkpoints_(communicator, setup, pattern_hash(assembly.network), print_warning),
      evaluations_(communicator, assembly, std::move(setup.reference)),
      energy_(communicator),
      reports_(communicator, setup, assembly) {
  communicator.set_deadline(setup.run.deadline_s);
  if (setup.resume) {
    resume(setup.resume->values);
    setup.resume->values.clear();   // as large as the state itself
    if (setup.longer) save();  // before the folder has the longer plan: a run that is killed must not find the end of before
  } else {
    begin();
  }
  evaluations_.use(stage.make_fields_engine());
  use_engine();
  reports_.open(step);
}

void Session::begin() {
  stage.begin_run();  // the points are weighed as its stage does
  exchange_weights();
  streams.open(false);
  communicator_.agree("setup", [&] {
    if (setup_.start_parameters.empty())
      initialize(assembly.network, setup_.training.seed, parameters.open().data());
    else
      parameters = setup_.start_parameters;
    points.begin_kept();
    points.draw();
  });
  streams.follow(points.set_to_write());
  adaptive.begin_anew();
  make_objective();
  if (setup_.start_parameters.empty()) begin_with_fit();
}

void Session::begin_with_fit() {
  const FirstFitProblem fit = first_fit_problem(assembly);
  if (fit.columns.empty()) return;
  first_fit_ = first_fit_obstacle(fit);
  if (!first_fit_.empty()) return;
  const std::unique_ptr<Engine> engine = stage.make_engine_aside(terms_of(fit, assembly));
  first_fit_ = fit_conditions(objective->sums(), *engine, points_of(fit, points.set()), fit.columns, parameters.open())
                   .text();
}

void Session::resume(const StateValues& values) {
  stage.resume(values);
  exchange_weights();
  adaptive.make_room(values);
  points.make_room();
  streams.make_room();
  gate.enter(stage.last());
  gate.make_room();
  restore_part(kept_gradient_library(), values);
  make_objective();
  // Each rank reads its own rows of what is shared.
  communicator_.agree("setup", [&] { restore(known_in(state(), values), values); });
  config_ = setup_.resolved_config;
  clock_.go_on();
  end_.go_on(setup_.longer);
  last_.go_on();
  best_.go_on(parameters);
  energy_.go_on();
  modelled_energy_.go_on();
  if (setup_.longer) stage.extend();
  streams.open(true);
  communicator_.agree("setup", [&] { points.draw(); });
  streams.follow(points.set_to_write());
  gate.check_points(points.set());
  if (balance) balance->weigh(points.set_to_write());
  double begin_s = clock_.training_seconds();
  communicator_.broadcast("setup", &begin_s, sizeof begin_s);   // rank 0's clock: all must find saves due alike
  checkpoints_.begin_at(begin_s, step);
}

void Session::make_objective() {
  RankSignals signals;
  signals.clock = [this] { return clock_.training_seconds(); };
  signals.stop_requested = setup_.stop_requested;
  signals.time_is_up = [this] {
    return clock_.limit_is_near(checkpoints_.longest_s(), evaluations_.last_s() + adaptive.last_s());
  };
  objective = std::make_unique<DistributedObjective>(
      communicator_, stage.engine(), points.set(), assembly.network.parameters,
      static_cast<std::int64_t>(assembly.terms.size()), setup_.training.reproducibility == Reproducibility::ranks,
      setup_.run.deadline_s, std::move(signals),
      gradient_sync_options(setup_.run, assembly.network.parameters, gradient_library_, setup_.training.device),
      squared_means(assembly), balance.get());
  gradient_library_ = to_string(objective->sums().sync.library());
}

State Session::kept_gradient_library() {
  if (!keeps_gradient_library(setup_.run, setup_.training.reproducibility)) return {};
  return {{"gradient_library", &gradient_library_}};
}

void Session::use_engine() {
  std::int64_t points = 0;
  for (const auto& blocks : assembly.blocks[static_cast<std::size_t>(communicator_.rank())]) points += rows_of(blocks);
  profiling.use(stage.engine(),
                run_memory(assembly, setup_, communicator_.rank(), stage.last(), stage.engine(), evaluations_.engine()),
                points);
}

// A part is kept by naming it here. Names are those of the items in a checkpoint: where the prefix is empty, the part gives
// them in full.
State Session::state() {
  State all = {{"step", &step}, {"parameters", parameters.slice()}, {"config", &config_}};
  append(all, "", stage.state());
  append(all, "", points.state());
  append(all, "streams", streams.state());
  append(all, "", adaptive.state());
  append(all, "", clock_.state());
  append(all, "", end_.state());
  append(all, "", energy_.state());
  append(all, "", reports_.state());
  append(all, "last", last_.state());
  append(all, "best", best_.state());
  append(all, "objective", objective->state());
  append(all, "batches", batches.state());
  append(all, "", gate.state());
  if (gate.any()) append(all, "gate", modelled_energy_.state());
  append(all, "recovery", recovery.state());
  append(all, "", kept_gradient_library());
  if (balance) append(all, "balance", balance->state());
  return all;
}

void Session::start() {
  RunFacts facts = run_facts(setup_, assembly, stage.engine());
  facts.summed_by = objective->sums().sync.summed_by();
  reports_.start(std::move(facts), clock_);
  profiling.start(step, objective->evaluations(), clock_.agreed_seconds());
  std::vector<std::string> notes = table_sentences(assembly);
  if (setup_.run.gradient_library != GradientLibrary::mpi)
    notes.push_back("gradients are summed by " + objective->sums().sync.summed_by());
  for (const std::string& sentence : scale_sentences(*assembly.problem)) notes.push_back("scale " + sentence);
  const std::vector<std::string> sizes = evaluations_.reference().size_notes();
  notes.insert(notes.end(), sizes.begin(), sizes.end());
  reports_.begin(totals(), notes);
  if (!first_fit_.empty()) reports_.note(first_fit_);
}

// What is streamed is other points in each step, as a batch is; a search has those of one step until it resamples.
void Session::resample_if_due() {
  const bool searches = stage.options().optimizer.searches(), due = points.resampling_is_due(step);
  if (due && searches) streams.left_behind();
  if (due) communicator_.agree("points", [&] { points.resample_if_due(step); });  // a weight may be none at new points
  const bool streamed = streams.follow(points.set_to_write());
  if (!due && !streamed) return;
  if (due) gate.points_changed();
  if (balance) balance->weigh(points.set_to_write());
  if (due || searches) stage.optimizer().objective_changed();
}

// Losses at other points are not compared.
void Session::adapt_points_if_due() {
  const bool searches = stage.options().optimizer.searches();
  if (!adaptive.due(step, searches, gate.loss_or(batches.loss_or(last_.report().loss)))) return;
  const std::int64_t points_before = assembly.points();
  const PointRound round = adaptive.take_round(stage.engine(), parameters);
  for (const std::string& note : round.notes) reports_.note(note);
  if (!round.changed) return;
  if (assembly.points() != points_before) {
    batches.points_changed(objective->evaluations(), assembly.points() - points_before);
    use_engine();  // whose profile counts points
  }
  gate.points_changed();
  if (balance) {
    balance->objective_changed();
    balance->weigh(points.set_to_write());
  }
  round.taken_back ? stage.optimizer().restart(1) : stage.optimizer().objective_changed();
  best_.forget();
  best_.begin(parameters);
  end_.objective_changed();
  stage.forget_losses();
}

void Session::take_batch() {
  if (batches.active()) objective->use(batches.take(points.set(), step));
  if (gate.active()) objective->use(gate.take(points.set(), step, stage.engine(), parameters.values()));
}

void Session::recover(const StepReport& report) {
  const Recovery::Verdict verdict = recovery.after_step(report);
  if (verdict == Recovery::Verdict::give_up || (verdict == Recovery::Verdict::skipped && setup_.debug)) fail_not_finite();
  if (verdict != Recovery::Verdict::roll_back) return;
  parameters = recovery.snapshot();
  stage.optimizer().restart(recovery.rate_factor());
  reports_.note(recovery.describe_roll_back(step));
}

void Session::account(const StepReport& taken) {
  ++step;
  const StepReport report = in_weights_of_config(taken);
  const Agreed& agreed = objective->agreed();
  clock_.agree(agreed.time_s);
  last_.account(report, agreed);
  const OptimizerOptions& optimizer = stage.options().optimizer;
  StepReport known = report, compared = report;
  take_losses(report, known, compared);
  stage.account(known);
  best_.account(step, compared.loss, optimizer.searches() || batches.active(), parameters);
  const std::int64_t every = setup_.output.evaluate_every;
  const bool evaluate = every > 0 && step % every == 0;
  if (evaluate) evaluations_.measure(communicator_, stage.engine(), parameters.values());
  const bool monitored = evaluate || evaluations_.monitors_due(step);
  if (monitored && !evaluate) evaluations_.measure_monitors(communicator_, parameters.values(), step);
  end_.account(agreed, compared, evaluations_.errors());
  log(evaluate, monitored);
  if (!optimizer.searches()) streams.left_behind();
  if (!report.finished.empty()) reports_.note(optimizer.kind + " stopped: " + report.finished);
  if (balance && !report.skipped) refresh_balance();
  clock_.end_step();
}

// Of a batch it is an average over an epoch, of a gate that over all points, wherever they were scored.
void Session::take_losses(const StepReport& report, StepReport& known, StepReport& compared) {
  if (batches.active()) {
    batches.account(step, report.loss);
    known.loss = batches.loss_or(report.loss);
    compared.loss = batches.ended_average();
  }
  if (!gate.active()) return;
  compared.loss = gate.account(report.loss, objective->agreed().weighted);
  known.loss = gate.loss_or(report.loss);
}

void Session::save_if_due() {
  if (checkpoints_.due(clock_.agreed_seconds()) || streams.wants_checkpoint()) save();
}

// Never what is not finite: the checkpoint before the first skipped step stays the newest.
void Session::save() {
  if (last_.report().skipped) return;
  energy_.gather(communicator_);
  if (gate.any()) modelled_energy_.gather(communicator_, stage.engine());
  streams.gather();
  streams.flush();
  const double loss =
      step > 0 ? gate.loss_or(batches.loss_or(last_.report().loss)) : std::numeric_limits<double>::quiet_NaN();
  streams.saved(checkpoints_.save(step, stage.number(), loss, clock_.agreed_seconds(), state()));
  profiling.close(*objective, step, clock_.agreed_seconds());
}

void Session::close_profile_if_due() { profiling.close_if_due(*objective, step, clock_.agreed_seconds()); }

std::int64_t Session::points_seen() const {
  return objective->evaluations() * assembly.points() - batches.left_out() - gate.left_out();
}

RunTotals Session::totals() const {
  return {step, clock_.agreed_seconds(), static_cast<double>(points_seen()), profiling.roofline_s()};
}

void Session::log(bool evaluated, bool monitored, bool last) {
  const RunTotals now = totals();
  StepRecord record;
  record.due = last || reports_.due(now);
  record.curve_only = !record.due && !monitored;
  if (record.curve_only && !(goes_on() && RunLog::on_curve(step))) return;   // the run's last step has a line of its own
  record.stage = static_cast<int>(stage.last());
  record.optimizer = stage.options().optimizer.kind;
  record.memory_mib = static_cast<double>(resident_bytes()) / 1048576.0;
  record.memory_efficiency = profiling.memory_efficiency();
  last_.tell(record);
  if (!assembly.problem->trained.empty()) record.trained = trained_values(assembly, parameters.values());
  if (balance) {
    record.weights = balance->mean_weights();
    record.causal = balance->least_causal();
    record.loss_balanced = balance->loss();
  }
  if (evaluated) evaluations_.tell(record);
  if (monitored) evaluations_.tell_monitors(record);
  if (gate.any()) tell_gate(record);
  reports_.step(std::move(record), now);
}

// Joules where a line is due: all ranks find it so.
void Session::tell_gate(StepRecord& record) {
  record.gate = gate.record();
  if (!record.due) return;
  record.joules = energy_.gather(communicator_);
  record.joules_modelled = record.joules < 0;
  if (record.joules_modelled) record.joules = modelled_energy_.gather(communicator_, stage.engine());
}

void Session::fail_not_finite() {
  const NotFinite found = diagnose_not_finite(communicator_, stage.engine(), assembly, points.set(), parameters.values(),
                                              setup_.run_directory, setup_.training.reproducibility);
  throw Error(Status::numerical, not_finite_message(found, step, stage.last(), !recovery.snapshot().empty()));
}

}  // namespace jetpinn
