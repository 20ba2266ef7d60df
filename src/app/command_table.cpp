#include "jetpinn/app/command_table.hpp"

#include "jetpinn/app/benchmarks.hpp"
#include "jetpinn/app/command_rows.hpp"
#include "jetpinn/app/completion.hpp"
#include "jetpinn/config/config.hpp"

#include <cstdint>

namespace jetpinn {
namespace {

const char* const strict_doc = "Warnings about the problem are errors: status 2 before anything is written";

std::string config_keys(ConfigTask task = ConfigTask::problem) {
  return "Keys of the config, with types and defaults:\n\n" + describe_keys(task);
}

// How a run is begun, resumed and ended.
void add_run_options(CLI::App& command, CommandTable& table) {
  CommandLine& line = table.line;
  command.add_flag("--force", line.force, "Rename a run folder that is in the way to <folder>.old-1 (-2, ...)");
  command
      .add_option("--resume", line.resume, "auto: go on from the last checkpoint of the run in the folder; never: refuse")
      ->type_name("auto|never")
      ->capture_default_str();
  command
      .add_option("--max-time", table.max_time,
                  "Stop with a checkpoint (status 75) so that the process is gone after this time, as in \"10 min\" or "
                  "seconds; 0: never")
      ->type_name("TIME");
}

void add_train(CommandTable& table) {
  CommandLine& line = table.line;
  CLI::App& train = add(table, "train", "Train the problem of a config file and leave a run folder", "CONFIG", "TOML file");
  add_run_options(train, table);
  train.add_flag("--debug", line.debug,
                 "Level ranks, the plan first as check prints it, and an end at the first value that is not finite");
  train.add_flag("--strict", line.strict, strict_doc);
  train.add_flag("--verbose", line.verbose, "Print the tables of the profile at the end, as jetpinn profile does");
  train.footer(config_keys());
}

void add_classify(CommandTable& table) {
  CLI::App& classify = add(table, "classify", "Train a model to classify images, and leave a run folder", "CONFIG",
                           "TOML file with [dataset] and [model]");
  classify.get_option("--device")->description("Where to train: the processor")->type_name("auto|cpu");
  classify.get_option("--seed")->description("Seed of parameters and of the order of images (training.seed)");
  add_run_options(classify, table);
  classify.footer(config_keys(ConfigTask::images));
}

void add_at(CLI::App& command, CommandTable& table) {
  command.add_option("--at", table.line.at, "Values of problem.parameters, as in Re=20 or Re=20,k=2")->type_name("VALUES");
}

void add_evaluate(CommandTable& table) {
  CommandLine& line = table.line;
  CLI::App& evaluate =
      add(table, "evaluate", "Compare the trained network of a run folder with the reference solution", "RUN", "Run folder");
  add_at(evaluate, table);
  CLI::Option* physics = evaluate.add_flag("--physics", line.physics,
                                           "How well each equation and condition is met, at points that no step trains on");
  CLI::Option* against =
      evaluate
          .add_option("--against", line.against, "The run before a change: what became of its statements at the same points")
          ->type_name("RUN")
          ->needs(physics);
  evaluate
      .add_option("--allowed", line.allowed_change,
                  "With --against: by how much a statement may become worse, as a share; status 3 beyond it")
      ->type_name("SHARE")
      ->check(finite(0, 1e6))
      ->needs(against)
      ->capture_default_str();
}

void add_predict(CommandTable& table) {
  CommandLine& line = table.line;
  CLI::App& predict = add(table, "predict", "Values of the trained network at given points", "RUN", "Run folder");
  predict.add_option("--points", line.points, "Point table (HDF5, .csv, .vtu or .vtp) with the coordinates")
      ->type_name("FILE");
  predict.add_option("--grid", line.grid, "Grid with both ends included, as in t=0:1:101,x=-1:1:201")->type_name("AXES");
  add_at(predict, table);
  predict
      .add_option("--quantities", line.quantities,
                  "What to compute, as in \"u, u_x, speed = sqrt(u^2 + v^2)\" (default: every field)")
      ->type_name("LIST");
  predict.footer(
      "Writes to --file, whose ending chooses: .h5, .csv, .vti (an image of a grid), .pvd (a film in time), .vtp (points)\n"
      "or .xdmf (an .h5 and a text that shows it in ParaView); else to solution.h5, with files for ParaView beside it, in\n"
      "--output or the run folder. A file of another prediction is never replaced.");
}

void add_report(CommandTable& table) {
  CLI::App& report = *table.app.add_subcommand(
      "report", "A run as one HTML page: losses, fields, residuals, points, profile; several runs side by side");
  report.add_option("RUN", table.line.subjects, "Run folders")->required();
  add_common_options(report, table);
  report.footer(
      "Writes report.html, and its pictures as SVG to report/, in --output or the run folder (of several runs: beside the "
      "first);\n--file F.html writes that page alone.");
}

void add_check(CommandTable& table) {
  CommandLine& line = table.line;
  CLI::App& check =
      add(table, "check", "Validate a config and print what would run, without running it", "CONFIG", "TOML file");
  check.add_flag("--dump-config", line.dump_config, "Print the config with every default and override in place, as TOML");
  check.add_flag("--strict", line.strict, strict_doc);
  check.add_flag("--schema", line.schema, "Print the JSON Schema of configs (draft 2020-12), which needs no CONFIG");
  check.get_option("CONFIG")->required(false);
  check.callback([&line] {
    if (line.subject.empty() && !line.schema) throw CLI::RequiredError("CONFIG");
  });
  check.footer(config_keys());
}

void add_sample(CommandTable& table) {
  CommandLine& line = table.line;
  CLI::App& sample =
      add(table, "sample", "Write the collocation points of a config, or data that are generated", "SOURCE",
          "TOML file; or machining: measurements of a machining twin; images: pictures of shapes and textures; weights: "
          "networks for jetpinn ablate");
  sample.get_option("SOURCE")->type_name("CONFIG|machining|images|weights");
  sample.get_option("--seed")->description("Seed of the points (training.seed) or of the data");
  sample
      .add_option("--count", table.count, "Rows of data, images or networks, as in 1000 or 1e6 (default: 100k, 1k networks)")
      ->type_name("N");
  sample.add_option("--term", line.term, "Of a config: the points of this term alone, at the file's root")
      ->type_name("NAME");
  sample.add_option("--picture", line.picture, "Of a config: draw some of all terms' points to this file too, F.svg")
      ->type_name("FILE");
  add_weight_options(sample, table);
  sample.footer(
      "Writes the point table --file F.h5, of a config with a group for each term; of images, `images` [count, 3, 32, 32]\n"
      "and `labels`. A file of another sample is never replaced. The same rows on any number of ranks.");
}

void add_profile(CommandTable& table) {
  CommandLine& line = table.line;
  CLI::App& profile =
      add(table, "profile", "Print again what a run did with its time and memory, compare it with another, export it", "RUN",
          "Run folder");
  profile
      .add_option("--compare", line.compare,
                  "Another run folder: both side by side, and what differs beyond the scatter of their intervals")
      ->type_name("RUN");
  profile.add_option("--trace", line.trace, "Write the traced steps to this file, for ui.perfetto.dev or chrome://tracing")
      ->type_name("FILE");
  profile.add_option("--prometheus", line.prometheus, "Write the totals to this file, in the text format of Prometheus")
      ->type_name("FILE");
  profile.add_option("--json", line.json, "Write the summary to this file, as JSON")->type_name("FILE");
  profile
      .add_option("--continuation", line.continuation,
                  "An earlier part of a run that went on: 1 is the first; 0: the last part")
      ->type_name("N")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
}

std::string describe_benchmarks() {
  std::string text;
  for (const Benchmark& benchmark : benchmarks())
    text += (text.empty() ? "" : "\n") + std::string(benchmark.name) + ": " + benchmark.doc;
  return text;
}

std::string benchmark_names() {
  std::vector<std::string> names;
  for (const Benchmark& benchmark : benchmarks()) names.push_back(benchmark.name);
  return joined(names, "|");
}

void add_bench(CommandTable& table) {
  CommandLine& line = table.line;
  CLI::App& bench = *table.app.add_subcommand("bench", "Measure a part of the program");
  bench.add_option("BENCHMARK", line.benchmark, describe_benchmarks())->type_name(benchmark_names())->required();
  bench.add_option("CONFIG", line.subject, "TOML file");
  bench.add_option("--json", line.json, "Write the result to this file, as JSON")->type_name("FILE");
  bench.add_option("--points", line.bench_points, "Points to predict, or to generate for each term")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
      ->capture_default_str();
  bench.add_option("--sizes", line.sizes, "Sizes of the files of bench io, MB, as in 1,10,100")
      ->type_name("LIST")
      ->delimiter(',')
      ->check(finite(1e-3, 1e5))
      ->capture_default_str();
  bench.add_option("--tokens", line.tokens, "Lengths of the sequences of bench attention, as in 64,4096")
      ->type_name("LIST")
      ->delimiter(',')
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20))
      ->capture_default_str();
  bench.add_option("--rows", line.rows, "Rows of bench targets, as in 1k,10k (default: 1k,10k,50k,100k)")->type_name("LIST");
  bench.add_flag("--strict", line.strict, "bench targets: status 1 where a figure is missed");
  bench
      .add_option("--seconds", line.bench_seconds,
                  "Measure everything at least this long, s; 0: the least number of repetitions. bench targets:\neach "
                  "training takes this long (default: the benchmark's or row's own)")
      ->type_name("S")
      ->check(finite(0, 1e6));
  add_common_options(bench, table);
}

void add_scale(CommandTable& table) {
  CommandLine& line = table.line;
  CLI::App& scale = *table.app.add_subcommand(
      "scale", "Scaling studies: speed-up, efficiency and memory over ranks and points, with charts and a model");
  ScaleOptions& options = line.scale;
  scale
      .add_option("STUDY", table.kind,
                  "strong: points fixed, more ranks; weak: points per rank fixed; memory: peak memory of a rank")
      ->type_name("strong|weak|memory")
      ->required();
  scale.add_option("CONFIG", line.subject, "TOML file")->required();
  scale.add_option("--ranks", table.ranks, "Rank counts, as in 1,2,4")->type_name("LIST")->required();
  scale
      .add_option("--points", table.scale_points,
                  "Points of all terms, as in 10k,100k; a weak study takes them on each rank (default: the config's)")
      ->type_name("LIST");
  scale.add_option("--steps", options.steps, "Adam steps of each run")->capture_default_str();
  scale.add_option("--repeats", options.repeats, "Runs of each configuration")->capture_default_str();
  scale
      .add_option("--until", table.until,
                  "Whole trainings up to this relative error, as in error=1e-3: the time to accuracy")
      ->type_name("error=X");
  scale.add_flag("--oversubscribe", options.oversubscribe, "Let ranks share cores (marked in every output)");
  scale.add_flag("--slurm", options.slurm, "Submit a Slurm job for each rank count (jobs/scale.sbatch) and collect");
  scale.add_flag("--wait", options.wait, "With --slurm: wait for the jobs (default)");
  scale.add_flag_callback(
      "--no-wait", [&options] { options.wait = false; }, "With --slurm: leave at once; the same command collects later");
  scale.add_option("--gpus-per-node", options.gpus_per_node, "With --slurm: GPUs of a node")->type_name("N");
  scale.add_option("--ranks-per-gpu", options.ranks_per_gpu, "With --slurm: ranks that share a GPU")
      ->type_name("M")
      ->capture_default_str();
  scale
      .add_option("--sbatch", options.sbatch,
                  "With --slurm: an option of sbatch, as in --sbatch=--partition=compute; may be repeated")
      ->type_name("OPTION")
      ->allow_extra_args(false);
  scale.add_flag("--force", line.force, "Rename another study in the folder to <folder>.old-1 (-2, ...)");
  scale.footer("Writes to --output, else to studies/<name>-<study>. Starts its runs itself: not for mpirun or srun.");
  add_common_options(scale, table);
}

void add_sweep(CommandTable& table) {
  CommandLine& line = table.line;
  SweepOptions& options = line.sweep;
  CLI::App& sweep = add(table, "sweep",
                        "Train every combination of values of --set and compare: medians and spread over seeds, with charts",
                        "CONFIG", "TOML file");
  sweep.get_option("--set")->description(
      "A key of the config and its values: training.seed=0,1,2 or 'network.hidden=[32,32],[64,64]',\ndivided at commas "
      "outside brackets and quotes; with one value: of all runs; may be repeated");
  sweep.get_option("--set")->type_name("KEY=VALUES");
  sweep.add_option("--ranks", options.ranks, "Ranks of each run")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  sweep.add_option("--at-once", options.at_once, "Runs side by side (default: as many as the cores hold; with --slurm all)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000));
  sweep.add_flag("--dry-run", options.dry_run, "List the runs and leave");
  sweep.add_flag("--slurm", options.slurm, "Submit a Slurm job array (jobs/array.sbatch) and collect");
  sweep.add_flag("--wait", options.wait, "With --slurm: wait for the jobs (default)");
  sweep.add_flag_callback(
      "--no-wait", [&options] { options.wait = false; }, "With --slurm: leave at once; the same command collects later");
  sweep
      .add_option("--sbatch", options.sbatch,
                  "With --slurm: an option of sbatch, as in --sbatch=--partition=compute; may be repeated")
      ->type_name("OPTION")
      ->allow_extra_args(false);
  sweep.add_flag("--force", line.force, "Rename another study in the folder to <folder>.old-1 (-2, ...)");
  sweep.footer(
      "Writes to --output, else to studies/<name>-sweep. The same command goes on: runs that are done are not "
      "repeated.\nStarts its runs itself: not for mpirun or srun.");
}

void add_study(CommandTable& table) {
  CommandLine& line = table.line;
  GateStudyOptions& options = line.gate_study;
  CLI::App& study = *table.app.add_subcommand(
      "study", "Compare ways to train a problem over several seeds, given the same steps and given the same seconds");
  study
      .add_option("STUDY", table.kind,
                  "gate: with the config's gate, without one, with as many points drawn evenly, and by residual alone")
      ->type_name("gate")
      ->check(CLI::IsMember({"gate"}))
      ->required();
  study.add_option("CONFIG", line.subject, "TOML file")->required();
  study.add_option("--seeds", options.seeds, "Seeds 0, 1, ... of each variant")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  study
      .add_option("--steps", options.steps,
                  "Steps of the ungated run, of images epochs (default: those of the config, of its first gated stage)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{2}, std::int64_t{1000000000}));
  study.add_option("--target", options.target, "gate.target, where the config has no gate")
      ->check(finite(1e-6, 1))
      ->capture_default_str();
  study.add_option("--error", options.error, "The error whose time is told (default: the median of the ungated runs)")
      ->check(positive());
  study.add_flag("--force", line.force, "Rename another study in the folder to <folder>.old-1 (-2, ...)");
  study.footer(
      "Writes to --output, else to studies/<name>-gate. The same command goes on: runs that are done are not repeated.\n"
      "Starts its runs itself, one after the other: not for mpirun or srun.");
  add_common_options(study, table);
}

void add_completion(CommandTable& table) {
  CLI::App& completion =
      *table.app.add_subcommand("completion", "Print the completion script of a shell: source <(jetpinn completion bash)");
  completion.add_option("SHELL", table.line.subject, "For which shell")
      ->type_name(joined(completion_shells(), "|"))
      ->required();
}

void add_manual(CommandTable& table) {
  CLI::App& manual = *table.app.add_subcommand("manual", "Print a manual page: jetpinn manual train | man -l -");
  manual.add_option("COMMAND", table.line.subject, "Of which command (default: of jetpinn itself)")
      ->type_name(joined(available_commands(), "|"));
  manual.add_flag("--list", table.line.list, "Print the names of all pages");
}

// In the order of --help.
const struct {
  const char* name;
  void (*add)(CommandTable&);
} commands[] = {
    {"train", add_train},   {"evaluate", add_evaluate},     {"predict", add_predict},   {"report", add_report},
    {"check", add_check},   {"sample", add_sample},         {"prune", add_prune},       {"sparsify", add_sparsify},
    {"adapt", add_adapt},   {"export", add_export},         {"classify", add_classify}, {"profile", add_profile},
    {"bench", add_bench},   {"scale", add_scale},           {"sweep", add_sweep},       {"study", add_study},
    {"ablate", add_ablate}, {"completion", add_completion}, {"manual", add_manual}};

}  // namespace

const std::vector<std::string>& available_commands() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& command : commands) list.push_back(command.name);
    return list;
  }();
  return names;
}

CommandTable::CommandTable() {
  app.set_version_flag("--version", version_text, "Print the version of jetpinn and of every library in it");
  app.require_subcommand(0, 1);
  app.set_help_flag("-h,--help", "Print this and leave");
  app.footer("Each command has its --help; train --help and check --help list every key of a config.");
  for (const auto& command : commands) command.add(*this);
}

}  // namespace jetpinn
