#include "jetpinn/train/session.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/train/engine_facts.hpp"
#include "jetpinn/train/metrics_log.hpp"
#include "jetpinn/train/not_finite.hpp"
#include "jetpinn/train/progress_log.hpp"
#include "jetpinn/train/run_facts.hpp"
#include "jetpinn/train/run_summary.hpp"
#include "jetpinn/train/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

// Times the last loss: a lower one is another network's. L-BFGS takes steps that raise the loss by its rounding.
constexpr double worth_keeping = 1 - 1e-6;

// Of each weighted term in their sum.
std::vector<double> shares_of(std::vector<double> weighted) {
  const double sum = std::accumulate(weighted.begin(), weighted.end(), 0.0);
  for (double& term : weighted) term = sum == 0 ? 0 : term / sum;
  return weighted;
}

void print_warning(const std::string& sentence) {
  std::fprintf(stderr, "jetpinn: warning: %s\n", sentence.c_str());
}

}  // namespace

Session::Session(Communicator& communicator, Problem problem, TrainSetup& setup)
    : assembly(assemble(std::move(problem), setup.network, setup.sampling, setup.training.seed, communicator.size())),
      profiling(communicator, setup, assembly),
      parameters(static_cast<std::size_t>(assembly.network.parameters)),
      communicator_(communicator),
      setup_(setup),
      engines_(setup.training),
      stopping_(setup.training.stop),
      ends_(setup.training.stages),
      keeps_best_(keeps_best(setup.output, setup.training, setup.sampling)),
      log_(setup.output.log_every_s, setup.output.log_every_steps, setup.training.total_steps(), setup.training.stop.time_s),
      checkpoints_(communicator, setup.run_directory, {setup.output.checkpoint_keep, setup.output.checkpoint_keep_every},
                   setup.output.checkpoint_every_s, print_warning),
      evaluations_(communicator, assembly, std::move(setup.reference)),
      energy_(communicator),
      config_(setup.resolved_config) {
  communicator.set_deadline(setup.run.deadline_s);
  if (setup.resume) {
    resume(setup.resume->values);
    setup.resume->values.clear();   // as large as the state itself
  } else {
    communicator.agree("setup", [&] {
      if (setup.start_parameters.empty())
        initialize(assembly.network, setup.training.seed, parameters.data());
      else
        parameters = setup.start_parameters;
      points_ = make_points(assembly, communicator.rank(), 0);
    });
    while (stage < static_cast<std::int64_t>(setup.training.stages.size()) && stage_options().steps == 0) ++stage;
    // All that is measured is measured before the first checkpoint.
    for (const StageOptions& later : setup.training.stages)
      if (later.steps > 0 && setup.training.precision_of(later) != stage_precision())
        engines_.make(setup.training.precision_of(later), assembly.network, assembly.terms);
    make_stage_engine();
    make_objective();
  }
  for (const Warning& warning : setup.warnings) warnings_.add(warning);
  evaluations_.use(engines_.make_aside(Precision::fp64, assembly.network, {assembly.fields}));
  use_engine();
  communicator.agree("observers", [&] {
    if (!communicator.root()) return;
    log_.add(std::make_unique<ProgressLog>(setup.quiet, setup.verbose));
    if (setup.resume) drop_metrics_after(setup.run_directory, step);
    log_.add(std::make_unique<MetricsLog>(setup.run_directory, setup.resume.has_value()));
    log_.add(std::make_unique<SummaryFile>(setup.run_directory));
  });
}

void Session::make_objective() {
  RankSignals signals;
  signals.clock = [this] { return elapsed_before_ + process_seconds(); };
  signals.stop_requested = setup_.stop_requested;
  signals.time_is_up = [this] { return limit_is_near(); };
  objective = std::make_unique<DistributedObjective>(
      communicator_, *engine_, points_, assembly.network.parameters, static_cast<std::int64_t>(assembly.terms.size()),
      setup_.training.reproducibility == Reproducibility::ranks, setup_.run.deadline_s, std::move(signals),
      GradientSyncOptions{setup_.run.gradient_sync});
}

// What the others are made for comes first: the stage decides the optimiser and the engine, the
// recorded products the engine's bits.
void Session::resume(const StateValues& values) {
  State first = {{"stage", &stage}};
  append(first, "products", engines_.state());
  restore_part(first, values);
  if (stage < 0 || stage >= static_cast<std::int64_t>(setup_.training.stages.size()))
    throw Error(Status::storage,
                "the checkpoint is of stage " + std::to_string(stage) + ", which this config does not have");
  make_stage_engine();
  make_objective();
  make_stage_optimizer();
  restore(state(), values);
  stage_is_resumed_ = true;
  config_ = setup_.resolved_config;
  resumed_at_ = step;
  elapsed_before_ = elapsed_s_;
  loss_ = last_report_.loss;
  energy_.go_on();
  stopped_by = ended_by_;
  if (setup_.longer) {
    stopped_by.clear();
    ends_.go_on(stage);
  }
  communicator_.agree("setup",
                      [&] { points_ = make_points(assembly, communicator_.rank(), static_cast<std::uint32_t>(epoch_)); });
  double begin_s = elapsed_before_ + process_seconds();
  communicator_.broadcast("setup", &begin_s, sizeof begin_s);   // rank 0's clock: all must find saves due alike
  checkpoints_.begin_at(begin_s, step);
}

State Session::state() {
  State all = {{"step", &step},
               {"stage", &stage},
               {"ended_by", &ended_by_},
               {"parameters", RealSlice{parameters.data(), assembly.network.parameters}},
               {"epoch", &epoch_},
               {"last/terms", &terms_},
               {"last/weighted", &weighted_},
               {"last/report_loss", &last_report_.loss},
               {"last/gradient_norm", &last_report_.gradient_norm},
               {"last/learning_rate", &last_report_.learning_rate},
               {"elapsed_s", &elapsed_s_},
               {"config", &config_}};
  for (StateItem& item : energy_.state()) all.push_back(std::move(item));
  append(all, "products", engines_.state());
  append(all, "last", log_.state());
  append(all, "best", best_.state());
  append(all, "optimizer", optimizer->state());
  append(all, "objective", objective->state());
  append(all, "stages", ends_.state());
  append(all, "stopping", stopping_.state());
  append(all, "recovery", recovery.state());
  append(all, "warnings", warnings_.state());
  return all;
}

const StageOptions& Session::stage_options() const { return setup_.training.stages[static_cast<std::size_t>(last_stage())]; }

Precision Session::stage_precision() const {
  return setup_.training.stages.empty() ? setup_.training.precision : setup_.training.precision_of(stage_options());
}

void Session::make_stage_engine() {
  precision_ = stage_precision();
  profiling.retire_engine();
  engine_ = engines_.make(precision_, assembly.network, assembly.terms);
  if (evaluations_.ready()) use_engine();
}

void Session::use_engine() {
  profiling.use(*engine_, evaluations_.engine(), setup_.training.stages.empty() ? nullptr : &stage_options());
}

void Session::make_stage_optimizer() {
  const StageOptions& options = stage_options();
  optimizer = make_optimizer(options.optimizer, assembly.network.parameters, options.steps);
}

void Session::begin_stage() {
  if (stage_is_resumed_) {
    stage_is_resumed_ = false;
    return;
  }
  make_stage_optimizer();
  if (stage_precision() != precision_) {
    make_stage_engine();
    objective->use(*engine_);
    note(std::string("this stage computes in ") + to_string(precision_) + ", products " + engine_->backend());
  }
  if (step == 0 && keeps_best_) best_.begin(parameters);
  // A run always has a checkpoint to go on from, and a folder that takes none says so before hours of work.
  if (step == 0) save();
}

bool Session::goes_on() const {
  return ends_.steps(stage) < stage_options().steps && !ends_.finished(stage) && stopped_by.empty();
}

void Session::end_stage() {
  if (stopped_by != "signal" && !limit_reached_) tell_if_worse();
  if (checkpoints_.saved_step() != step || !checkpoints_.failure().empty()) save();
  profiling.close(*objective, step, agreed_seconds());
}

// A stage that undoes what one before it reached is worth a sentence.
void Session::tell_if_worse() {
  const std::vector<StageEnd> ends = ends_.list("");
  const StageEnd* best = nullptr;
  for (const StageEnd& end : ends)
    if (end.stage < stage && (!best || end.loss < best->loss)) best = &end;
  if (best && last_report_.loss > best->loss)
    note("stage " + std::to_string(stage) + " (" + stage_options().optimizer.kind + ") ended at loss " +
         shown(last_report_.loss) + ", above the " + shown(best->loss) + " at which stage " + std::to_string(best->stage) +
         " (" + best->optimizer + ") had ended");
}

void Session::save_if_due() {
  if (checkpoints_.due(objective->agreed().time_s)) save();
}

// Never what is not finite: the checkpoint before the first skipped step stays the newest.
void Session::save() {
  if (last_report_.skipped) return;
  elapsed_s_ = agreed_seconds();
  energy_.gather(communicator_);
  if (!limit_reached_ && stopped_by != "signal") ended_by_ = stopped_by;
  CheckpointFacts facts;
  facts.step = step;
  facts.stage = stage;
  facts.loss = step > 0 ? last_report_.loss : std::numeric_limits<double>::quiet_NaN();   // not known yet
  facts.time_s = elapsed_s_;
  facts.ranks = communicator_.size();
  facts.reproducibility = to_string(setup_.training.reproducibility);
  facts.config_hash = setup_.config_hash;
  facts.version = version;
  checkpoints_.save(facts, state(), elapsed_s_);
  profiling.close(*objective, step, elapsed_s_);
}

void Session::start() {
  RunFacts& facts = facts_ = run_facts(setup_, assembly, *engine_);
  facts.rank_hosts = communicator_.gather("start", "rank " + std::to_string(communicator_.rank()) + " host " + host_name() +
                                                       " pid " + std::to_string(process_id()));
  // Rank 0's: when a line of the log is due must be equal on every rank, for the last one of a run
  // comes with a collective evaluation.
  facts.startup_s = communicator_.gather("start", process_seconds()).front();
  facts.warnings = warnings_.all();
  communicator_.agree("start", [&] {
    if (!communicator_.root()) return;
    retire_summary(setup_.run_directory);
    write_text_file(setup_.run_directory + "/config.toml", setup_.resolved_config);
    write_text_file(setup_.run_directory + "/engine.json", engine_facts(facts));
    for (auto& observer : log_.observers()) observer->started(facts);
  });
  profiling.start(step, objective->evaluations(), agreed_seconds());
  RunTotals begin = totals();
  begin.time_s = elapsed_before_ + facts.startup_s;
  log_.begin(begin);
  if (!setup_.resume && !setup_.start_parameters.empty()) note("begins with the network of " + setup_.training.start_from);
  for (const std::string& sentence : evaluations_.reference().size_notes()) note(sentence);
  if (!setup_.resume) return;
  const CheckpointFacts& from = setup_.resume->facts;
  note("goes on from " + setup_.resume->folder + ", after " + std::to_string(step) + " steps");
  if (from.ranks != communicator_.size() && setup_.training.reproducibility != Reproducibility::ranks)
    note("it was written by " + std::to_string(from.ranks) + " ranks: sums round otherwise on " +
         std::to_string(communicator_.size()) + "; training.reproducibility = \"ranks\" would keep every bit");
}

bool Session::resample_if_due() {
  const std::int64_t every = setup_.sampling.resample_every;
  if (every == 0 || step == 0 || step % every != 0) return false;
  points_ = make_points(assembly, communicator_.rank(), static_cast<std::uint32_t>(++epoch_));
  return true;
}

void Session::recover(const StepReport& report) {
  switch (recovery.after_step(report)) {
    case Recovery::Verdict::sound: return;
    case Recovery::Verdict::skipped:
      if (setup_.debug) fail_not_finite();
      return;
    case Recovery::Verdict::give_up: fail_not_finite();
    case Recovery::Verdict::roll_back: break;
  }
  parameters = recovery.snapshot();
  optimizer->restart(recovery.rate_factor());
  note("loss or gradient not finite since step " + std::to_string(step - recovery.skips_allowed() + 1) +
       ": back to the parameters of step " + std::to_string(recovery.snapshot_step()) + ", learning rate times " +
       shown(recovery.rate_factor()));
}

void Session::account(const StepReport& report) {
  ++step;
  ends_.account(stage, report);
  last_report_ = report;
  loss_ = report.loss;
  terms_ = objective->agreed().terms;
  weighted_ = objective->agreed().weighted;
  if (keeps_best_) best_.account(step, report.loss, stage_options().optimizer.kind == "lbfgs", parameters);
  const std::int64_t every = setup_.output.evaluate_every;
  const bool evaluate = every > 0 && step % every == 0;
  if (evaluate) evaluations_.measure(communicator_, *engine_, parameters);
  stopped_by = stopping_.reason(objective->agreed(), report, evaluations_.errors());
  limit_reached_ = stopped_by == "time" && objective->agreed().time_is_up;
  log(report, evaluate);
  if (!report.finished.empty()) note(stage_options().optimizer.kind + " stopped: " + report.finished);
  const double now = process_seconds();
  step_s_ = std::max(0.9 * step_s_, now - last_step_s_);
  last_step_s_ = now;
}

void Session::note(const std::string& sentence) {
  log_.tell([&](Observer& observer) { observer.note(sentence); });
}

void Session::warn(const Warning& warning) {
  if (warnings_.add(warning) && communicator_.root()) print_warning(warning.text);
}

RunTotals Session::totals() const {
  const std::int64_t points = objective->evaluations() * assembly.points();
  return {step, agreed_seconds(), static_cast<double>(points), profiling.roofline_s()};
}

void Session::log(const StepReport& report, bool evaluated, bool last) {
  const RunTotals now = totals();
  const bool due = last || log_.due(now);
  const bool curve = goes_on() && RunLog::on_curve(step);   // the run's last step has a line of its own
  if (!due && !evaluated && !curve) return;
  StepRecord record;
  record.stage = static_cast<int>(last_stage());
  record.optimizer = stage_options().optimizer.kind;
  record.loss = report.loss;
  record.terms = terms_;
  record.shares = shares_of(weighted_);
  record.learning_rate = report.learning_rate;
  record.gradient_norm = report.gradient_norm;
  record.memory_mib = static_cast<double>(resident_bytes()) / 1048576.0;
  record.memory_efficiency = profiling.memory_efficiency();
  if (evaluated) {
    record.errors = evaluations_.errors();
    record.loss_independent = evaluations_.loss();
  }
  record.due = due;
  record.curve_only = !due && !evaluated;
  log_.step(std::move(record), now);
}

RunSummary Session::summarize(const std::string& status, const std::string& reason) const {
  RunSummary summary;
  summary.status = status;
  summary.stopped_by = reason;
  summary.steps = step;
  summary.wall_s = elapsed_before_ + process_seconds();
  summary.ranks = communicator_.size();
  summary.engine = to_string(setup_.training.engine);
  summary.parameters = assembly.network.parameters;
  summary.points = assembly.points();
  summary.points_seen = assembly.points() * objective->evaluations();
  summary.points_per_s = static_cast<double>(summary.points_seen) / std::max(summary.wall_s, 1e-9);
  summary.loss = loss_;
  summary.first_loss = ends_.first_loss();
  summary.stages = ends_.list(reason);
  summary.kept_step = kept_step_;
  for (const EngineTerm& term : assembly.terms) summary.term_names.push_back(term.name);
  summary.terms = terms_;
  summary.warnings = warnings_.all();
  summary.shares = shares_of(weighted_);
  summary.errors = evaluations_.errors();
  summary.loss_independent = evaluations_.loss();
  summary.weighted_independent = evaluations_.weighted_terms();
  summary.checkpoints = checkpoints_.saves();
  summary.checkpoint_share = region_times()[Region::checkpoint] / std::max(process_seconds(), 1e-9);
  summary.skipped_steps = recovery.skipped_steps();
  summary.parameter_hash = parameter_hash(parameters);
  summary.version = version;
  return summary;
}

// The stage at work; behind the last one, the last.
std::int64_t Session::last_stage() const {
  return std::max<std::int64_t>(std::min(stage, static_cast<std::int64_t>(setup_.training.stages.size()) - 1), 0);
}

// Seconds of training at the last evaluation: equal on every rank.
double Session::agreed_seconds() const { return step == resumed_at_ ? elapsed_before_ : objective->agreed().time_s; }

double Session::process_seconds() const { return wall_seconds() - setup_.program_start; }

// A step, the last checkpoint and the last evaluation must still fit, with room for their being slower than ever.
bool Session::limit_is_near() const {
  if (setup_.max_time_s <= 0) return false;
  const double needed = 2 + 3 * step_s_ + 3 * checkpoints_.longest_s() + 2 * evaluations_.last_s();
  return process_seconds() + std::min(needed, 0.5 * setup_.max_time_s) >= setup_.max_time_s;
}

void Session::fail_not_finite() {
  const NotFinite found = diagnose_not_finite(communicator_, *engine_, assembly, points_, parameters, setup_.run_directory,
                                              setup_.training.reproducibility);
  const std::string rate = "training.stages." + std::to_string(last_stage()) + ".learning_rate";
  std::string mend =
      found.mend.empty() ? "lower " + rate + ", or look for a division by zero or a logarithm in the residuals" : found.mend;
  if (!found.mend.empty() && !recovery.snapshot().empty()) mend += "; a lower " + rate + " may keep the run from there";
  throw Error(Status::numerical,
              "loss or gradient not finite at step " + std::to_string(step) + ": " + found.sentence + "; " + mend);
}

void Session::settle() {
  // Every log ends with the last step.
  if (log_.last_step() < step) {
    evaluations_.measure(communicator_, *engine_, parameters);
    log(last_report_, true, true);
  }
  // The last evaluation tells of the network that is written.
  std::vector<double> gradient(parameters.size());
  Objective::Value last = objective->evaluate(parameters.data(), gradient.data());
  if (!last.finite) fail_not_finite();   // before a better network is taken: a run that ends in nothing did not complete
  if (keeps_best_ && best_.beats(worth_keeping * last.loss)) last = keep_best(last, gradient);
  loss_ = last.loss;
  terms_ = objective->agreed().terms;
  weighted_ = objective->agreed().weighted;
  evaluations_.measure(communicator_, *engine_, parameters);
}

// Its loss may be of other points or of another precision: it is kept where it is lower on those of the end.
Objective::Value Session::keep_best(const Objective::Value& last, std::vector<double>& gradient) {
  best_.swap(parameters);
  const Objective::Value best = objective->evaluate(parameters.data(), gradient.data());
  if (best.finite && !(best.loss >= worth_keeping * last.loss)) {
    kept_step_ = best_.step();
    note("keeping the network of step " + std::to_string(kept_step_) + ": its loss is " + shown(best.loss) +
         ", that of the last step " + shown(last.loss));
    return best;
  }
  best_.swap(parameters);
  return objective->evaluate(parameters.data(), gradient.data());
}

TrainResult Session::finish() {
  const std::vector<StageEnd> ends = ends_.list("");
  const std::string reason = !stopped_by.empty() ? stopped_by : ends.empty() ? "steps" : ends.back().reason;
  const std::string status = reason == "signal" || limit_reached_ ? "stopped" : "completed";
  communicator_.agree("summary", [&] {
    const ScopedRegion region(Region::io);
    if (communicator_.root())
      write_network_file(setup_.run_directory + "/network.h5", *assembly.problem, assembly.network, parameters.data(), step);
  });
  RunSummary summary = summarize(status, reason);
  judge(summary);
  profiling.finish(*objective, step, agreed_seconds(), summary);
  summary.joules = energy_.gather(communicator_);
  // A run that lost something, on any rank, does not tell of a good end first.
  communicator_.agree("summary", [&] { require_stored(); });
  communicator_.agree("summary", [&] {
    if (communicator_.root()) log_.tell([&](Observer& observer) { observer.finished(summary); });
    require_stored();
  });
  return {status, reason, loss_};
}

// The last screen shows what looks wrong; where there is none, it is said as other warnings are.
void Session::judge(RunSummary& summary) {
  summary.verdicts = verdicts(facts_, summary);
  for (const Warning& verdict : summary.verdicts) setup_.quiet ? warn(verdict) : static_cast<void>(warnings_.add(verdict));
  summary.warnings = warnings_.all();
}

void Session::require_stored() const {
  if (const std::string lost = profiling.failure(); !lost.empty()) throw Error(Status::storage, lost);
  if (!log_.failure().empty()) throw Error(Status::storage, log_.failure());
  if (!checkpoints_.failure().empty())
    throw Error(Status::storage, "the last checkpoint could not be written: " + checkpoints_.failure());
}

void Session::finish_failed(const Error& error) noexcept {
  profiling.fail(*objective, step);
  if (log_.observers().empty()) return;
  try {
    const bool numerical = error.status() == Status::numerical;
    RunSummary summary = summarize("failed", numerical                           ? "not finite"
                                             : error.status() == Status::storage ? "storage"
                                                                                 : "communication");
    summary.peak_memory_mib = {static_cast<double>(peak_resident_bytes()) / 1048576.0};
    for (auto& observer : log_.observers()) observer->finished(summary);
  } catch (const std::exception&) {
    // The error itself is on its way to the user; a summary that cannot be written must not hide it.
  }
}

}  // namespace jetpinn
