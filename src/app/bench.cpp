#include "jetpinn/app/benchmarks.hpp"
#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/plan_report.hpp"
#include "jetpinn/app/point_tables.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/bench/bench_allreduce.hpp"
#include "jetpinn/bench/bench_attention.hpp"
#include "jetpinn/bench/bench_gate.hpp"
#include "jetpinn/bench/bench_generate.hpp"
#include "jetpinn/bench/bench_io.hpp"
#include "jetpinn/bench/bench_predict.hpp"
#include "jetpinn/bench/bench_sparse.hpp"
#include "jetpinn/bench/bench_step.hpp"
#include "jetpinn/bench/bench_update.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/profile/peaks.hpp"
#include "jetpinn/runtime/cuda_facts.hpp"
#include "jetpinn/sampling/random.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/term_points.hpp"

#include <cmath>
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

const std::string& json_file(const CommandLine& line) { return line.json.empty() ? line.file : line.json; }

// What a benchmark of a config stands on.
struct Prepared {
  Config config;
  Assembly assembly;
  EngineOptions engine;
  std::vector<double> parameters;   // random, replicated
};

// Training begins with biases of zero; what is verified here would not miss them.
void set_biases(const Network& network, std::vector<double>& parameters) {
  for (const ParameterBlock* bias : blocks_named(network, "bias"))
    for (std::int64_t i = bias->offset; bias->trained && i < bias->offset + bias->size(); ++i)
      parameters[static_cast<std::size_t>(i)] = 0.2 * unit_interval(mix_bits(static_cast<std::uint64_t>(i))) - 0.1;
}

Prepared prepare(Communicator& communicator, const CommandLine& line) {
  Prepared prepared;
  const Config& config = prepared.config = read_config(communicator, line.subject, line.sets);
  Problem problem = read_problem(communicator, config);
  require_tables(communicator, problem);
  communicator.agree("plan", [&] {
    if (communicator.root() && !json_file(line).empty()) prepare_file(json_file(line));
    Assembly& assembly = prepared.assembly =
        assemble(std::move(problem), config.network, config.sampling, config.training.seed, communicator.size());
    choose_recomputed(assembly, config);
    require_memory(assembly, config);
    prepared.parameters.resize(static_cast<std::size_t>(assembly.network.parameters));
    initialize(assembly.network, config.training.seed, prepared.parameters.data());
    set_biases(assembly.network, prepared.parameters);
  });
  prepared.engine.kind = config.training.engine;
  prepared.engine.precision = config.training.precision;
  prepared.engine.reproducibility = config.training.reproducibility;
  prepared.engine.ranks = &communicator;
  prepared.engine.recomputed = prepared.assembly.recomputed;
  prepared.engine.graphs = config.training.graphs;
  return prepared;
}

// Of every dense optimiser in the config, once.
std::vector<BenchUpdate> bench_updates(Communicator& communicator, const Prepared& prepared, const BenchTiming& timing) {
  std::set<std::string> kinds;
  for (const StageOptions& stage : prepared.config.training.stages)
    if (stage.steps > 0 && stage.optimizer.dense()) kinds.insert(stage.optimizer.kind);
  std::vector<BenchUpdate> updates;
  if (kinds.empty()) return updates;
  const double bandwidth = machine_peaks(communicator).memory_bytes;
  for (const std::string& kind : kinds)
    updates.push_back(bench_update(communicator, kind, prepared.assembly.network.parameters, bandwidth, timing));
  return updates;
}

int run_bench_step(Communicator& communicator, const CommandLine& line) {
  Prepared prepared = prepare(communicator, line);
  prepared.engine.device = line.device;
  PointSet points;
  communicator.agree("points", [&] { points = make_points(prepared.assembly, communicator.rank(), 0); });
  BenchStepOptions options;
  options.deadline_s = prepared.config.run.deadline_s;
  options.sync.kind = prepared.config.run.gradient_sync;
  options.sync.library = prepared.config.run.gradient_library;
  options.sync.measured_entries = prepared.assembly.network.parameters;
  if (line.device == "cuda") options.sync.card = card_number();
  if (line.bench_seconds >= 0) options.seconds = line.bench_seconds;
  BenchStepResult result = bench_step(communicator, prepared.engine, prepared.assembly.network, prepared.assembly.terms,
                                      points, prepared.parameters, options);
  result.updates = bench_updates(communicator, prepared, {options.seconds, options.steps});
  communicator.agree("bench", [&] {
    if (communicator.root() && !line.quiet) std::fputs(result.text().c_str(), stdout);
    if (communicator.root() && !json_file(line).empty()) write_text_file(json_file(line), result.json());
    if (!result.verified()) throw Error(Status::numerical, "bench step: " + result.trouble());
  });
  return static_cast<int>(Status::done);
}

// What results share, ahead of them: which config, which network.
void describe_config(const Prepared& prepared, const CommandLine& line, BenchReport& report) {
  report.config = {{"config", line.subject},
                   {"name", prepared.config.name},
                   {"parameters", prepared.assembly.network.parameters},
                   {"reproducibility", to_string(prepared.config.training.reproducibility)},
                   {"gradient_library", to_string(prepared.config.run.gradient_library)}};
}

BenchTiming timing_of(const CommandLine& line, BenchTiming timing) {
  if (line.bench_seconds >= 0) timing.seconds = line.bench_seconds;
  return timing;
}

int run_bench_predict(Communicator& communicator, const CommandLine& line) {
  const Prepared prepared = prepare(communicator, line);
  BenchPredictOptions options;
  options.points = line.bench_points;
  options.timing = timing_of(line, options.timing);
  BenchReport report = bench_predict(communicator, *prepared.assembly.problem, prepared.assembly.network,
                                     prepared.parameters.data(), prepared.engine.reproducibility, options);
  describe_config(prepared, line, report);
  finish_report(communicator, report, json_file(line), line.quiet);
  return static_cast<int>(Status::done);
}

int run_bench_generate(Communicator& communicator, const CommandLine& line) {
  const Prepared prepared = prepare(communicator, line);
  BenchGenerateOptions options;
  options.points = line.bench_points;
  options.seed = prepared.config.training.seed;
  options.timing = timing_of(line, options.timing);
  BenchReport report = bench_generate(communicator, *prepared.assembly.problem, options);
  report.config = {
      {"config", line.subject}, {"name", prepared.config.name}, {"seed", static_cast<std::int64_t>(options.seed)}};
  finish_report(communicator, report, json_file(line), line.quiet);
  return static_cast<int>(Status::done);
}

int run_bench_allreduce(Communicator& communicator, const CommandLine& line) {
  BenchAllreduceOptions options;
  options.timing = timing_of(line, options.timing);
  std::optional<Prepared> prepared;
  if (line.subject.empty()) {
    communicator.agree("report", [&] {
      if (communicator.root() && !json_file(line).empty()) prepare_file(json_file(line));
    });
  } else {
    prepared = prepare(communicator, line);
    options.deadline_s = prepared->config.run.deadline_s;
    options.sync.library = prepared->config.run.gradient_library;
    // What an evaluation of this config sums.
    const bool exact = prepared->engine.reproducibility == Reproducibility::ranks;
    options.bytes.push_back(DistributedObjective::message_bytes(prepared->assembly.network.parameters,
                                                                static_cast<std::int64_t>(prepared->assembly.terms.size()),
                                                                exact, squared_means(prepared->assembly)));
  }
  BenchReport report = bench_allreduce(communicator, options);
  if (prepared) describe_config(*prepared, line, report);
  finish_report(communicator, report, json_file(line), line.quiet);
  return static_cast<int>(Status::done);
}

int run_bench_io(Communicator& communicator, const CommandLine& line) {
  communicator.agree("report", [&] {
    if (communicator.root() && !json_file(line).empty()) prepare_file(json_file(line));
  });
  BenchIoOptions options;
  if (!line.output.empty()) options.folder = line.output;
  options.timing = timing_of(line, options.timing);
  options.bytes.clear();
  for (const double megabytes : line.sizes) options.bytes.push_back(std::llround(megabytes * 1e6));
  BenchReport report = bench_io(communicator, options);
  report.config = {{"folder", options.folder}};
  finish_report(communicator, report, json_file(line), line.quiet);
  return static_cast<int>(Status::done);
}

int run_bench_sparse(Communicator& communicator, const CommandLine& line) {
  communicator.agree("report", [&] {
    if (communicator.root() && !json_file(line).empty()) prepare_file(json_file(line));
  });
  BenchSparseOptions options;
  options.speed.batches = {1242, 100000};
  options.peak_flops = machine_peaks(communicator).fp32_flops;
  if (line.bench_seconds >= 0) options.speed.seconds = line.bench_seconds;
  const BenchReport report = bench_sparse(communicator, options);
  finish_report(communicator, report, json_file(line), line.quiet);
  return static_cast<int>(Status::done);
}

int run_bench_attention(Communicator& communicator, const CommandLine& line) {
  communicator.agree("report", [&] {
    if (communicator.root() && !json_file(line).empty()) prepare_file(json_file(line));
  });
  BenchAttentionOptions options;
  options.tokens = line.tokens;
  options.peak_flops = machine_peaks(communicator).fp32_flops;
  if (line.bench_seconds >= 0) options.seconds = line.bench_seconds;
  const BenchReport report = bench_attention(communicator, options);
  finish_report(communicator, report, json_file(line), line.quiet);
  return static_cast<int>(Status::done);
}

int run_bench_gate(Communicator& communicator, const CommandLine& line) {
  const Prepared prepared = prepare(communicator, line);
  BenchGateOptions options;
  options.deadline_s = prepared.config.run.deadline_s;
  options.timing = timing_of(line, options.timing);
  BenchReport report =
      bench_gate(communicator, prepared.engine, prepared.assembly, prepared.config.training, prepared.parameters, options);
  describe_config(prepared, line, report);
  finish_report(communicator, report, json_file(line), line.quiet);
  return static_cast<int>(Status::done);
}

}  // namespace

const std::vector<Benchmark>& benchmarks() {
  static const std::vector<Benchmark> all{
      {"step", "a training step against the machine's product rate", Benchmark::Subject::required, run_bench_step},
      {"predict", "points per second of the config's network, its fields and first derivatives",
       Benchmark::Subject::required, run_bench_predict},
      {"generate", "points per second of every sampling method and term", Benchmark::Subject::required, run_bench_generate},
      {"allreduce", "sums over ranks, every kind, 1 KiB to 64 MiB and what the config sums", Benchmark::Subject::optional,
       run_bench_allreduce},
      {"io", "checkpoints, point tables and network files to the disk of --output and back", Benchmark::Subject::none,
       run_bench_io},
      {"gate", "a step of Adam by the share of the points that a gate lets through, and its break-even",
       Benchmark::Subject::required, run_bench_gate},
      {"sparse", "a network with 75 % and 90 % of its weights left out against whole matrices, ours and LibTorch's",
       Benchmark::Subject::none, run_bench_sparse},
      {"attention", "sparse attention against LibTorch's dense one, forward and reverse, over the length of a sequence",
       Benchmark::Subject::none, run_bench_attention},
      {"targets", "the table of targets as whole trainings, beside nested autograd (docs/benchmarks.md)",
       Benchmark::Subject::none, nullptr},
  };
  return all;
}

const Benchmark* find_benchmark(const std::string& name) {
  for (const Benchmark& benchmark : benchmarks())
    if (name == benchmark.name) return &benchmark;
  return nullptr;
}

int run_bench(Communicator& communicator, const CommandLine& line) { 
  return find_benchmark(line.benchmark)->run(communicator, line);
}

}  // namespace jetpinn
