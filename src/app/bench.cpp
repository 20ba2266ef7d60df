#include "jetpinn/app/benchmarks.hpp"
#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/plan_report.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/study/bench_step.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstdio>
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

Prepared prepare(Communicator& communicator, const CommandLine& line) {
  Prepared prepared;
  const Config& config = prepared.config = read_config(communicator, line.subject, line.sets);
  Problem problem = read_problem(communicator, config);
  communicator.agree("plan", [&] {
    if (communicator.root() && !json_file(line).empty()) prepare_file(json_file(line));
    Assembly& assembly = prepared.assembly =
        assemble(std::move(problem), config.network, config.sampling, config.training.seed, communicator.size());
    require_memory(assembly, config, communicator.size());
    prepared.parameters.resize(static_cast<std::size_t>(assembly.network.parameters));
    initialize_glorot(assembly.network, config.training.seed, prepared.parameters.data());
  });
  prepared.engine.kind = config.training.engine;
  prepared.engine.precision = config.training.precision;
  prepared.engine.reproducibility = config.training.reproducibility;
  return prepared;
}

int run_bench_step(Communicator& communicator, const CommandLine& line) {
  const Prepared prepared = prepare(communicator, line);
  PointSet points;
  communicator.agree("points", [&] { points = make_points(prepared.assembly, communicator.rank(), 0); });
  BenchStepOptions options;
  options.deadline_s = prepared.config.run.deadline_s;
  const BenchStepResult result = bench_step(communicator, prepared.engine, prepared.assembly.network, prepared.assembly.terms, points,
                                            prepared.parameters, options);
  communicator.agree("bench", [&] {
    if (!communicator.root()) return;
    if (!line.quiet) std::fputs(result.text().c_str(), stdout);
    if (!json_file(line).empty()) write_text_file(json_file(line), result.json());
  });
  return static_cast<int>(Status::done);
}

}  // namespace

const std::vector<Benchmark>& benchmarks() {
  static const std::vector<Benchmark> all{
      {"step", "a training step against the machine's product rate", Benchmark::Subject::required, run_bench_step},
  };
  return all;
}

const Benchmark* find_benchmark(const std::string& name) {
  for (const Benchmark& benchmark : benchmarks())
    if (name == benchmark.name) return &benchmark;
  return nullptr;
}

int run_bench(Communicator& communicator, const CommandLine& line) { return find_benchmark(line.benchmark)->run(communicator, line); }

}  // namespace jetpinn
