#include "jetpinn/app/command_line.hpp"

#include "jetpinn/app/benchmarks.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/config/units.hpp"
#include "jetpinn/expr/parser.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

namespace jetpinn {
namespace {

using Names = std::vector<std::string>;

const Names& available_commands() {
  static const Names names{"train", "evaluate", "predict", "check", "bench", "scale", "profile"};
  return names;
}

const Names& later_commands() {
  static const Names names{"sample", "prune", "sparsify", "adapt", "export", "ablate", "report"};
  return names;
}

bool has(const Names& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

[[noreturn]] void fail_choice(const std::string& what, const std::string& name, const Names& known) {
  const std::string nearest = nearest_name(name, known);
  std::string list;
  for (const std::string& item : known) list += (list.empty() ? "" : ", ") + item;
  throw Error(Status::usage, "unknown " + what + " '" + name + "'; " +
                                 (nearest.empty() ? "there is " + list : "did you mean '" + nearest + "'?"));
}

// Commands that are missing or misspelt, in words of their own.
void check_command(const std::string& name) {
  if (has(later_commands(), name))
    throw Error(Status::usage, "the command '" + name + "' is not available yet in this version of jetpinn");
  if (!has(available_commands(), name)) fail_choice("command", name, available_commands());
}

void check_benchmark(const std::string& name) {
  if (find_benchmark(name)) return;
  static const Names later{"sparse"};
  Names known;
  for (const Benchmark& benchmark : benchmarks()) known.push_back(benchmark.name);
  if (has(later, name)) throw Error(Status::usage, "'bench " + name + "' is not available yet in this version of jetpinn");
  fail_choice("benchmark", name, known);
}

// Whether a config belongs to a benchmark, which the options of one subcommand for all of them cannot say.
void check_bench_subject(const CommandLine& line) {
  const Benchmark::Subject subject = find_benchmark(line.benchmark)->subject;
  if (subject == Benchmark::Subject::required && line.subject.empty())
    throw Error(Status::usage, "bench " + line.benchmark + " needs a CONFIG (see jetpinn bench --help)");
  if (subject == Benchmark::Subject::none && !line.subject.empty())
    throw Error(Status::usage, "bench " + line.benchmark + " takes no config, but '" + line.subject + "' was given; leave it away");
}

std::string describe_benchmarks() {
  std::string text;
  for (const Benchmark& benchmark : benchmarks()) text += (text.empty() ? "" : "\n") + std::string(benchmark.name) + ": " + benchmark.doc;
  return text;
}

void add_common_options(CLI::App& command, CommandLine& line, std::vector<std::string>& seed) {
  command
      .add_option("--set", line.sets,
                  "Another value for a key of the config: path.to.key=value, list items by "
                  "number\n(training.stages.0.steps=1); may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command.add_option("--output", line.output, "Folder for what is written")->type_name("DIR");
  command.add_option("--file", line.file, "File for what is written, where it is one")->type_name("FILE");
  command.add_option("--device", line.device, "auto, cpu or cuda")->type_name("NAME")->capture_default_str();
  command.add_option("--seed", seed, "Seed of parameters and points (training.seed)")->type_name("N")->expected(1);
  command.add_option("--log-level", line.log_level, "debug, info, warning or error")
      ->type_name("LEVEL")
      ->capture_default_str();
  command.add_flag("--quiet", line.quiet, "Print nothing but errors and results");
  command.set_version_flag("--version", version_text, "Print the version of jetpinn and of every library in it");
}

struct Interface {
  CommandLine line;
  std::vector<std::string> seed;
  std::string max_time;
  std::string kind, ranks, scale_points, until;   // scale
  CLI::App app{"jetpinn trains physics-informed neural networks from one TOML file, on any number of MPI ranks.", "jetpinn"};

  Interface() {
    app.set_version_flag("--version", version_text, "Print the version of jetpinn and of every library in it");
    app.require_subcommand(0, 1);
    app.set_help_flag("-h,--help", "Print this and leave");
    app.footer("Not available yet: " + join_later() +
               ".\nEach command has its --help; train --help and check --help list every key of a config.");

    CLI::App& train = add("train", "Train the problem of a config file and leave a run folder", "CONFIG", "TOML file");
    train.add_flag("--force", line.force, "Rename a run folder that is in the way to <folder>.old-1 (-2, ...)");
    train
        .add_option("--resume", line.resume, "auto: go on from the last checkpoint of the run in the folder; never: refuse")
        ->type_name("auto|never")
        ->capture_default_str();
    train.add_option("--max-time", max_time, "Stop with a checkpoint (status 75) so that the process is gone after this time, as in \"10 min\" or seconds; 0: never")
        ->type_name("TIME");
    train.add_flag("--debug", line.debug, "Level ranks, the plan first as check prints it, and an end at the first value that is not finite");
    train.footer("Keys of the config, with types and defaults:\n\n" + describe_keys());

    add("evaluate", "Compare the trained network of a run folder with the reference solution", "RUN", "Run folder");

    CLI::App& predict = add("predict", "Values of the trained network at given points", "RUN", "Run folder");
    predict.add_option("--points", line.points, "Point table (HDF5) with the coordinates")->type_name("FILE");
    predict.add_option("--grid", line.grid, "Grid with both ends included, as in t=0:1:101,x=-1:1:201")->type_name("AXES");
    predict
        .add_option("--quantities", line.quantities, "What to compute, as in \"u, u_x, d(u*u, x)\" (default: every field)")
        ->type_name("LIST");
    predict.footer("Writes to --file, else to solution.h5 in --output or the run folder.");

    CLI::App& check = add("check", "Validate a config and print what would run, without running it", "CONFIG", "TOML file");
    check.add_flag("--dump-config", line.dump_config, "Print the config with every default and override in place, as TOML");
    check.add_flag("--schema", line.schema, "Print the JSON Schema of configs (not available yet)");
    check.footer("Keys of the config, with types and defaults:\n\n" + describe_keys());

    CLI::App& profile = add("profile", "Print again what a run did with its time and memory, compare it with another, export it", "RUN", "Run folder");
    profile.add_option("--compare", line.compare, "Another run folder: both side by side, and what differs beyond the scatter of their intervals")->type_name("RUN");
    profile.add_option("--trace", line.trace, "Write the traced steps to this file, for ui.perfetto.dev or chrome://tracing")->type_name("FILE");
    profile.add_option("--prometheus", line.prometheus, "Write the totals to this file, in the text format of Prometheus")->type_name("FILE");
    profile.add_option("--json", line.json, "Write the summary to this file, as JSON")->type_name("FILE");
    profile.add_option("--continuation", line.continuation, "An earlier part of a run that went on: 1 is the first; 0: the last part")
        ->type_name("N")
        ->check(CLI::Range(0, 1000000))
        ->capture_default_str();

    CLI::App& bench = *app.add_subcommand("bench", "Measure a part of the program");
    bench.add_option("BENCHMARK", line.benchmark, describe_benchmarks())->required();
    bench.add_option("CONFIG", line.subject, "TOML file");
    bench.add_option("--json", line.json, "Write the result to this file, as JSON")->type_name("FILE");
    bench.add_option("--points", line.bench_points, "Points to predict, or to generate for each term")
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
        ->capture_default_str();
    bench.add_option("--sizes", line.sizes, "Sizes of the files of bench io, MB, as in 1,10,100")
        ->type_name("LIST")
        ->delimiter(',')
        ->check(CLI::Range(1e-3, 1e5))
        ->capture_default_str();
    bench.add_option("--rows", line.rows, "Rows of bench targets, as in 1k,10k (default: 1k,10k,50k,100k)")->type_name("LIST");
    bench.add_flag("--strict", line.strict, "bench targets: status 1 where a figure is missed");
    bench.add_option("--seconds", line.bench_seconds,
                     "Measure everything at least this long, s; 0: the least number of repetitions. bench targets:\neach training takes this long (default: "
                     "the benchmark's or row's own)")
        ->type_name("S")
        ->check(CLI::Range(0.0, 1e6));
    add_common_options(bench, line, seed);
    add_scale();
  }

  void add_scale() {
    CLI::App& scale = *app.add_subcommand("scale", "Scaling studies: speed-up, efficiency and memory over ranks and points, with charts and a model");
    ScaleOptions& options = line.scale;
    scale.add_option("STUDY", kind, "strong: points fixed, more ranks; weak: points per rank fixed; memory: peak memory of a rank")->required();
    scale.add_option("CONFIG", line.subject, "TOML file")->required();
    scale.add_option("--ranks", ranks, "Rank counts, as in 1,2,4")->type_name("LIST")->required();
    scale.add_option("--points", scale_points, "Points of all terms, as in 10k,100k; a weak study takes them on each rank (default: the config's)")->type_name("LIST");
    scale.add_option("--steps", options.steps, "Adam steps of each run")->capture_default_str();
    scale.add_option("--repeats", options.repeats, "Runs of each configuration")->capture_default_str();
    scale.add_option("--until", until, "Whole trainings up to this relative error, as in error=1e-3: the time to accuracy")->type_name("error=X");
    scale.add_flag("--oversubscribe", options.oversubscribe, "Let ranks share cores (marked in every output)");
    scale.add_flag("--slurm", options.slurm, "Submit a Slurm job for each rank count (jobs/scale.sbatch) and collect");
    scale.add_flag("--wait,!--no-wait", options.wait, "With --slurm: wait for the jobs; --no-wait: the same command collects later");
    scale.add_option("--gpus-per-node", options.gpus_per_node, "With --slurm: GPUs of a node")->type_name("N");
    scale.add_option("--ranks-per-gpu", options.ranks_per_gpu, "With --slurm: ranks that share a GPU")->type_name("M")->capture_default_str();
    scale.add_option("--sbatch", options.sbatch, "With --slurm: an option of sbatch, as in --sbatch=--partition=compute; may be repeated")->type_name("OPTION")->allow_extra_args(false);
    scale.add_flag("--force", line.force, "Rename another study in the folder to <folder>.old-1 (-2, ...)");
    scale.footer("Writes to --output, else to studies/<name>-<study>. Starts its runs itself: not for mpirun or srun.");
    add_common_options(scale, line, seed);
  }

  CLI::App& add(const std::string& name, const std::string& doc, const std::string& subject,
                const std::string& subject_doc) {
    CLI::App& command = *app.add_subcommand(name, doc);
    command.add_option(subject, line.subject, subject_doc)->required();
    add_common_options(command, line, seed);
    return command;
  }

  static std::string join_later() {
    std::string text;
    for (const std::string& name : later_commands()) text += (text.empty() ? "" : ", ") + name;
    return text;
  }
};

void check_scale(Interface& interface) {
  ScaleOptions& options = interface.line.scale;
  options.kind = scale_kind(interface.kind);
  for (const std::int64_t ranks : parse_counts("--ranks", interface.ranks)) options.ranks.push_back(static_cast<int>(std::min<std::int64_t>(ranks, 1 << 30)));
  if (!interface.scale_points.empty()) options.points = parse_counts("--points", interface.scale_points);
  if (!interface.until.empty()) options.until_error = parse_until(interface.until);
}

void check_values(Interface& interface) {
  CommandLine& line = interface.line;
  if (!interface.seed.empty()) line.sets.push_back("training.seed=" + interface.seed.back());
  if (!has({"debug", "info", "warning", "error"}, line.log_level))
    fail_choice("--log-level", line.log_level, {"debug", "info", "warning", "error"});
  if (!has({"auto", "never"}, line.resume)) fail_choice("--resume", line.resume, {"auto", "never"});
  if (line.log_level == "warning" || line.log_level == "error") line.quiet = true;
  if (line.log_level == "debug") line.debug = true;
  if (!line.benchmark.empty()) check_benchmark(line.benchmark), check_bench_subject(line);
  if (line.command == "scale") check_scale(interface);
  if (interface.max_time.empty()) return;
  const auto seconds = parse_duration(interface.max_time);
  if (!seconds || *seconds < 0)
    throw Error(Status::usage,
                "--max-time must be a duration, as in \"10 min\" or seconds, not '" + interface.max_time + "'");
  line.max_time_s = *seconds;
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.empty() || word[0] == '-') continue;
    check_command(word);
    if (word == "bench" && i + 1 < argc && argv[i + 1][0] != '-') check_benchmark(argv[i + 1]);
    break;
  }
  const auto interface = std::make_unique<Interface>();
  CLI::App& app = interface->app;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    interface->line.answer = chosen.empty() ? app.help() : chosen[0]->help("jetpinn");
    return interface->line;
  } catch (const CLI::CallForVersion& version) {
    interface->line.answer = version.what();
    return interface->line;
  } catch (const CLI::ParseError& error) {
    const auto chosen = app.get_subcommands();
    const std::string command = chosen.empty() ? "jetpinn" : "jetpinn " + chosen[0]->get_name();
    std::string message = error.what();
    std::replace(message.begin(), message.end(), '\n', ' ');
    throw Error(Status::usage, message + " (see " + command + " --help)");
  }
  if (app.get_subcommands().empty())
    throw Error(Status::usage, "no command given; there is train, evaluate, predict, check, bench, scale and profile (see jetpinn --help)");
  interface->line.command = app.get_subcommands()[0]->get_name();
  check_values(*interface);
  return interface->line;
}

}  // namespace jetpinn
