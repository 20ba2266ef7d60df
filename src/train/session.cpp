#include "jetpinn/train/session.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/train/metrics_log.hpp"
#include "jetpinn/train/progress_log.hpp"
#include "jetpinn/train/run_summary.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

namespace jetpinn {
namespace {

EngineOptions engine_options(const TrainingOptions& training, Precision precision) {
  EngineOptions options;
  options.kind = training.engine;
  options.precision = precision;
  options.reproducibility = training.reproducibility;
  return options;
}

// What the bits of a run rest on besides its config: measured choices, for whoever wants to repeat it.
std::string engine_facts(const RunFacts& facts) {
  const nlohmann::ordered_json json = {{"engine", facts.engine},       {"precision", facts.precision}, {"products", facts.backend},
                                       {"chunk", facts.chunk},         {"ranks", facts.rank_hosts.size()},
                                       {"reproducibility", facts.reproducibility}, {"version", version}};
  return json.dump(2) + "\n";
}

}  // namespace

Session::Session(Communicator& communicator, Problem problem, const TrainSetup& setup)
    : assembly(assemble(std::move(problem), setup.network, setup.sampling, setup.training.seed, communicator.size())),
      parameters(static_cast<std::size_t>(assembly.network.parameters)),
      stopping(setup.training.stop, setup.max_time_s),
      communicator_(communicator),
      setup_(setup),
      precision_(setup.training.precision),
      reference_(communicator, *assembly.problem),
      best_loss_(std::numeric_limits<double>::infinity()),
      host_(host_name()) {
  communicator.set_deadline(setup.run.deadline_s);
  communicator.agree("setup", [&] {
    initialize_glorot(assembly.network, setup.training.seed, parameters.data());
    points_ = make_points(assembly, communicator.rank(), epoch_);
  });
  engine_ = make_engine(engine_options(setup.training, precision_), assembly.network, assembly.terms);
  field_engine_ = make_engine(engine_options(setup.training, Precision::fp64), assembly.network, {assembly.fields});
  const bool exact = setup.training.reproducibility == Reproducibility::ranks;
  objective = std::make_unique<DistributedObjective>(
      communicator, *engine_, points_, assembly.network.parameters, static_cast<std::int64_t>(assembly.terms.size()), exact,
      setup.run.deadline_s, [start = setup.program_start] { return wall_seconds() - start; }, setup.stop_requested);
  communicator.agree("observers", [&] {
    if (!communicator.root()) return;
    observers_.push_back(std::make_unique<ProgressLog>(setup.quiet));
    observers_.push_back(std::make_unique<MetricsLog>(setup.run_directory));
    observers_.push_back(std::make_unique<SummaryFile>(setup.run_directory));
  });
}

void Session::begin_stage(const StageOptions& options) {
  const Precision wanted = options.optimizer.kind == "lbfgs" ? Precision::fp64 : setup_.training.precision;
  if (wanted == precision_) return;
  precision_ = wanted;
  engine_ = make_engine(engine_options(setup_.training, precision_), assembly.network, assembly.terms);
  objective->use(*engine_);
  last_flop_ = 0;
  note(std::string("this stage computes in ") + to_string(precision_) + ", products " + engine_->backend());
}

void Session::start() {
  RunFacts facts;
  facts.name = setup_.name;
  facts.run_directory = setup_.run_directory;
  facts.rank_hosts = communicator_.gather("start", "rank " + std::to_string(communicator_.rank()) + " host " + host_name() + " pid " +
                                                       std::to_string(process_id()));
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    facts.terms.push_back(assembly.terms[t].name);
    facts.term_points.push_back(assembly.counts[t]);
    facts.plans.push_back(describe(assembly.terms[t].program.plan, assembly.problem->symbols.coordinates));
    facts.term_flop.push_back(assembly.cost.flop_per_point[t] * static_cast<double>(assembly.counts[t]));
  }
  facts.parameters = assembly.network.parameters;
  for (const StageOptions& stage : setup_.training.stages) {
    facts.total_steps += stage.steps;
    facts.stages.push_back(stage.optimizer.kind + " " + std::to_string(stage.steps));
  }
  facts.engine = to_string(setup_.training.engine);
  facts.device = "cpu";
  facts.backend = engine_->backend();
  facts.precision = to_string(setup_.training.precision);
  facts.reproducibility = to_string(setup_.training.reproducibility);
  facts.chunk = engine_->chunk();
  facts.product_rate = engine_->product_rate();
  facts.startup_s = wall_seconds() - setup_.program_start;
  communicator_.agree("start", [&] {
    if (!communicator_.root()) return;
    write_text_file(setup_.run_directory + "/config.toml", setup_.resolved_config);
    write_text_file(setup_.run_directory + "/engine.json", engine_facts(facts));
    for (auto& observer : observers_) observer->started(facts);
  });
  startup_s_ = last_record_s_ = last_due_s_ = facts.startup_s;
}

bool Session::resample_if_due() {
  const std::int64_t every = setup_.sampling.resample_every;
  if (every == 0 || step == 0 || step % every != 0) return false;
  points_ = make_points(assembly, communicator_.rank(), ++epoch_);
  return true;
}

void Session::account(const StepReport& report) {
  last_report_ = report;
  loss_ = report.loss;
  terms_ = objective->agreed().terms;
  keep_best(report);
  const std::int64_t every = setup_.output.evaluate_every;
  const bool evaluate = !reference_.empty() && every > 0 && step % every == 0;
  if (evaluate) evaluate_fields();
  log(report, evaluate);
}

void Session::note(const std::string& sentence) {
  tell([&](Observer& observer) { observer.note(sentence); });
}

// A log that cannot be written must not stop the training of all ranks: it is told once, and the run ends with its status.
void Session::tell(const std::function<void(Observer&)>& news) {
  for (auto& observer : observers_) {
    try {
      news(*observer);
    } catch (const Error& error) {
      if (storage_failure_.empty()) std::fprintf(stderr, "jetpinn: warning: %s; the training goes on\n", error.what());
      storage_failure_ = error.what();
    }
  }
}

void Session::evaluate_fields() { errors = reference_.errors(communicator_, *field_engine_, parameters.data()); }

void Session::log(const StepReport& report, bool evaluated, bool last) {
  const Agreed& agreed = objective->agreed();
  const double elapsed = agreed.time_s - last_record_s_;
  const bool due = last || step == 1 || agreed.time_s - last_due_s_ >= setup_.output.log_every_s;
  if (!due && !evaluated) return;
  StepRecord record;
  record.step = step;
  record.stage = last_stage();
  record.optimizer = setup_.training.stages[static_cast<std::size_t>(record.stage)].optimizer.kind;
  record.time_s = agreed.time_s;
  record.loss = report.loss;
  record.terms = agreed.terms;
  record.learning_rate = report.learning_rate;
  record.gradient_norm = report.gradient_norm;
  record.memory_mib = static_cast<double>(resident_bytes()) / 1048576.0;
  const double evaluations = static_cast<double>(objective->evaluations() - last_evaluations_);
  const double flop = engine_->product_flop() - last_flop_;
  if (elapsed > 0) record.points_per_s = evaluations * static_cast<double>(assembly.points()) / elapsed;
  if (elapsed > 0 && engine_->product_rate() > 0) record.utilisation = flop / elapsed / engine_->product_rate();
  if (evaluated) record.errors = errors;
  std::int64_t total = 0;
  for (const StageOptions& options : setup_.training.stages) total += options.steps;
  const double per_step = (agreed.time_s - startup_s_) / static_cast<double>(step);
  record.eta_s = per_step * static_cast<double>(total - step);
  if (setup_.training.stop.time_s > 0) record.eta_s = std::min(record.eta_s, setup_.training.stop.time_s - agreed.time_s);
  record.due = due;
  tell([&](Observer& observer) { observer.step(record); });
  last_logged_ = step;
  last_record_s_ = agreed.time_s;
  if (due) last_due_s_ = agreed.time_s;
  last_evaluations_ = objective->evaluations();
  last_flop_ = engine_->product_flop();
}

// Adam reports the loss before its step, L-BFGS after it: the parameters that go with the loss are kept.
void Session::keep_best(const StepReport& report) {
  if (!setup_.output.keep_best) return;
  const bool after = setup_.training.stages[static_cast<std::size_t>(stage)].optimizer.kind == "lbfgs";
  if (report.loss < best_loss_) {
    best_loss_ = report.loss;
    best_parameters_ = after || previous_parameters_.empty() ? parameters : previous_parameters_;
  }
  previous_parameters_ = parameters;
}

RunSummary Session::summarize(const std::string& status, const std::string& reason) const {
  RunSummary summary;
  summary.status = status;
  summary.stopped_by = reason;
  summary.steps = step;
  summary.wall_s = wall_seconds() - setup_.program_start;
  summary.ranks = communicator_.size();
  summary.engine = to_string(setup_.training.engine);
  summary.parameters = assembly.network.parameters;
  summary.points = assembly.points();
  summary.points_seen = assembly.points() * objective->evaluations();
  summary.points_per_s = static_cast<double>(summary.points_seen) / std::max(summary.wall_s, 1e-9);
  summary.loss = loss_;
  for (const EngineTerm& term : assembly.terms) summary.term_names.push_back(term.name);
  summary.terms = terms_;
  summary.errors = errors;
  summary.parameter_hash = parameter_hash(parameters);
  summary.version = version;
  return summary;
}

// Energy of all machines of the run: the first rank of each machine reads its meter. < 0: some machine's cannot be read.
double Session::gather_joules() {
  const auto hosts = communicator_.gather("summary", host_);
  const bool first = std::find(hosts.begin(), hosts.end(), host_) == hosts.begin() + communicator_.rank();
  const double mine = first ? energy_.joules().value_or(-1) : 0;
  double total = 0;
  for (double joules : communicator_.gather("summary", mine)) total = joules < 0 || total < 0 ? -1 : total + joules;
  return total;
}

// The stage at work; behind the last one, the last.
int Session::last_stage() const {
  return std::max(std::min(stage, static_cast<int>(setup_.training.stages.size()) - 1), 0);
}

void Session::fail_not_finite() const {
  const auto& terms = objective->agreed().terms;
  std::string names;
  for (std::size_t t = 0; t < terms.size(); ++t)
    if (!std::isfinite(terms[t])) names += (names.empty() ? "" : ", ") + assembly.terms[t].name;
  throw Error(Status::numerical, "loss or gradient not finite at step " + std::to_string(step) +
                                     (names.empty() ? " (every term's loss is finite, the gradient is not)" : ", term " + names) +
                                     "; lower training.stages." + std::to_string(last_stage()) +
                                     ".learning_rate, or look for a division by zero or a logarithm in the residuals");
}

void Session::settle() {
  // Every log ends with the last step.
  if (last_logged_ < step) {
    if (!reference_.empty()) evaluate_fields();
    log(last_report_, !reference_.empty(), true);
  }
  if (setup_.output.keep_best && !best_parameters_.empty() && !(loss_ <= best_loss_)) {
    parameters = best_parameters_;
    note("keeping the network of the lowest training loss");
  }
  // The last evaluation tells of the network that is written.
  std::vector<double> gradient(parameters.size());
  const Objective::Value last = objective->evaluate(parameters.data(), gradient.data());
  loss_ = last.loss;
  terms_ = objective->agreed().terms;
  if (!last.finite) fail_not_finite();
  if (!reference_.empty()) evaluate_fields();
}

TrainResult Session::finish() {
  const std::string reason = stopped_by.empty() ? "steps" : stopped_by;
  const std::string status = reason == "signal" ? "stopped" : "completed";
  RunSummary summary = summarize(status, reason);
  summary.peak_memory_mib = communicator_.gather("summary", static_cast<double>(peak_resident_bytes()) / 1048576.0);
  const RegionTimes times = region_times();
  const auto shares = communicator_.gather("summary", times[Region::product] / std::max(summary.wall_s, 1e-9));
  for (double share : shares) summary.product_share += share / static_cast<double>(shares.size());
  summary.joules = gather_joules();
  communicator_.agree("summary", [&] {
    if (!communicator_.root()) return;
    write_network_file(setup_.run_directory + "/network.h5", *assembly.problem, assembly.network, parameters.data());
    tell([&](Observer& observer) { observer.finished(summary); });
    if (!storage_failure_.empty()) throw Error(Status::storage, storage_failure_);
  });
  return {status, reason, loss_};
}

void Session::finish_failed(const Error& error) noexcept {
  if (observers_.empty()) return;
  try {
    const bool numerical = error.status() == Status::numerical;
    RunSummary summary = summarize("failed", numerical ? "not finite" : error.status() == Status::storage ? "storage" : "communication");
    summary.peak_memory_mib = {static_cast<double>(peak_resident_bytes()) / 1048576.0};
    for (auto& observer : observers_) observer->finished(summary);
  } catch (const std::exception&) {
    // The error itself is on its way to the user; a summary that cannot be written must not hide it.
  }
}

}  // namespace jetpinn
