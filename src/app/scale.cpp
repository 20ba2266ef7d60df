// jetpinn scale: measures whole trainings on other numbers of ranks and points, one after the other,
// and says what they say together.
#include "jetpinn/app/driver.hpp"
#include "jetpinn/app/study_command.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/plural.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/io/folder_lock.hpp"
#include "jetpinn/network/run_networks.hpp"
#include "jetpinn/problem/problem.hpp"
#include "jetpinn/scale/scale_page.hpp"
#include "jetpinn/scale/scale_report.hpp"
#include "jetpinn/scale/scale_slurm.hpp"
#include "jetpinn/study/launch.hpp"
#include "jetpinn/study/launch_environment.hpp"
#include "jetpinn/study/run_files.hpp"
#include "jetpinn/study/study_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

// The folder and what must not change in it.
StudyIdentity identity(const ScaleOptions& options, const std::string& name) {
  const std::int64_t steps = options.until_error > 0 ? 0 : options.steps;
  return {options.output.empty() ? "studies/" + name + "-" + to_string(options.kind) : options.output,
          {{"study", fmt::format("\"{}\"", to_string(options.kind))},
           {"steps", std::to_string(steps)},
           {"until_error", fmt::format("{}", options.until_error)}},
          options.slurm,
          options.force,
          options.device};
}

struct Measurement {
  Configuration configuration;
  int repeat = 1;
};

class ScalingCommand {
 public:
  ScalingCommand(StopRequests& stops, const ScaleOptions& options, const Config& config)
      : stops_(stops), options_(options), config_(config),
        plan_(plan_configurations(options, total(points_of_terms(config)))),
        folder_(identity(options, config.name), config) {}

  int run() {
    const FolderLock lock(folder_.path());
    say(fmt::format("{} scaling of {}: {}, {}, in {}", to_string(options_.kind), config_.name,
                    plural(plan_.size(), "configuration"), plural(options_.repeats, "repeat"), folder_.path()));
    const bool finished = options_.slurm ? measure_by_slurm() : measure_here();
    if (options_.slurm && !finished && !stops_.asked()) return static_cast<int>(Status::done);   // --no-wait
    const Study study = sum_up();
    const std::vector<Picture> pictures = draw_study(study);
    leave_results(
        folder_,
        {{"study.json", study_json(study)}, {"study.csv", study_csv(study)}, {"index.html", study_page(study, pictures)}},
        pictures, study_text(study));
    return finished ? study.status() : static_cast<int>(Status::stopped);
  }

 private:
  static std::int64_t total(const std::map<std::string, std::int64_t>& points) {
    return std::accumulate(points.begin(), points.end(), std::int64_t{0},
                           [](std::int64_t sum, const auto& term) { return sum + term.second; });
  }

  void say(const std::string& line) const { say_unless(options_.quiet, line); }

  MeasuredRun outcome(const Measurement& m) const {
    return read_outcome(folder_.run(m.configuration.name(m.repeat)), options_.steps, options_.until_error);
  }

  std::vector<std::string> arguments(const Measurement& m) const {
    return run_arguments(options_, config_, folder_.config_file(), m.configuration,
                         folder_.run(m.configuration.name(m.repeat)));
  }

  // What is not measured yet, repeats outermost: a slow change of the machine then touches all configurations alike.
  std::vector<Measurement> open_measurements() const {
    std::vector<Measurement> open;
    for (int repeat = 1; repeat <= options_.repeats; ++repeat)
      for (const Configuration& configuration : plan_)
        if (const Measurement m{configuration, repeat}; outcome(m).state != MeasuredRun::State::measured) open.push_back(m);
    return open;
  }

  // False: asked to stop.
  bool measure_here() const {
    const std::vector<Measurement> open = open_measurements();
    const std::size_t all = plan_.size() * static_cast<std::size_t>(options_.repeats);
    if (open.size() < all) say(fmt::format("{} of {} runs are there already", all - open.size(), all));
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (stops_.asked()) return false;
      const Measurement& m = open[i];
      const std::string run = folder_.run(m.configuration.name(m.repeat));
      const LaunchOptions options{m.configuration.ranks, options_.oversubscribe, 0, run + ".log"};
      const LaunchResult result = launch(stops_, options, arguments(m));
      if (stops_.asked() && result.status != 0) return false;   // unless it had come to its end
      write_run_status(run, result.status, result.seconds);
      const MeasuredRun found = outcome(m);
      const std::string what =
          found.state != MeasuredRun::State::measured
              ? describe_hole(found) + (found.status > 0 && !found.reason.empty() ? " (" + found.reason + ")" : "")
          : options_.until_error > 0 ? fmt::format("{:.2f} s", found.time_to_error_s)
                                     : fmt::format("{:.3f} ms a step", 1e3 * found.step_s);
      say(fmt::format("run {}/{}: {}, {}, repeat {}: {}", i + 1, open.size(), plural(m.configuration.ranks, "rank"),
                      plural(m.configuration.points, "point"), m.repeat, what));
    }
    return true;
  }

  // Submits what is not measured, unless jobs are at it. False: asked to stop, or not to wait.
  bool measure_by_slurm() const {
    std::map<int, std::vector<std::pair<std::string, std::vector<std::string>>>> runs;   // by ranks
    for (const Measurement& m : open_measurements())
      runs[m.configuration.ranks].emplace_back(folder_.run(m.configuration.name(m.repeat)), arguments(m));
    std::map<std::string, std::string> jobs;   // number by the stem of its files
    bool collected = false;
    for (const auto& [ranks, list] : runs) {
      const std::string stem = scale_stem(folder_, ranks), number = submitted_job(stem);
      if (!number.empty()) jobs[stem] = number;
      collected = collected || !number.empty();
    }
    // Jobs of an earlier call of this command are collected first; what they left open the next call submits again.
    for (const auto& [ranks, list] : runs) {
      if (collected) break;
      const SlurmJob job = scale_job(options_, folder_, ranks, list);
      jobs[job.stem] = submit(job, batch_script(scale_script));
      say(fmt::format("job {}: {} on {}", jobs[job.stem], plural(list.size(), "run"), plural(ranks, "rank")));
    }
    if (!options_.wait && !collected && !jobs.empty()) {
      say("the same command collects the results when the jobs have ended");
      return false;
    }
    return wait_for_jobs(stops_, jobs, options_.wait, [this](const std::string& line) { say(line); });
  }

  Study sum_up() const {
    std::vector<std::vector<MeasuredRun>> runs;
    for (const Configuration& configuration : plan_) {
      runs.emplace_back();
      for (int repeat = 1; repeat <= options_.repeats; ++repeat) runs.back().push_back(outcome({configuration, repeat}));
    }
    Study study = evaluate_study(options_, plan_, runs);
    study.name = config_.name;
    study.network = describe_network();
    study.precision = to_string(config_.training.precision);
    study.machine = describe_machine();
    if (options_.slurm)
      study.warnings.insert(study.warnings.begin(),
                            "measured by Slurm jobs; the machine described is the one that collected them");
    return study;
  }

  std::string describe_network() const {
    std::string all;
    for (const NetworkOptions& network : networks_of(config_.network)) {
      std::string text;
      for (const auto width : network.hidden) text += (text.empty() ? "" : " x ") + std::to_string(width);
      all += (all.empty() ? "" : " and ") + text;
    }
    return "hidden layers of " + all;
  }

  StopRequests& stops_;
  ScaleOptions options_;
  const Config& config_;
  std::vector<Configuration> plan_;
  StudyFolder folder_;
};

}  // namespace

int run_scale(StopRequests& stops, const CommandLine& line) {
  const ScaleOptions options = study_options(line.scale, line);
  const Config config = load_config(options.config, options.sets);
  build_problem(config.problem);   // an equation that is wrong is said once, and before anything is started
  check_options(options, available_cores(), environment_number("SLURM_JOB_ID") > 0 ? environment_number("SLURM_NTASKS") : 0,
                config.problem.terms.size());
  return ScalingCommand(stops, options, config).run();
}

}  // namespace jetpinn
