#include "jetpinn/infer/predict.hpp"

#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/trained.hpp"

#include <cstdio>

namespace jetpinn {

int run_predict(Communicator& communicator, const CommandLine& line) {
  const Trained trained = load_trained(communicator, line.subject, line.sets);
  if (!line.quiet) tell_source(communicator, trained.source);
  PredictOptions options;
  options.points_file = line.points;
  options.grid = line.grid;
  options.quantities = line.quantities;
  options.output = !line.file.empty() ? line.file : (line.output.empty() ? line.subject : line.output) + "/solution.h5";
  options.engine = trained.engine;
  communicator.agree("prediction", [&] {
    if (communicator.root()) prepare_file(options.output);
  });
  const Prediction prediction =
      predict(communicator, *trained.assembly.problem, trained.assembly.network, trained.parameters.data(), options);
  if (communicator.root() && !line.quiet) {
    std::string names;
    for (const std::string& name : prediction.datasets) names += (names.empty() ? "" : ", ") + name;
    std::printf("%s: %lld points, %s\n", prediction.file.c_str(), static_cast<long long>(prediction.rows), names.c_str());
  }
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
