#include "jetpinn/app/trained.hpp"

#include "jetpinn/app/commands.hpp"
#include "jetpinn/infer/network_file.hpp"

#include <cstdint>
#include <utility>

namespace jetpinn {

Trained load_trained(Communicator& communicator, const CommandLine& line) {
  Trained trained;
  trained.config = read_run_config(communicator, line.subject, line.sets);
  Problem problem = read_problem(communicator, trained.config);
  const Config& config = trained.config;
  communicator.agree("network.h5", [&] {
    trained.assembly =
        assemble(std::move(problem), config.network, config.sampling, config.training.seed, communicator.size());
    trained.parameters.resize(static_cast<std::size_t>(trained.assembly.network.parameters));
    if (communicator.root())
      trained.parameters = load_parameters(line.subject + "/network.h5", trained.assembly.network.parameters);
  });
  communicator.broadcast("network.h5", trained.parameters.data(),
                         static_cast<std::int64_t>(trained.parameters.size() * sizeof(double)));
  trained.engine.kind = config.training.engine;
  trained.engine.precision = Precision::fp64;  // whatever it was trained in: derivatives of the network lose no digits here
  trained.engine.reproducibility = config.training.reproducibility;
  return trained;
}

}  // namespace jetpinn
