#include "jetpinn/compress/adapt.hpp"

#include "jetpinn/app/adapted_run.hpp"
#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/measurement_stream.hpp"
#include "jetpinn/app/stoppable_input.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/runtime/runtime.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <istream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t remembered_at_once = 8192;  // rows that are read again

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

MeasuredRows first_rows(MeasuredRows rows, std::int64_t count) {
  for (auto* columns : {&rows.coordinates, &rows.fields})
    for (std::vector<double>& column : *columns) column.resize(static_cast<std::size_t>(count));
  return rows;
}

[[noreturn]] void refuse(const MeasurementStream& stream, const SymbolTable& symbols, const MeasuredRows& rows,
                         std::int64_t row) {
  std::string values;
  for (std::size_t k = 0; k < rows.fields.size(); ++k)
    values += fmt::format("{}{} = {:g}", k == 0 ? "" : ", ", symbols.fields[static_cast<std::size_t>(stream.measured()[k])],
                          rows.fields[k][static_cast<std::size_t>(row)]);
  throw Error(Status::usage, fmt::format("{}: {} cannot be learned, for its error is no number below {:.2g} sizes of the "
                                         "field; leave such points out",
                                         stream.row_name(row), values, Adapter::largest_error()));
}

bool asked_to_stop(Communicator& communicator) {
  double stop = stop_requested() ? 1 : 0;
  communicator.max("adapt", &stop, 1);
  return stop > 0;
}

// Behind the updates that the run has: their network, their errors, and of a table their rows. run: null but on rank 0.
void go_on(Communicator& communicator, const AdaptedRun* run, MeasurementStream& stream, Adapter& adapter) {
  std::int64_t rows = 0, updates = 0;
  std::vector<double> parameters = adapter.parameters(), errors;
  communicator.agree("adapt", [&] {
    if (!run) return;
    errors = run->errors();
    updates = static_cast<std::int64_t>(errors.size());
    if (updates > 0) parameters = load_parameters(run->network(), static_cast<std::int64_t>(parameters.size()));
    if (!stream.from_lines()) rows = run->rows();  // what came on standard input is gone
  });
  communicator.broadcast("adapt", &rows, sizeof rows);
  communicator.broadcast("adapt", &updates, sizeof updates);
  errors.resize(static_cast<std::size_t>(updates));
  communicator.broadcast("adapt", errors.data(), updates * static_cast<std::int64_t>(sizeof(double)));
  communicator.broadcast("adapt", parameters.data(), static_cast<std::int64_t>(parameters.size() * sizeof(double)));
  for (MeasuredRows learned; rows > 0; rows -= learned.count()) {
    learned = stream.next(communicator, std::min(rows, remembered_at_once));
    adapter.remember(learned);
  }
  if (updates > 0) adapter.resume(std::move(parameters), std::move(errors));
}

}  // namespace

int run_adapt(Communicator& communicator, const CommandLine& line) {
  Trained trained = load_trained(communicator, line.subject, line.sets);
  if (!line.quiet) tell_source(communicator, trained.source);
  if (trained.assembly.network.windows)
    throw Error(Status::usage,
                line.subject + " was trained in windows, which cannot be adapted; adapt the run of one of them");
  StoppableInput buffer(STDIN_FILENO, stop_requested);
  std::istream input(&buffer);
  MeasurementStream stream(communicator, line.data, input, *trained.assembly.problem, stop_requested);

  std::unique_ptr<AdaptedRun> run;  // rank 0
  communicator.agree("adapt", [&] {
    if (!communicator.root()) return;
    const std::string output = line.output.empty() ? folder_beside(line.subject, "-adapted") : line.output;
    run = std::make_unique<AdaptedRun>(without_trailing_slash(output), AdaptRequest{line.subject, line.adapt, line.sets},
                                       trained, stream);
    if (!run->warning().empty()) std::fprintf(stderr, "jetpinn: warning: %s\n", run->warning().c_str());
  });
  Adapter adapter(communicator, trained.assembly, trained.engine, trained.parameters, stream.measured(), line.adapt);
  OutsideWarning outside;
  outside.look_at(communicator, stream);
  go_on(communicator, run.get(), stream, adapter);
  bool stopped = false;
  try {
    while (!(stopped = asked_to_stop(communicator))) {
      const MeasuredRows measured = stream.next(communicator, line.adapt.batch);
      outside.look_at(communicator, stream);
      if (measured.count() == 0) {
        stopped = asked_to_stop(communicator);  // which ends what comes on standard input
        break;
      }
      const std::int64_t learnable = adapter.learnable(measured);
      if (learnable > 0) {
        const AdaptUpdate update = adapter.update(first_rows(measured, learnable));
        communicator.agree("adapt", [&] {
          if (!run) return;
          run->write(update, trained.assembly, adapter.parameters());
          if (!line.quiet) tell(update);
        });
      }
      communicator.agree("measurements", [&] {
        if (run && learnable < measured.count()) refuse(stream, trained.assembly.problem->symbols, measured, learnable);
      });
    }
  } catch (const Error& error) {
    if (run) run->finish_failed(error, stream);
    throw;
  }
  communicator.agree("adapt", [&] {
    if (run) run->finish(stopped, stream);
  });
  return static_cast<int>(stopped ? Status::stopped : Status::done);
}

}  // namespace jetpinn
