// jetpinn sweep: trains every combination of values, side by side or as a Slurm array, and compares what became of them.
#include "jetpinn/app/driver.hpp"
#include "jetpinn/app/study_command.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/plural.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/folder_lock.hpp"
#include "jetpinn/problem/problem.hpp"
#include "jetpinn/study/launch.hpp"
#include "jetpinn/study/launch_environment.hpp"
#include "jetpinn/study/run_files.hpp"
#include "jetpinn/study/study_folder.hpp"
#include "jetpinn/study/study_slurm.hpp"
#include "jetpinn/study/sweep_study.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/scales.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

const char* const array_script = "array.sbatch";

std::string folder_of(const SweepOptions& options, const std::string& name) {
  return options.output.empty() ? "studies/" + name + "-sweep" : options.output;
}

class SweepCommand {
 public:
  // Every run's config is read before anything is started. Throws Error (usage).
  SweepCommand(StopRequests& stops, const SweepOptions& options)
      : stops_(stops), options_(options), plan_(plan_sweep(options.sets)),
        config_(load_config(options.config, plan_.fixed)) {
    runs_ = sweep_runs(plan_.axes);
    std::map<std::string, std::string> seen;   // name by config
    for (const SweepRun& run : runs_) {
      Config config = parse_config(config_.resolved, config_.path, assignments(plan_.axes, run));
      Problem problem = build_problem(config.problem);
      if (problem.scales.on)  // the run's folder keeps those that are chosen
        record_scales(config,
                      recorded_scales(
                          *assemble(std::move(problem), config.network, config.sampling, config.training.seed, 1).problem));
      if (const auto [same, fresh] = seen.emplace(config.resolved, run.name); !fresh)
        throw Error(Status::usage,
                    "the runs " + same->second + " and " + run.name + " have one config: two of the values are the same");
      resolved_.push_back(config.resolved);
    }
    check_ranks();
  }

  int run() {
    if (options_.dry_run) return list();
    const StudyFolder folder(
        {folder_of(options_, config_.name), {{"study", "\"sweep\""}}, options_.slurm, options_.force, options_.device},
        config_);
    const FolderLock lock(folder.path());
    const std::vector<std::size_t> open = open_runs(folder);
    say(fmt::format("sweep of {}: {}, {} of them there already, in {}", config_.name, plural(runs_.size(), "run"),
                    runs_.size() - open.size(), folder.path()));
    const bool finished = options_.slurm ? train_by_slurm(folder, open) : train_here(folder, open);
    if (options_.slurm && !finished && !stops_.asked()) return static_cast<int>(Status::done);   // --no-wait
    const Sweep sweep = sum_up(folder);
    const std::vector<Picture> pictures = draw_sweep(sweep);
    leave_results(
        folder,
        {{"sweep.json", sweep_json(sweep)}, {"sweep.csv", sweep_csv(sweep)}, {"index.html", sweep_page(sweep, pictures)}},
        pictures, sweep_text(sweep));
    return finished ? sweep.status() : static_cast<int>(Status::stopped);
  }

 private:
  void say(const std::string& line) const { say_unless(options_.quiet, line); }

  static int lent_cores() {
    const int tasks = environment_number("SLURM_JOB_ID") > 0 ? environment_number("SLURM_NTASKS") : 0;
    return tasks > 0 ? tasks : available_cores();
  }

  int at_once() const {
    const int fit = std::max(1, lent_cores() / options_.ranks);
    return options_.at_once > 0 ? options_.at_once : fit;
  }

  void check_ranks() const {
    if (options_.slurm) return;
    if (!options_.sbatch.empty()) throw Error(Status::usage, "--sbatch passes options to Slurm; add --slurm");
    if (options_.ranks > lent_cores())
      throw Error(Status::usage, fmt::format("--ranks asks for {} for each run, and {} may be used here; ask for "
                                             "fewer, or submit a job array with --slurm",
                                             plural(options_.ranks, "rank"), plural(lent_cores(), "core")));
  }

  // What would run, and nothing else.
  int list() const {
    std::size_t done = 0;
    for (std::size_t r = 0; r < runs_.size(); ++r) {
      const SweepOutcome found =
          read_sweep_outcome(folder_of(options_, config_.name) + "/runs/" + runs_[r].name, resolved_[r]);
      std::string sets;
      for (const std::string& assignment : assignments(plan_.axes, runs_[r])) sets += " --set " + shell_word(assignment);
      std::printf("%4zu  %-8s %s\n", r + 1, describe(found).c_str(), sets.c_str() + 1);
      done += found.state == SweepOutcome::State::done ? 1 : 0;
    }
    const std::string where = options_.slurm ? "as a Slurm array" : fmt::format("at most {} at a time", at_once());
    std::printf("%s, %zu of them there already, on %s each, %s, in %s\n", plural(runs_.size(), "run").c_str(), done,
                plural(options_.ranks, "rank").c_str(), where.c_str(), folder_of(options_, config_.name).c_str());
    return static_cast<int>(Status::done);
  }

  std::string run_folder(const StudyFolder& folder, std::size_t run) const { return folder.run(runs_[run].name); }
  SweepOutcome outcome(const StudyFolder& folder, std::size_t run) const {
    return read_sweep_outcome(run_folder(folder, run), resolved_[run]);
  }

  // Runs that failed are tried again: they go on from their last checkpoint.
  std::vector<std::size_t> open_runs(const StudyFolder& folder) const {
    std::vector<std::size_t> open;
    for (std::size_t r = 0; r < runs_.size(); ++r)
      if (outcome(folder, r).state != SweepOutcome::State::done) open.push_back(r);
    return open;
  }

  std::vector<std::string> train_options(const StudyFolder& folder, std::size_t run) const {
    std::vector<std::string> words{"--output", run_folder(folder, run), "--quiet"};
    for (const std::string& word : device_words(options_.device)) words.push_back(word);
    for (const std::string& assignment : assignments(plan_.axes, runs_[run]))
      words.insert(words.end(), {"--set", assignment});
    return words;
  }

  // False: asked to stop.
  bool train_here(const StudyFolder& folder, const std::vector<std::size_t>& open) const {
    std::vector<LaunchedRun> launches;
    for (const std::size_t run : open) {
      LaunchedRun launched;
      launched.options.ranks = options_.ranks;
      launched.options.bind = at_once() == 1;
      launched.options.log = run_folder(folder, run) + ".log";
      launched.arguments = {"train", folder.config_file()};
      for (const std::string& word : train_options(folder, run)) launched.arguments.push_back(word);
      launches.push_back(std::move(launched));
      remove_run_status(run_folder(folder, run));
    }
    std::size_t ended = 0;
    return launch_side_by_side(stops_, launches, at_once(), [&](std::size_t i, const LaunchResult& result) {
      write_run_status(run_folder(folder, open[i]), result.status, result.seconds);
      const SweepOutcome found = outcome(folder, open[i]);
      std::string what = describe(found);
      if (found.state == SweepOutcome::State::done)
        what = std::isfinite(found.error()) ? fmt::format("error {:.3e}, {:.1f} s", found.error(), found.wall_s)
                                            : fmt::format("loss {:.3e}, {:.1f} s", found.loss, found.wall_s);
      else if (!found.reason.empty())
        what += " (" + found.reason + ")";
      say(fmt::format("run {}/{}: {}: {}", ++ended, open.size(), runs_[open[i]].name, what));
    });
  }

  // A line of the file for each run, which jobs/array.sbatch trains as a task. False: asked to stop, or not to wait.
  bool train_by_slurm(const StudyFolder& folder, const std::vector<std::size_t>& open) const {
    const auto tell = [this](const std::string& line) { say(line); };
    const std::string stem = folder.jobs() + "/sweep", number = submitted_job(stem);
    // An array of an earlier call is collected first; what it left open the next call submits again.
    if (!number.empty()) return wait_for_jobs(stops_, {{stem, number}}, options_.wait, tell);
    if (open.empty()) return true;
    std::string lines = "# Read by jobs/array.sbatch: options of train, a line a task.\n";
    for (const std::size_t run : open) {
      lines += shell_line(train_options(folder, run)) + "\n";
      remove_run_status(run_folder(folder, run));
    }
    write_text_file(stem + ".runs", lines, Status::usage);
    const std::string script = batch_script(array_script),
                      limit = options_.at_once > 0 ? fmt::format("%{}", options_.at_once) : "";
    SlurmJob job{stem,
                 "the job array",
                 {"sbatch", "--parsable", "--job-name=sweep", "--output=" + stem + "-%A_%a.out",
                  fmt::format("--array=1-{}{}", open.size(), limit), fmt::format("--ntasks={}", options_.ranks),
                  fmt::format("--ntasks-per-node={}", options_.ranks)}};
    job.command.insert(job.command.end(), options_.sbatch.begin(), options_.sbatch.end());
    job.command.insert(job.command.end(), {script, folder.config_file(), stem + ".runs"});
    ::setenv("JETPINN_SWEEP", "1", 1);   // for the script: it leaves the status beside each run's folder
    const std::string submitted = submit(job, script);
    say(fmt::format("job {}: an array of {} on {} each", submitted, plural(open.size(), "run"),
                    plural(options_.ranks, "rank")));
    if (!options_.wait) {
      say("the same command collects the results when the jobs have ended");
      return false;
    }
    return wait_for_jobs(stops_, {{stem, submitted}}, true, tell);
  }

  Sweep sum_up(const StudyFolder& folder) const {
    std::vector<SweepOutcome> outcomes;
    for (std::size_t r = 0; r < runs_.size(); ++r) outcomes.push_back(outcome(folder, r));
    Sweep sweep = evaluate_sweep(options_, config_.name, plan_.axes, runs_, outcomes);
    sweep.machine = describe_machine();
    return sweep;
  }

  StopRequests& stops_;
  SweepOptions options_;
  SweepPlan plan_;
  Config config_;
  std::vector<SweepRun> runs_;
  std::vector<std::string> resolved_;   // [runs] the config that each must have been trained with
};

}  // namespace

int run_sweep(StopRequests& stops, const CommandLine& line) {
  return SweepCommand(stops, study_options(line.sweep, line)).run();
}

}  // namespace jetpinn
