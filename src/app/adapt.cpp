#include "jetpinn/compress/adapt.hpp"

#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/measurement_stream.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/folder_lock.hpp"
#include "jetpinn/io/run_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// The folder that an adaptation leaves: an ordinary run folder, whose network.h5 counts updates as its steps, and a line for
// each update in updates.jsonl. Rank 0 alone.
class AdaptedRun {
 public:
  AdaptedRun(std::string folder, const std::string& run) : folder_(std::move(folder)) {
    std::error_code trouble;
    if (fs::equivalent(folder_, run, trouble))
      throw Error(Status::usage, "--output " + folder_ + " is the run itself; name another folder for the adapted network");
    if (find_run(folder_).exists && !fs::exists(updates_path(), trouble))
      throw Error(Status::usage, folder_ + " holds a run that was not adapted; name another folder with --output");
    const std::string config = read_text_file(run + "/config.toml");
    if (find_run(folder_).exists) {
      if (read_text_file(folder_ + "/config.toml") != config)
        throw Error(Status::usage,
                    folder_ + " was adapted from a run with another config; name another folder with --output");
      read_updates();
      return;
    }
    create_run_folder(folder_, false);
    if (fs::exists(run + "/points", trouble)) fs::copy(run + "/points", folder_ + "/points", fs::copy_options::recursive);
    write_text_file(folder_ + "/config.toml", config, Status::usage);
    write_text_file(updates_path(), "", Status::usage);
  }

  std::string network() const { return folder_ + "/network.h5"; }
  std::int64_t rows() const { return rows_; }                    // that the updates took
  const std::vector<double>& errors() const { return errors_; }  // [updates]

  void write(const AdaptUpdate& update, const Assembly& assembly, const std::vector<double>& parameters) {
    const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
    lines_ += Json{{"update", update.number},
                   {"rows", update.rows},
                   {"error", number(update.error)},
                   {"validation_before", number(update.validation_before)},
                   {"validation", number(update.validation)},
                   {"worst_statement", update.worst_statement},
                   {"worst_change", number(update.worst_change)},
                   {"kept", update.kept},
                   {"taken_back", update.taken_back},
                   {"drift", number(update.drift)},
                   {"drifts", update.drifts},
                   {"seconds", update.seconds}}
                  .dump() +
              "\n";
    write_text_file(updates_path(), lines_);
    // What counts is the network: lines behind its last update are made again.
    write_network_file(network(), *assembly.problem, assembly.network, parameters.data(), update.number);
    rows_ += update.rows;
    seconds_.push_back(update.seconds);
    taken_back_ += !update.kept;
    updates_ = update.number;
  }

  void finish() {
    std::sort(seconds_.begin(), seconds_.end());
    Json summary{{"status", "completed"}, {"stopped_by", "steps"},     {"steps", updates_},
                 {"rows", rows_},         {"taken_back", taken_back_}, {"version", version}};
    if (!seconds_.empty()) {
      summary["latency_s"] = {{"median", seconds_[seconds_.size() / 2]}, {"largest", seconds_.back()}};
      std::printf("%s: %lld updates of %lld rows, %lld taken back; median %.3g s, largest %.3g s\n", folder_.c_str(),
                  static_cast<long long>(updates_), static_cast<long long>(rows_), static_cast<long long>(taken_back_),
                  seconds_[seconds_.size() / 2], seconds_.back());
    } else {
      std::printf("%s: no further measurements after %lld updates\n", folder_.c_str(), static_cast<long long>(updates_));
    }
    write_text_file(folder_ + "/summary.json", summary.dump(2) + "\n");
  }

 private:
  std::string folder_, lines_;
  std::int64_t rows_ = 0, taken_back_ = 0, updates_ = 0;
  std::vector<double> errors_, seconds_;

  std::string updates_path() const { return folder_ + "/updates.jsonl"; }

  void read_updates() {
    std::error_code trouble;
    const std::int64_t done = fs::exists(network(), trouble) ? steps_of_network(network()) : 0;
    std::istringstream lines(read_text_file(updates_path()));
    for (std::string line; updates_ < done && std::getline(lines, line);) {
      const Json update = Json::parse(line, nullptr, false);
      if (!update.is_object() || !update.contains("rows") || !update["rows"].is_number_integer())
        throw Error(Status::usage, updates_path() + " is damaged at line " + std::to_string(updates_ + 1) +
                                       "; adapt the run anew to another folder");
      rows_ += update["rows"].get<std::int64_t>();
      taken_back_ += !update.value("kept", true);
      errors_.push_back(update["error"].is_number() ? update["error"].get<double>() : NAN);
      lines_ += line + "\n";
      ++updates_;
    }
  }
};

void tell(const AdaptUpdate& update) {
  std::printf("update %lld: %lld rows, error %.3e; validation %.3e -> %.3e, %s %+.3g %%; %s; %.3g s\n",
              static_cast<long long>(update.number), static_cast<long long>(update.rows), update.error,
              update.validation_before, update.validation, update.worst_statement.c_str(), 100 * update.worst_change,
              update.kept ? "kept" : ("taken back: " + update.taken_back).c_str(), update.seconds);
  if (update.drifts)
    std::printf("drift: the error of new rows is %.3g times that of the first %d updates\n", update.drift, Adapter::window);
  std::fflush(stdout);
}

}  // namespace

int run_adapt(Communicator& communicator, const CommandLine& line) {
  Trained trained = load_trained(communicator, line.subject, line.sets);
  if (!line.quiet) tell_source(communicator, trained.source);
  if (trained.assembly.network.windows)
    throw Error(Status::usage,
                line.subject + " was trained in windows, which cannot be adapted; adapt the run of one of them");
  Assembly& assembly = trained.assembly;
  MeasurementStream stream(communicator, line.data, std::cin, assembly.problem->symbols);
  std::unique_ptr<AdaptedRun> run;  // rank 0
  std::int64_t rows = 0, updates = 0;
  std::vector<double> parameters = trained.parameters, errors;
  communicator.agree("adapt", [&] {
    if (!communicator.root()) return;
    std::string folder = line.subject;
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    run = std::make_unique<AdaptedRun>(line.output.empty() ? folder + "-adapted" : line.output, line.subject);
    rows = run->rows();
    errors = run->errors();
    updates = static_cast<std::int64_t>(errors.size());
    if (updates > 0) parameters = load_parameters(run->network(), assembly.network.parameters);
  });
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
    if (measured.count() == 0) break;
    const AdaptUpdate update = adapter.update(measured);
    communicator.agree("adapt", [&] {
      if (!communicator.root()) return;
      run->write(update, assembly, adapter.parameters());
      if (!line.quiet) tell(update);
    });
  }
  communicator.agree("adapt", [&] {
    if (communicator.root()) run->finish();
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
