#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/plan_report.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/infer/evaluate.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstdio>
#include <utility>

namespace jetpinn {

int run_check(Communicator& communicator, const CommandLine& line) {
  if (line.schema)
    communicator.agree("command line",
                       [] { throw Error(Status::usage, "check --schema is not available yet in this version of jetpinn"); });
  const Config config = read_config(communicator, line.subject, line.sets);
  Problem problem = read_problem(communicator, config);
  const ReferenceSet reference(communicator, problem);
  communicator.agree("plan", [&] {
    const Assembly assembly =
        assemble(std::move(problem), config.network, config.sampling, config.training.seed, communicator.size());
    require_memory(assembly, config, communicator.size());
    if (!communicator.root()) return;
    const std::string text = line.dump_config ? config.resolved
                             : line.quiet     ? ""
                                              : plan_report(assembly, config, communicator.size());
    std::fputs(text.c_str(), stdout);
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
