#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/point_tables.hpp"
#include "jetpinn/app/pruned_folder.hpp"
#include "jetpinn/app/train_run.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/bench/bench_batches.hpp"
#include "jetpinn/comm/publish_records.hpp"
#include "jetpinn/compress/prune_report.hpp"
#include "jetpinn/compress/unit_scores.hpp"
#include "jetpinn/compress/width_plan.hpp"
#include "jetpinn/config/pruned_config.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/folder_lock.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/network/run_networks.hpp"
#include "jetpinn/runtime/runtime.hpp"
#include "jetpinn/train/physics.hpp"
#include "jetpinn/train/run_summary.hpp"
#include "jetpinn/train/step_batches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

namespace jetpinn {
namespace {

using Hidden = std::vector<std::vector<std::int64_t>>;

Hidden hidden_of_config(const Config& config) {
  Hidden hidden;
  for (const NetworkOptions& network : networks_of(config.network)) hidden.push_back(network.hidden);
  return hidden;
}

std::vector<std::int64_t> widths_of(const UnitGroups& groups) {
  std::vector<std::int64_t> widths;
  for (const UnitGroup& group : groups.groups) widths.push_back(group.units);
  return widths;
}

std::string output_folder(const CommandLine& line) {
  return line.output.empty() ? folder_beside(line.subject, "-pruned") : without_trailing_slash(line.output);
}

class Pruning {
 public:
  Pruning(Communicator& communicator, const CommandLine& line)
      : communicator_(communicator), line_(line), folder_(output_folder(line)) {
    quiet_line_.quiet = true;  // of the fine-tunings
    quiet_line_.debug = line.debug;
  }

  Status run() {
    begin();
    if (!open_folder()) return Status::done;
    publish_rank_records(communicator_, folder_);
    for (int round = 1; round <= options().rounds; ++round)
      if (!run_round(round)) return stop();
    finish();
    return Status::done;
  }

 private:
  const PruneOptions& options() const { return report_.options; }

  // Before anything is written: what cannot be done leaves nothing behind.
  void begin() {
    report_.options = line_.prune;
    report_.source = line_.subject;
    report_.sets = line_.sets;
    communicator_.agree("prune", [&] {
      check_prune_options(options());
      if (communicator_.root()) require_apart(folder_, line_.subject, "pruned");
    });
    source_ = current_ = std::make_shared<Trained>(load_trained(communicator_, line_.subject, line_.sets));
    if (!line_.quiet) tell_source(communicator_, source_->source);
    const Config& config = source_->config;
    require_same_tables(communicator_, config, *source_->assembly.problem, line_.subject, "prune");
    communicator_.agree("prune", [&] {
      if (config.training.windows.cut())
        throw Error(Status::usage, line_.subject +
                                       " was trained in windows, each with a network of its own; prune the run "
                                       "folder of a window, as in " +
                                       line_.subject + "/windows/0");
      for (const Layer& layer : current_->assembly.network.layers)
        for (const ParameterBlock& block : layer.blocks)
          if (block.pattern)
            throw Error(Status::usage, line_.subject +
                                           " keeps some weights of its matrices alone (network.pattern); prune the "
                                           "network that it was made from, and sparsify what that leaves");
      take_last_stage(*current_);
      const UnitGroups groups = unit_groups(current_->assembly.network);
      require_reachable(options(), current_->assembly.network, groups);
      first_widths_ = widths_of(groups);
      if (report_.options.learning_rate == 0) report_.options.learning_rate = first_learning_rate(config);
      if (report_.options.learning_rate == 0) report_.options.learning_rate = default_rate;
    });
    const Config tuning = config_for(hidden_of_config(config), report_.options.steps, "", folder_);
    communicator_.agree("device", [&] { device_ = device_for(communicator_, line_, tuning.training); });
    say_device(communicator_, line_);
    report_.device = device_;
    report_.source_hash = parameter_hash(current_->parameters);
    report_.config_hash = hex(hash_of(config.resolved));
    report_.steps = options().steps;
    if (options().epochs > 0) report_.steps = options().epochs * steps_of_pass();
    report_.before = describe(*current_, widths_of(unit_groups(current_->assembly.network)));
    report_.after = report_.before;
    report_.status = "pruning";
    if (config.training.precision == Precision::fp32) report_.bytes_per_parameter = sizeof(float);
    report_.precision = report_.bytes_per_parameter == sizeof(float) ? "fp32" : "fp64";
  }

  std::int64_t steps_of_pass() {
    const Config config = config_for(hidden_of_config(source_->config), 1, "", folder_);
    Problem problem = read_problem(communicator_, config);
    take_kept_tables(communicator_, problem, line_.subject);
    std::int64_t steps = 1;
    communicator_.agree("prune", [&] {
      const Assembly assembly =
          assemble(std::move(problem), config.network, config.sampling, config.training.seed, communicator_.size());
      steps = steps_of_epoch(assembly, config.training, 0);
    });
    return steps;
  }

  // Collective. A config that the fine-tuning cannot have, such as an unknown optimiser, is refused here.
  Config config_for(const Hidden& hidden, std::int64_t steps, const std::string& start_from, const std::string& folder) {
    Config config;
    communicator_.agree("prune", [&] {
      config = pruned_config(source_->config, hidden, {options().optimizer, steps, options().learning_rate}, start_from,
                             folder + "/config.toml");
    });
    return config;
  }

  // The problem as the last stage had it is the one that the network has learned.
  static void take_last_stage(Trained& trained) {
    trained.assembly.use_stage(static_cast<std::int64_t>(trained.config.training.trained_stages().back()));
  }

  Trained load(const std::string& folder) {
    Trained trained = load_trained(communicator_, folder, {});
    take_last_stage(trained);
    return trained;
  }

  PrunedNetwork describe(const Trained& trained, const std::vector<std::int64_t>& widths) {
    const Network& network = trained.assembly.network;
    EngineOptions engine = trained.engine;
    engine.reproducibility = Reproducibility::ranks;  // rounds are judged alike on any number of ranks
    return {hidden_of_config(trained.config), network.parameters, flop_of_values(network, unit_groups(network), widths),
            measure_network(communicator_, trained.assembly, engine, trained.parameters)};
  }

  // False: this pruning is complete there already.
  bool open_folder() {
    FoundPruning found = FoundPruning::fresh;
    communicator_.agree("run folder", [&] {
      if (!communicator_.root()) return;
      found = open_pruned_folder(folder_, prune_request(report_), line_.force);
      if (found != FoundPruning::complete) lock_ = std::make_unique<FolderLock>(folder_);
    });
    communicator_.broadcast("run folder", &found, sizeof found);
    if (found == FoundPruning::complete) {
      say(folder_ + ": this pruning is complete; other options or --force would prune again");
      return false;
    }
    write_report();
    say(fmt::format("{} {} parameters, by {} {}, to about {:.0f}", hidden_text(report_.before.hidden),
                    report_.before.parameters, to_string(options().score),
                    options().global ? "over all layers" : "in each layer",
                    parameters_after(options(), report_.before.parameters, options().rounds)));
    return true;
  }

  // Where a round was rolled back the next one tries half of the step.
  double goal_of(int round) const {
    if (!failed_) return parameters_after(options(), report_.before.parameters, round);
    return 0.5 * static_cast<double>(*failed_ + report_.after.parameters);
  }

  // False: asked to stop.
  bool run_round(int number) {
    if (asked_to_stop()) return false;
    PruneRound round;
    round.round = number;
    round.goal = goal_of(number);
    const std::string folder = round_folder(folder_, number);
    if (!start_is_there(folder) && !make_start(round.goal, folder)) return true;
    const Trained start = load(folder + "/start");
    round.removed = describe(start, widths_of(unit_groups(start.assembly.network)));

    RunRequest request;
    request.config = config_for(round.removed.hidden, report_.steps, "start", folder);
    request.folder = folder;
    request.device = device_;
    request.part = true;
    request.start = start.parameters;
    request.begin = wall_seconds();
    begin_regions(request.begin);
    if (train_run(communicator_, quiet_line_, request) == RunOutcome::stopped) return false;
    Trained tuned = load(folder);
    round.steps = std::max<std::int64_t>(tuned.source.step, 0);
    PrunedNetwork after = describe(tuned, widths_of(unit_groups(tuned.assembly.network)));
    round.tuned = after.measure;
    round.growth = growth(report_.before.measure, round.tuned);
    round.accepted = round.growth <= options().allowed_loss;
    if (round.accepted) {
      report_.after = std::move(after);
      current_ = std::make_shared<Trained>(std::move(tuned));
      last_accepted_ = number;
    } else {
      failed_ = round.removed.parameters;
    }
    say(prune_round_text(report_, round));
    report_.rounds.push_back(std::move(round));
    write_report();
    return true;
  }

  bool start_is_there(const std::string& folder) {
    char there = communicator_.root() && has_network(folder + "/start");
    communicator_.broadcast("prune", &there, sizeof there);
    return there;
  }

  // The network of the round before its fine-tuning, as a run folder of its own. False: no unit can go.
  bool make_start(double goal, const std::string& folder) {
    const Assembly& assembly = current_->assembly;
    const UnitGroups groups = unit_groups(assembly.network);
    std::vector<PointSet> batches;
    UnitStatistics statistics;
    communicator_.agree("unit scores", [&] {
      batches = score_batches(current_->assembly, communicator_.rank());
      statistics = unit_statistics(assembly, batches, current_->parameters);
    });
    const auto scores = unit_scores(communicator_, options(), assembly, groups, batches, statistics, current_->parameters);
    const WidthPlan plan = plan_widths(options(), assembly.network, groups, first_widths_, scores, goal);
    if (plan.parameters == assembly.network.parameters || (failed_ && plan.parameters <= *failed_)) {
      say(fmt::format("no round of {:.0f} parameters: whole neurons come no nearer to it than the {} there are", goal,
                      assembly.network.parameters));
      return false;
    }
    const Hidden hidden = hidden_of(groups, plan.widths, hidden_of_config(current_->config));
    const Config config = config_for(hidden, report_.steps, "", folder + "/start");
    Problem problem = read_problem(communicator_, config);
    take_kept_tables(communicator_, problem, line_.subject);
    communicator_.agree("prune", [&] {
      const Assembly smaller =
          assemble(std::move(problem), config.network, config.sampling, config.training.seed, communicator_.size());
      std::vector<double> folded = current_->parameters;
      if (options().fold) fold_means(assembly.network, groups, plan.kept, statistics.mean, folded);
      const std::vector<double> parameters = remove_units(assembly.network, groups, plan.kept, folded, smaller.network);
      if (communicator_.root())
        write_untrained_run(folder + "/start", config.resolved, *smaller.problem, smaller.network, parameters);
    });
    return true;
  }

  bool asked_to_stop() {
    double stop = stop_requested() ? 1 : 0;
    communicator_.max("prune", &stop, 1);
    return stop > 0;
  }

  Status stop() {
    report_.status = "stopped";
    write_report();
    say(folder_ + ": stopped; the same command goes on");
    return Status::stopped;
  }

  // As `evaluate --physics --against` says it of the run folders.
  void measure_physics() {
    const PhysicsPoints points(source_->assembly, {});
    StatementEvaluator before(communicator_, source_->assembly, source_->engine, source_->parameters, points);
    const std::vector<StatementSizes> sizes = before.sizes();
    report_.physics_before = report_.physics_after = before.measures(sizes);
    if (last_accepted_ == 0) return;
    const PhysicsPoints points_after(current_->assembly, {});
    StatementEvaluator after(communicator_, current_->assembly, current_->engine, current_->parameters, points_after);
    report_.physics_after = after.measures(sizes);
  }

  void finish() {
    measure_physics();
    communicator_.set_deadline(0);  // others wait for rank 0's measurements longer than for a step of training
    communicator_.agree("prune", [&] {
      if (!communicator_.root()) return;
      copy_run(last_accepted_ > 0 ? round_folder(folder_, last_accepted_) : line_.subject, folder_);
      if (!has_network(folder_))  // the run was stopped, and its parameters are those of a checkpoint
        write_network_file(folder_ + "/network.h5", *current_->assembly.problem, current_->assembly.network,
                           current_->parameters.data(), current_->source.step);
      measure_times();
      report_.status = "completed";
      write_text_file(folder_ + "/architecture.svg", architecture_svg(report_));
      write_text_file(folder_ + "/error.svg", error_svg(report_));
      write_text_file(folder_ + "/pruning.json", prune_json(report_));
      forget_copies(folder_);
      std::fputs(prune_text(report_).c_str(), stdout);
      std::fflush(stdout);
    });
  }

  // Rank 0, while the others wait.
  void measure_times() {
    const Trained &before = *source_, &after = *current_;
    const Precision precision = report_.bytes_per_parameter == sizeof(float) ? Precision::fp32 : Precision::fp64;
    std::vector<BatchCandidate> candidates{{before.assembly.network, before.assembly.fields, before.parameters},
                                           {after.assembly.network, after.assembly.fields, after.parameters},
                                           {before.assembly.network, before.assembly.fields, before.parameters, "libtorch"}};
    std::vector<std::vector<SampleSpread>> times;
    BenchBatchesOptions batches;
    if (line_.bench_seconds >= 0) batches.seconds = line_.bench_seconds;
    try {
      times = bench_batches(*before.assembly.problem, candidates, precision, batches);
    } catch (const Error&) {  // no LibTorch here, which nothing else asks for
      candidates.pop_back();
      times = bench_batches(*before.assembly.problem, candidates, precision, batches);
    }
    const auto time_of = [](const SampleSpread& spread) { return BatchTime{spread.median, spread.lower, spread.upper}; };
    for (std::size_t b = 0; b < times.size(); ++b)
      report_.times.push_back({batches.points[b], time_of(times[b][0]), time_of(times[b][1]),
                               times[b].size() > 2 ? time_of(times[b][2]) : BatchTime{}});
  }

  void write_report() {
    communicator_.agree("pruning.json", [&] {
      if (communicator_.root()) write_text_file(folder_ + "/pruning.json", prune_json(report_));
    });
  }

  void say(const std::string& sentence) {
    if (!communicator_.root() || line_.quiet) return;
    std::printf("%s\n", sentence.c_str());
    std::fflush(stdout);
  }

  static constexpr double default_rate = 1e-3;  // where no stage of the run has a rate

  Communicator& communicator_;
  const CommandLine& line_;
  const std::string folder_;
  CommandLine quiet_line_;
  PruneReport report_;
  std::string device_;
  std::shared_ptr<Trained> source_;         // the network of the run
  std::shared_ptr<Trained> current_;        // that of the last accepted round; first that of the run
  std::vector<std::int64_t> first_widths_;  // [groups] before the first round
  std::optional<std::int64_t> failed_;      // parameters of the last round that was rolled back
  int last_accepted_ = 0;                   // 0: none
  std::unique_ptr<FolderLock> lock_;        // rank 0
};

}  // namespace

int run_prune(Communicator& communicator, const CommandLine& line) {
  return static_cast<int>(Pruning(communicator, line).run());
}

}  // namespace jetpinn
