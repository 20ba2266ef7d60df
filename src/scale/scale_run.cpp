#include "jetpinn/scale/scale_run.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/study/run_files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <sstream>

namespace jetpinn {
namespace {

constexpr double mib = 1024.0 * 1024.0;

// Seconds of a step from the rates that the run logged: runs that were not profiled. The first line has the start in it.
double step_from_metrics(const std::string& folder, double points) {
  std::vector<double> rates;
  const FileText metrics = file_text(folder + "/metrics.jsonl");
  if (metrics.code != 0) return 0;  // of a part of its lines nothing can be said
  std::istringstream file(metrics.text);
  for (std::string line; std::getline(file, line);) {
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    const double rate = number_at(json, "/points_per_s");
    if (rate > 0) rates.push_back(rate);
  }
  if (rates.size() > 1) rates.erase(rates.begin());
  if (rates.empty()) return 0;
  std::nth_element(rates.begin(), rates.begin() + static_cast<std::ptrdiff_t>(rates.size() / 2), rates.end());
  return points / rates[rates.size() / 2];
}

// What the parts take of a step, the rest "other": the regions' totals hold the start too, which is almost all other. They
// are means over all steps; where those outweigh the median step, the parts keep their proportions.
void read_split(const nlohmann::json& profile, MeasuredRun& outcome) {
  const double steps = number_at(profile, "/steps");
  if (!(steps > 0) || !profile.contains("regions")) return;
  double sum = 0;
  for (const std::string& part : split_parts()) {
    if (part == "other") continue;
    const double seconds = number_at(profile, ("/regions/" + part + "/mean").c_str()) / steps;
    outcome.split[part] = seconds;
    sum += seconds;
  }
  if (sum > outcome.step_s)
    for (auto& [part, seconds] : outcome.split) seconds *= outcome.step_s / sum;
  outcome.split["other"] = std::max(0.0, outcome.step_s - sum);
  outcome.imbalance = number_at(profile, "/imbalance", -1);
}

MeasuredRun fail(MeasuredRun outcome, int status, const std::string& reason) {
  outcome.state = MeasuredRun::State::failed;
  outcome.status = status;
  outcome.reason = reason;
  return outcome;
}

}  // namespace

const std::vector<std::string>& split_parts() {
  static const std::vector<std::string> parts{"product",        "activation", "tape", "allreduce_wait",
                                              "allreduce_move", "optimizer",  "other"};
  return parts;
}

MeasuredRun read_outcome(const std::string& folder, std::int64_t steps, double until_error) {
  MeasuredRun outcome;
  const int status = run_status(folder);
  const auto [summary, fault] = find_json(folder + "/summary.json");
  if (status > 0) return fail(outcome, status, last_words(folder));
  if (!fault.empty()) return fail(outcome, static_cast<int>(Status::storage), fault);
  if (!summary.is_object())
    return status < 0 ? outcome : fail(outcome, static_cast<int>(Status::communication), "it left no summary.json");

  outcome.wall_s = number_at(summary, "/wall_s");
  outcome.parameters = static_cast<std::int64_t>(number_at(summary, "/parameters"));
  outcome.device = text_at(summary, "device");
  if (const auto peaks = summary.find("peak_memory_mib"); peaks != summary.end() && peaks->is_array())
    for (const nlohmann::json& peak : *peaks)
      if (peak.is_number()) outcome.peak_mib.push_back(peak.get<double>());
  const std::string ended = text_at(summary, "status"), stopped_by = text_at(summary, "stopped_by");
  if (status < 0 && ended != "completed") return MeasuredRun{};  // of a job that is still at work, or was never waited for
  if (ended != "completed")
    return fail(outcome, static_cast<int>(Status::communication), "it " + (ended.empty() ? "did not end" : ended));
  if (until_error > 0 && stopped_by != "error")
    return fail(outcome, 0, fmt::format("the error {:g} was never reached (it ended by {})", until_error, stopped_by));
  // of another study
  if (until_error == 0 && number_at(summary, "/steps") != static_cast<double>(steps)) return MeasuredRun{};

  const nlohmann::json profile = read_json(folder + "/profile/summary.json");
  outcome.step_s = number_at(profile, "/step_s/median");
  if (!(outcome.step_s > 0)) outcome.step_s = step_from_metrics(folder, number_at(summary, "/points"));
  outcome.time_to_error_s = until_error > 0 ? outcome.wall_s : 0;
  read_split(profile, outcome);
  outcome.used_mib = number_at(profile, "/memory/used/max") / mib;
  outcome.minimum_mib = number_at(profile, "/memory/minimum/max") / mib;
  if (!(outcome.step_s > 0)) return fail(outcome, 0, "it left no time of a step");
  outcome.state = MeasuredRun::State::measured;
  return outcome;
}

std::string describe_hole(const MeasuredRun& outcome) {
  if (outcome.state == MeasuredRun::State::missing) return "not run";
  return outcome.status > 0 ? fmt::format("failed: status {}", outcome.status) : outcome.reason;
}

}  // namespace jetpinn
