#include "jetpinn/infer/predict.hpp"

#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"

#include <cstdio>
#include <filesystem>

namespace jetpinn {

int run_predict(Communicator& communicator, const CommandLine& line) {
  const Trained trained = load_trained(communicator, line);
  PredictOptions options;
  options.points_file = line.points;
  options.grid = line.grid;
  options.quantities = line.quantities;
  options.output = !line.file.empty() ? line.file : (line.output.empty() ? line.subject : line.output) + "/solution.h5";
  options.engine = trained.engine;
  communicator.agree("prediction", [&] {
    if (!communicator.root() || line.output.empty()) return;
    std::error_code error;
    std::filesystem::create_directories(line.output, error);
    if (error) throw Error(Status::usage, "cannot create the folder " + line.output + ": " + error.message());
  });
  const Prediction prediction = predict(communicator, *trained.assembly.problem, trained.assembly.network, trained.parameters.data(), options);
  if (communicator.root() && !line.quiet) {
    std::string names;
    for (const std::string& name : prediction.datasets) names += (names.empty() ? "" : ", ") + name;
    std::printf("%s: %lld points, %s\n", prediction.file.c_str(), static_cast<long long>(prediction.rows), names.c_str());
  }
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
