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

int run_bench(Communicator& communicator, const CommandLine& line) {
  const Config config = read_config(communicator, line.subject, line.sets);
  Problem problem = read_problem(communicator, config);
  const std::string& file = line.json.empty() ? line.file : line.json;
  Assembly assembly;
  PointSet points;
  std::vector<double> parameters;
  communicator.agree("plan", [&] {
    if (communicator.root() && !file.empty()) prepare_file(file);
    assembly = assemble(std::move(problem), config.network, config.sampling, config.training.seed, communicator.size());
    require_memory(assembly, config, communicator.size());
    points = make_points(assembly, communicator.rank(), 0);
    parameters.resize(static_cast<std::size_t>(assembly.network.parameters));
    initialize_glorot(assembly.network, config.training.seed, parameters.data());
  });
  EngineOptions engine;
  engine.kind = config.training.engine;
  engine.precision = config.training.precision;
  engine.reproducibility = config.training.reproducibility;
  BenchStepOptions options;
  options.deadline_s = config.run.deadline_s;
  const BenchStepResult result =
      bench_step(communicator, engine, assembly.network, assembly.terms, points, parameters, options);

  communicator.agree("bench", [&] {
    if (!communicator.root()) return;
    if (!line.quiet) std::fputs(result.text().c_str(), stdout);
    if (!file.empty()) write_text_file(file, result.json());
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
