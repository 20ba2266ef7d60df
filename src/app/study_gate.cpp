// jetpinn study gate: trains with a gate and without it, given the same steps and given the same seconds, and compares.
#include "jetpinn/app/driver.hpp"
#include "jetpinn/app/study_command.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/plural.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/io/folder_lock.hpp"
#include "jetpinn/problem/problem.hpp"
#include "jetpinn/study/gate_study.hpp"
#include "jetpinn/study/launch.hpp"
#include "jetpinn/study/run_files.hpp"
#include "jetpinn/study/study_folder.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/scales.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t evaluations_of_run = 20;

class GateStudyCommand {
 public:
  // Throws Error (usage).
  GateStudyCommand(StopRequests& stops, const GateStudyOptions& options) : stops_(stops), options_(options) {
    for (const std::string& set : options.sets)
      if (set.rfind("training.seed=", 0) == 0)
        throw Error(Status::usage,
                    "study gate trains with the seeds 0, 1, ...; leave " + set + " away, --seeds says how many");
    text_ = read_config_file(options.config);
    task_ = task_of(text_, options.config);
    config_ = load(options.sets);
    fixed_ = options.sets;
    if (images() ? !config_.images.gate.active() : !config_.training.has_gate())
      fixed_.push_back(fmt::format("gate.target={:g}", options.target));
    config_ = load(fixed_);
    images() ? take_epochs() : take_stage();
    for (int seed = 0; seed < options.seeds; ++seed)
      for (const GateVariant variant : gate_variants) runs_.push_back({variant, false, seed});
    for (int seed = 0; seed < options.seeds; ++seed)
      for (const GateVariant variant : gate_variants)
        if (variant != GateVariant::ungated) runs_.push_back({variant, true, seed});
    outcomes_.resize(runs_.size());
  }

  int run() {
    const StudyFolder folder(
        {options_.output.empty() ? "studies/" + config_.name + "-gate" : options_.output,
         {{"study", "\"gate\""}, {"seeds", std::to_string(options_.seeds)}, {"steps", std::to_string(steps_)}},
         false,
         options_.force,
         options_.device},
        config_);
    const FolderLock lock(folder.path());
    say_unless(options_.quiet,
               fmt::format("gate study of {}: {} of {}, {}, in {}", config_.name, plural(runs_.size(), "run"),
                           images() ? "a classification" : fmt::format("stage {}", stage_),
                           plural(steps_, images() ? "epoch" : "step"), folder.path()));
    bool finished = true;
    for (std::size_t r = 0; r < runs_.size() && finished; ++r) finished = take(folder, r);
    GateStudy study;
    study.options = options_;
    study.name = config_.name;
    study.target = images() ? config_.images.gate.target : config_.training.gate_of_stage(stage_).target;
    study.runs = runs_;
    study.outcomes = outcomes_;
    study.machine = describe_machine();
    leave_results(
        folder,
        {{"gate.json", gate_study_json(study)}, {"gate.csv", gate_study_csv(study)}, {"index.html", gate_study_page(study)}},
        {}, gate_study_text(study));
    return finished ? study.status() : static_cast<int>(Status::stopped);
  }

 private:
  bool images() const { return task_ == ConfigTask::images; }
  Config load(const std::vector<std::string>& sets) const { return parse_config(text_, options_.config, sets, task_); }

  void take_stage() {
    stage_ = gated_stage();
    take_gate_of_stage();
    steps_ = options_.steps > 0 ? options_.steps : config_.training.stages[stage_].steps;
    for (std::size_t s = 0; s < config_.training.stages.size(); ++s)
      if (s != stage_) fixed_.push_back(fmt::format("training.stages.{}.steps=0", s));
  }

  // A step's time is that between the ends of epochs.
  void take_epochs() {
    steps_ = options_.steps > 0 ? options_.steps : config_.images.epochs;
    if (steps_ < 2)
      throw Error(Status::usage, options_.config +
                                     ": a study of images compares at least 2 epochs; raise training.epochs, or "
                                     "--steps, which counts epochs here");
  }

  std::size_t gated_stage() const {
    for (std::size_t s = 0; s < config_.training.stages.size(); ++s)
      if (config_.training.gate_of_stage(s).active()) return s;
    throw Error(
        Status::usage,
        options_.config + ": no stage can have a gate: gates are for stages of adam, adamw and soap that take steps");
  }

  // A stage's own gate would stand before what the variants set: it becomes that of the run.
  void take_gate_of_stage() {
    if (!config_.training.stages[stage_].gate.any()) return;
    const GateOptions gate = config_.training.gate_of_stage(stage_);
    const std::vector<std::string> sets = {
        fmt::format("training.stages.{}.gate={{}}", stage_), fmt::format("gate.target={}", gate.target),
        fmt::format("gate.unbiased={}", gate.unbiased),      fmt::format("gate.refresh={}", gate.refresh),
        fmt::format("gate.warm_up={}", gate.warm_up),        fmt::format("gate.uniform={}", gate.uniform)};
    fixed_.insert(fixed_.end(), sets.begin(), sets.end());
    config_ = load(fixed_);
  }

  const GateOutcome& ungated(int seed) const {
    for (std::size_t r = 0; r < runs_.size(); ++r)
      if (runs_[r].variant == GateVariant::ungated && runs_[r].seed == seed) return outcomes_[r];
    throw Error(Status::usage, "no ungated run");
  }

  // How many times as many steps as in the ungated run fit its seconds; 1 for runs of the same steps. Empty: not known.
  double factor(const GateRun& run) const {
    if (!run.by_seconds) return 1;
    for (std::size_t r = 0; r < runs_.size(); ++r)
      if (!runs_[r].by_seconds && runs_[r].variant == run.variant && runs_[r].seed == run.seed)
        return ungated(run.seed).step_s / outcomes_[r].step_s;
    return NAN;
  }

  // The schedule of the rate is stretched with the steps.
  std::vector<std::string> sets_of(const GateRun& run, double factor) const {
    std::vector<std::string> sets = fixed_;
    const std::vector<std::string> own = assignments_of(run.variant, images());
    sets.insert(sets.end(), own.begin(), own.end());
    const auto steps = std::max<std::int64_t>(1, std::llround(factor * static_cast<double>(steps_)));
    const std::string stage = images() ? "training." : fmt::format("training.stages.{}.", stage_);
    sets.push_back(fmt::format("training.seed={}", run.seed));
    sets.push_back(fmt::format("{}{}={}", stage, images() ? "epochs" : "steps", steps));
    if (!images())  // images are validated after every epoch
      sets.push_back(fmt::format("output.evaluate_every={}", std::max<std::int64_t>(1, steps / evaluations_of_run)));
    if (!run.by_seconds) return sets;
    const ScheduleOptions& rate = config_.training.stages[stage_].optimizer.learning_rate;
    if (rate.kind == "exponential") sets.push_back(fmt::format("{}learning_rate.every={:.6g}", stage, factor * rate.every));
    sets.push_back(fmt::format("training.stop.time='{:.3f} s'", 1.02 * ungated(run.seed).wall_s));
    return sets;
  }

  // The config that a run must have been trained with.
  std::string resolved(const std::vector<std::string>& sets) const {
    Config config = load(sets);
    if (images()) return config.resolved;
    Problem problem = build_problem(config.problem);
    if (problem.scales.on)
      record_scales(
          config,
          recorded_scales(*assemble(std::move(problem), config.network, config.sampling, config.training.seed, 1).problem));
    return config.resolved;
  }

  // Of a study that was stopped: the run is timed, and cannot go on. One that has not ended yet, as that of a study that was
  // killed a moment ago, is left to its process, with a message.
  static void remove_begun(const std::string& path) {
    const FolderLock lock(path);
    remove_folder(path);
  }

  // False: asked to stop.
  bool take(const StudyFolder& folder, std::size_t number) {
    const GateRun& run = runs_[number];
    const std::string path = folder.run(run.name());
    const double times = factor(run);
    if (!std::isfinite(times)) {
      outcomes_[number].reason = "the run of the same steps did not come to its end";
      return true;
    }
    const std::vector<std::string> sets = sets_of(run, times);
    const std::string config = resolved(sets);
    outcomes_[number] = read_gate_outcome(path, config);
    if (!outcomes_[number].done) {
      if (!outcomes_[number].fault.empty())
        say_unless(options_.quiet, fmt::format("run {}/{}: {}: {}; it is trained again", number + 1, runs_.size(),
                                               run.name(), outcomes_[number].fault));
      remove_run_status(path);
      if (was_begun_with(path, config)) remove_begun(path);
      LaunchOptions launch_options;
      launch_options.log = path + ".log";
      std::vector<std::string> words{
          images() ? "classify" : "train", options_.config, "--output", path, "--quiet", "--force"};
      for (const std::string& word : device_words(options_.device)) words.push_back(word);
      for (const std::string& set : sets) words.insert(words.end(), {"--set", set});
      const LaunchResult result = launch(stops_, launch_options, words);
      write_run_status(path, result.status, result.seconds);
      outcomes_[number] = read_gate_outcome(path, config);
    }
    const GateOutcome& found = outcomes_[number];
    say_unless(options_.quiet,
               fmt::format("run {}/{}: {}: {}", number + 1, runs_.size(), run.name(),
                           found.done ? fmt::format("{} {:.3e}, {}, {:.1f} s, activation {:.3f}", found.measure, found.error,
                                                    plural(found.steps, "step"), found.wall_s, found.activation)
                                      : found.reason));
    return !stops_.came();
  }

  StopRequests& stops_;
  GateStudyOptions options_;
  std::string text_;  // of the config
  ConfigTask task_ = ConfigTask::problem;
  Config config_;
  std::vector<std::string> fixed_;  // assignments of all runs
  std::size_t stage_ = 0;           // that is trained
  std::int64_t steps_ = 0;          // of a run of the same steps; of images epochs
  std::vector<GateRun> runs_;
  std::vector<GateOutcome> outcomes_;  // [runs]
};

}  // namespace

int run_study_gate(StopRequests& stops, const CommandLine& line) {
  return GateStudyCommand(stops, study_options(line.gate_study, line)).run();
}

}  // namespace jetpinn
