#include "jetpinn/compress/adapt.hpp"

#include "jetpinn/app/adapted_run.hpp"
#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/measurement_stream.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/infer/network_file.hpp"

#include <cstdio>
#include <iostream>
#include <memory>

namespace jetpinn {
namespace {

void tell(const AdaptUpdate& update) {
  std::printf("update %lld: %lld rows, error %.3e; validation %.3e -> %.3e, %s %+.3g %%; %s; %.3g s\n",
              static_cast<long long>(update.number), static_cast<long long>(update.rows), update.error,
              update.validation_before, update.validation, update.worst_statement.c_str(), 100 * update.worst_change,
              update.kept ? "kept" : ("taken back: " + update.taken_back).c_str(), update.seconds);
  if (update.drifts)
    std::printf("drift: the error of new rows is %.3g times that of the first %d updates\n", update.drift, Adapter::window);
  std::fflush(stdout);
}

// Rank 0 warns of rows outside the domain: of a file at once, of standard input when the first one has come.
class OutsideWarning {
 public:
  void look_at(const Communicator& communicator, const MeasurementStream& stream) {
    if (!communicator.root() || told_ || stream.outside() == 0) return;
    std::fprintf(stderr, "jetpinn: warning: %lld of %lld rows of %s lie outside the domain and are left out\n",
                 static_cast<long long>(stream.outside()), static_cast<long long>(stream.rows()), stream.name().c_str());
    told_ = true;
  }

 private:
  bool told_ = false;
};

}  // namespace

int run_adapt(Communicator& communicator, const CommandLine& line) {
  Trained trained = load_trained(communicator, line.subject, line.sets);
  if (!line.quiet) tell_source(communicator, trained.source);
  if (trained.assembly.network.windows)
    throw Error(Status::usage,
                line.subject + " was trained in windows, which cannot be adapted; adapt the run of one of them");
  Assembly& assembly = trained.assembly;
  MeasurementStream stream(communicator, line.data, std::cin, *assembly.problem);
  OutsideWarning outside;

  // Where an adaptation in the folder stands.
  std::unique_ptr<AdaptedRun> run;  // rank 0
  std::int64_t rows = 0, updates = 0;
  std::vector<double> parameters = trained.parameters, errors;
  communicator.agree("adapt", [&] {
    if (!communicator.root()) return;
    const std::string output = line.output.empty() ? folder_beside(line.subject, "-adapted") : line.output;
    run = std::make_unique<AdaptedRun>(without_trailing_slash(output), AdaptRequest{line.subject, line.adapt, line.sets},
                                       trained, stream);
    if (!run->warning().empty()) std::fprintf(stderr, "jetpinn: warning: %s\n", run->warning().c_str());
    rows = run->rows();
    errors = run->errors();
    updates = static_cast<std::int64_t>(errors.size());
    if (updates > 0) parameters = load_parameters(run->network(), assembly.network.parameters);
  });
  outside.look_at(communicator, stream);
  communicator.broadcast("adapt", &rows, sizeof rows);
  communicator.broadcast("adapt", &updates, sizeof updates);
  errors.resize(static_cast<std::size_t>(updates));
  communicator.broadcast("adapt", errors.data(), updates * static_cast<std::int64_t>(sizeof(double)));
  communicator.broadcast("adapt", parameters.data(), static_cast<std::int64_t>(parameters.size() * sizeof(double)));

  Adapter adapter(communicator, assembly, trained.engine, trained.parameters, stream.measured(), line.adapt);
  if (updates > 0)  // of a file; what came on standard input is gone
    adapter.resume(line.data == "-" ? MeasuredRows() : stream.next(communicator, rows), parameters, errors);
  for (;;) {
    const MeasuredRows measured = stream.next(communicator, line.adapt.batch);
    outside.look_at(communicator, stream);
    if (measured.count() == 0) break;
    const AdaptUpdate update = adapter.update(measured);
    communicator.agree("adapt", [&] {
      if (!communicator.root()) return;
      run->write(update, assembly, adapter.parameters());
      if (!line.quiet) tell(update);
    });
  }
  communicator.agree("adapt", [&] {
    if (communicator.root()) run->finish(stream.outside());
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
