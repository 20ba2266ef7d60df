#include "jetpinn/bench/bench_targets.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/bench/burgers_solution.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/study/launch.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <limits>

namespace jetpinn {
namespace {

namespace fs = std::filesystem;

constexpr double unknown = -1;
constexpr double patience = 60;   // s that a run may take beyond its own time before it is ended

double number(const nlohmann::json& summary, const char* key) {
  const auto found = summary.find(key);
  if (found == summary.end() || !found->is_number())
    throw Error(Status::storage, std::string("the run's summary.json has no number '") + key + "'");
  return found->get<double>();
}

void prepare_folder(const std::string& folder) {
  std::error_code trouble;
  fs::create_directories(folder, trouble);
  if (trouble)
    throw Error(Status::usage,
                "cannot create the folder " + folder + ": " + trouble.message() + "; choose another --output");
  check_writable(folder);
}

// Trains the config in `folder` into its subfolder `name`.
LaunchResult train(StopRequests& stops, const BenchTargetsOptions& options, const TargetRow& row, const std::string& folder,
                   const std::string& name, const std::vector<std::string>& sets) {
  LaunchOptions launching;
  launching.ranks = options.ranks;
  launching.oversubscribe = options.ranks > available_cores();
  launching.limit_s = row.train_s + patience;
  launching.log = folder + "/" + name + ".log";
  std::vector<std::string> arguments{"train", folder + "/config.toml", "--output", folder + "/" + name, "--force"};
  for (const std::string& word : device_words(options.device)) arguments.push_back(word);
  for (const std::string& set : sets) arguments.insert(arguments.end(), {"--set", set});
  return launch(stops, launching, arguments);
}

std::string prepare_row(const BenchTargetsOptions& options, const TargetRow& row) {
  const std::string folder = options.folder + "/" + row.name;
  prepare_folder(folder);
  write_text_file(folder + "/config.toml", target_config(row, "../burgers.h5"), Status::usage);
  return folder;
}

// Two steps of which nothing is reported: the libraries are in the system's file cache and the machine's peaks are measured
// and kept from here on, as for every run but the very first on a machine.
void warm_up(StopRequests& stops, const BenchTargetsOptions& options) {
  TargetRow row = target_rows().front();
  row.name = "warm-up";
  train(stops, options, row, prepare_row(options, row), "jets",
        {"training.stages.0.steps=1", "training.stages.1.steps=1"});
}

TargetRun run_row(StopRequests& stops, const BenchTargetsOptions& options, const TargetRow& row, const std::string& folder,
                  const std::string& engine) {
  const std::string run = folder + "/" + engine;
  const LaunchResult launched = train(stops, options, row, folder, engine, {"training.engine=\"" + engine + "\""});
  TargetRun result;
  result.status = launched.status;
  result.seconds = launched.seconds;
  if (!result.ran()) return result;
  try {
    result = read_target_summary(read_text_file(run + "/summary.json"), launched);
  } catch (const Error&) {
    result.status = static_cast<int>(Status::storage);
    return result;
  }
  const std::string profile = run + "/profile/summary.json";   // a run may go without
  if (is_file(profile)) result.bottleneck = read_bottleneck(read_text_file(profile));
  return result;
}

double quotient(double a, double b) { return b > 0 ? a / b : 0; }

// A row as a result of the common envelope; figures of a run that did not run are left out.
BenchResult bench_result(const TargetResult& result) {
  BenchResult out;
  out.name = result.row.name;
  out.parameters = {{"points", result.row.points}, {"train_s", result.row.train_s}};
  out.seconds = spread_of({result.jets.seconds});
  const auto add = [&](const std::string& prefix, const TargetRun& run) {
    out.figures.emplace_back(prefix + "status", std::int64_t{run.status});
    if (!run.ran()) return;
    out.figures.emplace_back(prefix + "steps", run.steps);
    out.figures.emplace_back(prefix + "points_per_s", run.points_per_s);
    out.figures.emplace_back(prefix + "loss", run.loss);
    if (run.rel_l2 >= 0) out.figures.emplace_back(prefix + "rel_l2", run.rel_l2);
    out.figures.emplace_back(prefix + "memory_mb", run.memory_mb);
    if (run.utilisation >= 0) out.figures.emplace_back(prefix + "utilisation", run.utilisation);
  };
  add("", result.jets);
  if (!result.jets.utilisation_from.empty()) out.figures.emplace_back("utilisation_from", result.jets.utilisation_from);
  if (!result.jets.bottleneck.empty()) out.figures.emplace_back("bottleneck", result.jets.bottleneck);
  add("reference_", result.reference);
  for (const TargetResult::Figure& figure : result.figures()) {
    out.figures.emplace_back(figure.name, figure.value);
    out.figures.emplace_back(figure.name + "_target", figure.target);
    out.figures.emplace_back(figure.name + "_met", figure.met);
  }
  if (result.jets.ran() && result.reference.ran())
    out.figures.emplace_back("points_per_s_ratio", quotient(result.jets.points_per_s, result.reference.points_per_s));
  out.verified = result.jets.ran() && result.reference.ran();
  if (!out.verified)
    out.trouble =
        fmt::format("did not run: jets status {}, reference status {}", result.jets.status, result.reference.status);
  return out;
}

std::string value_or_dash(double value, const char* format) {
  return value < 0 ? "-" : fmt::format(fmt::runtime(format), value);
}

}  // namespace

TargetRun read_target_summary(const std::string& text, const LaunchResult& launched) {
  const nlohmann::json summary = nlohmann::json::parse(text, nullptr, false);
  if (!summary.is_object()) throw Error(Status::storage, "the run's summary.json is not JSON");
  TargetRun run;
  run.status = launched.status;
  run.seconds = launched.seconds;
  run.steps = static_cast<std::int64_t>(number(summary, "steps"));
  run.points_per_s = number(summary, "points_seen") / launched.seconds;
  run.loss = number(summary, "loss");
  for (const nlohmann::json& mib : summary.value("peak_memory_mib", nlohmann::json::array()))
    run.memory_mb += mib.get<double>() * 1.048576;
  run.utilisation = run.rel_l2 = unknown;
  for (const char* key : {"utilisation", "product_share"}) {
    const auto found = summary.find(key);
    if (run.utilisation >= 0 || found == summary.end() || !found->is_number()) continue;
    // The run's own clock begins with the program; loading it and the end of mpirun count here too.
    run.utilisation = found->get<double>() * std::min(1.0, number(summary, "wall_s") / launched.seconds);
    run.utilisation_from = key;
  }
  const auto error = summary.find("error");
  if (error != summary.end() && error->contains("u") && (*error)["u"].contains("rel_l2") &&
      (*error)["u"]["rel_l2"].is_number())
    run.rel_l2 = (*error)["u"]["rel_l2"].get<double>();
  return run;
}

std::string read_bottleneck(const std::string& text) {
  const nlohmann::json profile = nlohmann::json::parse(text, nullptr, false);
  const nlohmann::json::json_pointer sentence("/bottleneck/sentence");
  return profile.is_object() && profile.contains(sentence) && profile[sentence].is_string()
             ? profile[sentence].get<std::string>()
             : "";
}

std::vector<TargetResult::Figure> TargetResult::figures() const {
  std::vector<Figure> all;
  if (!jets.ran()) return all;
  all.push_back({"time_s", jets.seconds, row.limit_s, jets.seconds < row.limit_s});
  all.push_back({"job_memory_mb", jets.memory_mb, row.limit_mb, jets.memory_mb < row.limit_mb});
  if (jets.utilisation >= 0)
    all.push_back({"roofline", jets.utilisation, row.utilisation, jets.utilisation > row.utilisation});
  if (row.loss > 0) all.push_back({"final_loss", jets.loss, row.loss, jets.loss < row.loss});
  if (reference.ran()) {
    const double ratio = quotient(static_cast<double>(jets.steps), static_cast<double>(reference.steps));
    all.push_back({"steps_ratio", ratio, target_steps_ratio, ratio >= target_steps_ratio});
  }
  return all;
}

int TargetReport::status() const {
  int worst = 0;
  if (stopped) return static_cast<int>(Status::stopped);
  for (const TargetResult& result : results) worst = std::max({worst, result.jets.status, result.reference.status});
  return worst;
}

bool TargetReport::met() const {
  for (const TargetResult& result : results)
    for (const TargetResult::Figure& figure : result.figures())
      if (!figure.met) return false;
  return true;
}

std::string TargetReport::json() const {
  BenchReport report;
  report.benchmark = "targets";
  report.machine = machine;
  report.config = {{"problem", "Burgers in (t, x), nu = 0.01/pi"}, {"network", "4 x 64"}, {"all_met", met()}};
  for (const TargetResult& result : results) report.results.push_back(bench_result(result));
  return report.json();
}

std::string TargetReport::text() const {
  std::string out = fmt::format(
      "{:<5} {:>7} {:>7} {:>9} {:>8} {:>8} {:>9} {:>9} | nested autograd {:>6} {:>9} | ratio: {:>6} {:>9}\n", "row",
      "points", "time s", "memory MB", "roofline", "steps", "loss", "rel_l2", "steps", "loss", "steps", "points/s");
  std::string figures;
  for (const TargetResult& result : results) {
    const TargetRun &jets = result.jets, &other = result.reference;
    const auto hole = [](const TargetRun& run) {
      return fmt::format("DID NOT RUN: status {} after {:.1f} s", run.status, run.seconds);
    };
    out += fmt::format("{:<5} {:>7} ", result.row.name, result.row.points);
    out += !jets.ran() ? fmt::format("{:<55}", hole(jets))
                       : fmt::format("{:>7.2f} {:>9.0f} {:>8} {:>8} {:>9.2e} {:>9}", jets.seconds, jets.memory_mb,
                                     value_or_dash(jets.utilisation * 100, "{:.0f} %"), jets.steps, jets.loss,
                                     value_or_dash(jets.rel_l2, "{:.2e}"));
    out += !other.ran() ? " | " + hole(other) : fmt::format(" | {:>22} {:>9.2e}", other.steps, other.loss);
    if (jets.ran() && other.ran())
      out +=
          fmt::format(" | {:>13.1f} {:>9.1f}", quotient(static_cast<double>(jets.steps), static_cast<double>(other.steps)),
                      quotient(jets.points_per_s, other.points_per_s));
    out += "\n";
    for (const TargetResult::Figure& figure : result.figures())
      figures += fmt::format("{:<5} {:<13} {:>10.4g}  target {:>6.4g}  {}\n", result.row.name, figure.name, figure.value,
                             figure.target, figure.met ? "met" : "MISSED");
    if (!jets.bottleneck.empty()) figures += fmt::format("{:<5} {}\n", result.row.name, jets.bottleneck);
  }
  const bool products =
      std::any_of(results.begin(), results.end(), [](const auto& r) { return r.jets.utilisation_from == "product_share"; });
  if (stopped) out += "stopped on request: the rows that follow did not run\n";
  if (products) out += "roofline: share of the product rate alone, for these summaries hold no utilisation\n";
  return out + figures;
}

TargetReport bench_targets(StopRequests& stops, const BenchTargetsOptions& options) {
  TargetReport report;
  report.machine = describe_machine();
  report.machine.ranks = options.ranks;
  prepare_folder(options.folder);
  write_burgers_table(options.folder + "/burgers.h5", target_viscosity, 51, 201);
  warm_up(stops, options);
  for (const TargetRow& row : options.rows) {
    const std::string folder = prepare_row(options, row);
    TargetResult result;
    result.row = row;
    result.ranks = options.ranks;
    for (const auto& [engine, run] : {std::pair{"jets", &result.jets}, std::pair{"reference", &result.reference}}) {
      if (stops.asked()) break;
      options.progress(fmt::format("{}: training by {} for {} s", row.name, engine, row.train_s));
      *run = run_row(stops, options, row, folder, engine);
    }
    report.stopped = stops.asked();
    if (report.stopped) break;
    report.results.push_back(result);
  }
  return report;
}

}  // namespace jetpinn
