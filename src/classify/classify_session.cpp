#include "jetpinn/classify/classify_session.hpp"

#include "jetpinn/base/plural.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/classify/classifier.hpp"
#include "jetpinn/classify/epoch_log.hpp"
#include "jetpinn/classify/model_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/train/gradient_library.hpp"
#include "jetpinn/train/metrics_log.hpp"
#include "jetpinn/train/run_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <utility>

namespace jetpinn {
namespace {

ParameterLayout layout_of(const ModelOptions& model) {
  std::vector<ParameterMatrix> matrices;
  for (const ModelBlock& block : blocks_of(model)) {
    ParameterMatrix matrix;
    matrix.name = block.name;
    matrix.rows = block.shape.size() > 1 ? block.shape[0] : 1;
    matrix.columns = block.size() / matrix.rows;
    matrix.begin = block.begin;
    matrices.push_back(matrix);
  }
  return ParameterLayout(std::move(matrices));
}

std::int64_t id_of(const ImageSet& set) {
  return static_cast<std::int64_t>(hash_of(set.pixels.data(), static_cast<std::int64_t>(set.pixels.size())) ^
                                   hash_of(set.labels.data(), set.count() * 4));
}

std::int64_t id_of(const ImageData& images) {
  const auto of_validation = static_cast<std::uint64_t>(id_of(images.validation));
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(id_of(images.training)) ^ std::rotl(of_validation, 1));
}

std::string task_text(const ImageData& images, const ClassifyOptions& task) {
  const ImageShape& shape = images.training.shape;
  return fmt::format("{} on {} {} images of {} x {} x {} in {} classes, {} to validate; batches of {}", task.model,
                     images.training.count(), to_string(task.dataset.format), shape.channels, shape.height, shape.width,
                     images.training.classes, images.validation.count(), task.batch);
}

}  // namespace

ClassifySession::ClassifySession(Communicator& communicator, const ImageData& images, ClassifySetup& setup)
    : profiling(communicator, setup.run),
      communicator_(communicator),
      images_(images),
      setup_(setup),
      model_(model_of(setup.task, images.training)),
      batches_(images.training.count(), setup.task.batch, setup.run.training.seed),
      engine_(model_, images.training, setup.task.augment, setup.run.training.seed),
      gate_(communicator, setup.task.gate, images.training.count(), setup.run.training.seed),
      config_(setup.run.resolved_config),
      clock_(setup.run.program_start, setup.run.max_time_s),
      end_(setup.run.training.stop),
      checkpoints_(communicator, setup.run, "", print_warning),
      energy_(communicator),
      log_(setup.run.output.log_every_s, 0, steps(), setup.run.training.stop.time_s),
      images_id_(id_of(images)),
      validation_loss_(std::numeric_limits<double>::quiet_NaN()),
      validation_accuracy_(validation_loss_) {
  communicator.set_deadline(setup.run.run.deadline_s);
  points_.terms.resize(image_terms);
  parameters = initial_parameters(blocks_of(model_), setup.run.training.seed);
  if (setup.run.resume) restore_part(kept_gradient_library(), setup.run.resume->values);
  make_objective();
  optimizer_ = make_optimizer(setup.run.training.stages.at(0).optimizer, layout_of(model_), steps(), nullptr, &communicator);
  if (setup.run.resume) {
    // Checkpoints of earlier versions know no modelled energy, which begins at 0 there.
    for (const char* item : {"modelled_joules", "epoch/begin_modelled_joules"})
      setup.run.resume->values.try_emplace(item, std::vector<double>{0});
    resume(setup.run.resume->values);
    setup.run.resume->values.clear();
    if (setup.run.longer) save();  // as Session does
  }
  const std::int64_t images_of_step = std::min(setup.task.batch, images.training.count());
  profiling.use(engine_, memory(),
                rows_of(blocks_of_rank(images_of_step, images_of_block, communicator.rank(), communicator.size())));
  communicator.agree("observers", [&] {
    if (!communicator.root()) return;
    log_.add(std::make_unique<EpochLog>(setup.task.epochs, task_text(images, setup.task), setup.run.quiet));
    if (setup.run.resume) drop_metrics_after(setup.run.run_directory, step);
    log_.add(std::make_unique<EpochMetrics>(setup.run.run_directory, setup.run.resume.has_value()));
    log_.add(std::make_unique<SummaryFile>(setup.run.run_directory));
  });
}

void ClassifySession::make_objective() {
  RankSignals signals;
  signals.clock = [this] { return clock_.training_seconds(); };
  signals.stop_requested = setup_.run.stop_requested;
  signals.time_is_up = [this] { return clock_.limit_is_near(checkpoints_.longest_s(), validation_s_); };
  objective_ = std::make_unique<DistributedObjective>(
      communicator_, engine_, points_, static_cast<std::int64_t>(parameters.size()), image_terms,
      setup_.run.training.reproducibility == Reproducibility::ranks, setup_.run.run.deadline_s, std::move(signals),
      gradient_sync_options(setup_.run.run, static_cast<std::int64_t>(parameters.size()), gradient_library_));
  gradient_library_ = to_string(objective_->sums().sync.library());
}

State ClassifySession::kept_gradient_library() {
  if (!keeps_gradient_library(setup_.run.run, setup_.run.training.reproducibility)) return {};
  return {{"gradient_library", &gradient_library_}};
}

void ClassifySession::resume(const StateValues& values) {
  communicator_.agree("setup", [&] {
    const std::int64_t here = images_id_;
    restore(state(), values);
    require_images(here);
  });
  config_ = setup_.run.resolved_config;
  clock_.go_on();
  end_.go_on(setup_.run.longer);
  last_.go_on();
  energy_.go_on();
  modelled_energy_.go_on();
  double begin_s = clock_.training_seconds();
  communicator_.broadcast("setup", &begin_s, sizeof begin_s);  // rank 0's clock: all must find saves due alike
  checkpoints_.begin_at(begin_s, step);
}

void ClassifySession::require_images(std::int64_t here) {
  // Checkpoints of earlier versions know the training images alone.
  if (images_id_ != here && images_id_ != id_of(images_.training))
    throw Error(Status::usage,
                "the images to train on, or those to validate with, are others than those that this run began with: bring "
                "back the files of the dataset, or begin anew with --force or another --output");
  images_id_ = here;
}

// A part is kept by naming it here, as in Session::state().
State ClassifySession::state() {
  State all = {{"step", &step},
               {"parameters", parameters.slice()},
               {"config", &config_},
               {"images_id", &images_id_},
               {"validation_loss", &validation_loss_},
               {"validation_accuracy", &validation_accuracy_},
               {"accuracy_of_class", &accuracy_of_class_}};
  append(all, "optimizer", optimizer_->state());
  append(all, "", clock_.state());
  append(all, "", end_.state());
  append(all, "", energy_.state());
  append(all, "", modelled_energy_.state());
  append(all, "last", last_.state());
  append(all, "objective", objective_->state());
  append(all, "recovery", recovery_.state());
  append(all, "epoch", totals_.state());
  append(all, "gate", gate_.state());
  append(all, "warnings", warnings_.state());
  append(all, "", kept_gradient_library());
  return all;
}

void ClassifySession::start() {
  facts_ = facts();
  facts_.rank_hosts = communicator_.gather("start", "rank " + std::to_string(communicator_.rank()) + " host " + host_name() +
                                                        " pid " + std::to_string(process_id()));
  facts_.startup_s = communicator_.gather("start", clock_.process_seconds()).front();
  for (const Warning& warning : setup_.run.warnings) warnings_.add(warning);
  communicator_.agree("start", [&] {
    if (!communicator_.root()) return;
    retire_summary(setup_.run.run_directory);
    write_text_file(setup_.run.run_directory + "/config.toml", setup_.run.resolved_config);
    for (const auto& observer : log_.observers()) observer->started(facts_);
  });
  for (const std::string& sentence : images_.notes) note(sentence);
  if (setup_.run.run.gradient_library != GradientLibrary::mpi)
    note("gradients are summed by " + objective_->sums().sync.summed_by());
  if (setup_.run.resume) {
    note(fmt::format("goes on from {}, after {}", setup_.run.resume->folder, plural(step, "step")));
    const int ranks = setup_.run.resume->facts.ranks;
    if (ranks != communicator_.size() && setup_.run.training.reproducibility != Reproducibility::ranks)
      note(
          fmt::format("it was written by {}: sums round otherwise on {}; training.reproducibility = \"ranks\" would "
                      "keep every bit",
                      plural(ranks, "rank"), communicator_.size()));
  }
  profiling.start(step, objective_->evaluations(), clock_.agreed_seconds());
  if (setup_.run.resume) return;
  totals_.begin({facts_.startup_s, 0, 0});  // the first epoch
  save();                              // a run always has a checkpoint to go on from
}

void ClassifySession::take_images() {
  const std::vector<std::int64_t> candidates = batches_.images_of(step);
  const std::int64_t epoch = batches_.epoch_of(step);
  candidates_ = static_cast<std::int64_t>(candidates.size());
  ImageGate::Chosen chosen = gate_.choose(candidates, epoch, step, engine_, parameters.values());
  chosen_ = std::move(chosen.images);
  const auto count = static_cast<std::int64_t>(chosen_.size());
  TermPoints& points = points_.terms[cross_entropy];
  points.blocks = blocks_of_rank(count, images_of_block, communicator_.rank(), communicator_.size());
  points.local_count = rows_of(points.blocks);
  points.global_count = std::max<std::int64_t>(count, 1);
  engine_.take(chosen_, epoch, std::move(chosen.weights));
  if (gate_.active()) engine_.when_residuals(gate_.listener(count));
}

void ClassifySession::take_step() {
  take_images();
  recovery_.before_step(step, parameters);
  const StepReport report = optimizer_->step(*objective_, parameters);
  gate_.account(chosen_, batches_.epoch_of(step));
  recover(report);
  account(report);
}

void ClassifySession::recover(const StepReport& report) {
  const Recovery::Verdict verdict = recovery_.after_step(report);
  if (verdict == Recovery::Verdict::give_up)
    throw Error(Status::numerical,
                fmt::format("loss or gradient is not finite at step {}, and stayed so after going back to earlier "
                            "parameters; lower training.learning_rate, or set training.clip",
                            step));
  if (verdict != Recovery::Verdict::roll_back) return;
  parameters = recovery_.snapshot();
  optimizer_->restart(recovery_.rate_factor());
  note(recovery_.describe_roll_back(step));
}

void ClassifySession::account(const StepReport& report) {
  ++step;
  const Agreed& agreed = objective_->agreed();
  clock_.agree(agreed.time_s);
  last_.account(report, agreed);
  if (!report.skipped) totals_.account(agreed, candidates_, static_cast<std::int64_t>(chosen_.size()));
  end_.account(agreed, report, {});
  clock_.end_step();
}

RunSpent ClassifySession::spent(double time_s) {
  const double joules = energy_.gather(communicator_);
  return {time_s, joules, modelled_energy_.gather(communicator_, engine_)};
}

void ClassifySession::end_epoch_if_due() {
  if (!batches_.ends_epoch(step)) return;
  const double begin = wall_seconds();
  const Validation validation = validate_images(engine_, objective_->sums(), parameters.values().data(), images_.validation);
  validation_loss_ = validation.loss;
  validation_accuracy_ = validation.accuracy;
  accuracy_of_class_ = validation.accuracy_of_class;
  validation_s_ = std::max(validation_s_, wall_seconds() - begin);
  EpochRecord record;
  record.epoch = batches_.epoch_of(step);
  record.step = step;
  record.validation_loss = validation.loss;
  record.validation_accuracy = validation.accuracy;
  record.learning_rate = last_.report().learning_rate;
  record.gradient_norm = last_.report().gradient_norm;
  record.memory_mib = static_cast<double>(resident_bytes()) / 1048576.0;
  if (gate_.active()) record.threshold = gate_.threshold();
  double now_s = clock_.training_seconds();
  communicator_.broadcast("epoch", &now_s, sizeof now_s);
  clock_.agree(now_s);
  const RunSpent now = spent(now_s);
  totals_.tell(record, now);
  totals_.begin(now);
  log_.tell([&](Observer& observer) { observer.epoch(record); });
}

void ClassifySession::save_if_due() {
  if (checkpoints_.due(clock_.agreed_seconds())) save();
}

// Never what is not finite: the checkpoint before the first skipped step stays the newest.
void ClassifySession::save() {
  if (last_.report().skipped) return;
  spent(clock_.agreed_seconds());  // energy as the state keeps it
  const double loss = step > 0 ? last_.report().loss : std::numeric_limits<double>::quiet_NaN();
  checkpoints_.save(step, 0, loss, clock_.agreed_seconds(), state());
  profiling.close(*objective_, step, clock_.agreed_seconds());
}

void ClassifySession::close_profile_if_due() { profiling.close_if_due(*objective_, step, clock_.agreed_seconds()); }

void ClassifySession::note(const std::string& sentence) {
  log_.tell([&](Observer& observer) { observer.note(sentence); });
}

MemoryRecord ClassifySession::memory() const {
  MemoryRecord memory;
  memory.planned = planned_bytes(setup_.task, setup_.run.training, images_, communicator_.rank(), communicator_.size());
  return memory;
}

RunFacts ClassifySession::facts() const {
  RunFacts facts;
  facts.name = setup_.run.name;
  facts.run_directory = setup_.run.run_directory;
  facts.terms = {"cross_entropy", "wrong"};
  facts.parameters = engine_.parameters();
  facts.total_steps = steps();
  facts.stages = {setup_.run.training.stages.at(0).optimizer.kind};
  facts.engine = "libtorch";
  facts.device = "cpu";
  facts.backend = engine_.backend();
  facts.precision = to_string(setup_.task.precision);
  facts.reproducibility = to_string(setup_.run.training.reproducibility);
  return facts;
}

RunSummary ClassifySession::summarize(const std::string& status, const std::string& stopped_by) const {
  RunSummary summary;
  summary.status = status;
  summary.stopped_by = stopped_by;
  summary.steps = step;
  summary.wall_s = clock_.training_seconds();
  summary.ranks = communicator_.size();
  summary.engine = facts_.engine;
  summary.parameters = engine_.parameters();
  summary.points = images_.training.count();
  summary.points_seen = totals_.images_in_all();
  summary.points_per_s = static_cast<double>(summary.points_seen) / std::max(summary.wall_s, 1e-9);
  summary.term_names = facts_.terms;
  last_.tell(summary);
  summary.classification = {{"validation_loss", validation_loss_}, {"validation_accuracy", validation_accuracy_}};
  if (gate_.active())
    summary.gate = GateTotals{setup_.task.gate.target, totals_.images_in_all(), totals_.trained_in_all(), gate_.scored()};
  summary.classification.emplace_back("images_trained", static_cast<double>(totals_.trained_in_all()));
  summary.classification.emplace_back("images_scored", static_cast<double>(gate_.scored()));
  for (std::size_t c = 0; c < accuracy_of_class_.size(); ++c)
    summary.classification.emplace_back(fmt::format("accuracy/{}", c), accuracy_of_class_[c]);
  summary.warnings = warnings_.all();
  summary.checkpoints = checkpoints_.saves();
  summary.checkpoint_share = region_times()[Region::checkpoint] / std::max(clock_.process_seconds(), 1e-9);
  summary.skipped_steps = recovery_.skipped_steps();
  summary.parameter_hash = parameter_hash(parameters.values());
  summary.version = version;
  return summary;
}

TrainResult ClassifySession::finish() {
  if (last_.report().skipped)
    throw Error(Status::numerical,
                "loss or gradient is not finite at the last step; lower training.learning_rate, or set "
                "training.clip");
  const std::string status = end_.status(), reason = end_.running() ? "steps" : end_.reason(StageEnds({}));
  if (checkpoints_.saved_step() != step || !checkpoints_.failure().empty()) save();
  communicator_.agree("summary", [&] {
    const ScopedRegion region(Region::io);
    if (communicator_.root())
      write_model_file(setup_.run.run_directory + "/network.h5", model_, engine_.scales(), parameters.values(), step);
  });
  RunSummary summary = summarize(status, reason);
  profiling.finish(*objective_, step, clock_.agreed_seconds(), summary);
  const RunSpent all = spent(summary.wall_s);
  summary.joules = all.joules;
  summary.joules_modelled = all.modelled_joules;
  // A run that lost something, on any rank, does not tell of a good end first.
  communicator_.agree("summary", [&] { require_stored(); });
  communicator_.agree("summary", [&] {
    log_.tell([&](Observer& observer) { observer.finished(summary); });
    require_stored();
  });
  return {status, reason, last_.loss()};
}

void ClassifySession::require_stored() const {
  if (const std::string lost = profiling.failure(); !lost.empty()) throw Error(Status::storage, lost);
  if (!log_.failure().empty()) throw Error(Status::storage, log_.failure());
  if (!checkpoints_.failure().empty())
    throw Error(Status::storage, "the last checkpoint could not be written: " + checkpoints_.failure());
}

void ClassifySession::finish_failed(const Error& error) noexcept {
  profiling.fail(*objective_, step);
  try {
    const Status status = error.status();
    const char* other = status == Status::storage ? "storage" : status == Status::usage ? "input" : "communication";
    RunSummary summary = summarize("failed", status == Status::numerical ? "not finite" : other);
    summary.peak_memory_mib = {static_cast<double>(peak_resident_bytes()) / 1048576.0};
    for (const auto& observer : log_.observers()) observer->finished(summary);
  } catch (const std::exception&) {
    // The error itself is on its way to the user; a summary that cannot be written must not hide it.
  }
}

}  // namespace jetpinn
