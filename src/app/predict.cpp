#include "jetpinn/infer/predict.hpp"

#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/trained.hpp"

#include <cstdio>

namespace jetpinn {
namespace {

void tell(const Prediction& prediction, const Problem& problem, bool quiet) {
  if (prediction.outside > 0)
    std::fprintf(stderr,
                 "jetpinn: warning: %lld of %lld points lie outside the domain, the first one at %s: there the network "
                 "extrapolates; keep to problem.domain%s\n",
                 static_cast<long long>(prediction.outside), static_cast<long long>(prediction.rows),
                 prediction.first_outside.c_str(), problem.symbols.parameters > 0 ? " and problem.parameters" : "");
  if (quiet) return;
  std::string names, others;
  for (const std::string& name : prediction.datasets) names += (names.empty() ? "" : ", ") + name;
  for (std::size_t k = 1; k < prediction.files.size(); ++k) others += (others.empty() ? "" : ", ") + prediction.files[k];
  std::printf("%s: %lld points, %s\n", prediction.files[0].c_str(), static_cast<long long>(prediction.rows), names.c_str());
  if (!others.empty()) std::printf("%s: for ParaView\n", others.c_str());
  if (!prediction.note.empty()) std::fprintf(stderr, "jetpinn: %s\n", prediction.note.c_str());
}

}  // namespace

int run_predict(Communicator& communicator, const CommandLine& line) {
  const Trained trained = load_trained(communicator, line.subject, line.sets);
  if (!line.quiet) tell_source(communicator, trained.source);
  PredictOptions options;
  options.points_file = line.points;
  options.grid = line.grid;
  options.at = line.at;
  options.quantities = line.quantities;
  options.beside = line.file.empty();
  options.output = !line.file.empty() ? line.file : (line.output.empty() ? line.subject : line.output) + "/solution.h5";
  options.run = line.subject;
  options.sets = line.sets;
  options.parameters = trained.source.file;
  options.step = trained.source.step;
  options.engine = trained.engine;
  options.engine.reproducibility = Reproducibility::ranks;   // the same bytes on any number of ranks
  communicator.agree("prediction", [&] {
    if (communicator.root()) prepare_file(options.output);
  });
  const Prediction prediction =
      predict(communicator, *trained.assembly.problem, trained.assembly.network, trained.parameters.data(), options);
  if (communicator.root()) tell(prediction, *trained.assembly.problem, line.quiet);
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
