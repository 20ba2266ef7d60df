#include "jetpinn/study/sweep_study.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/plural.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/study/run_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace jetpinn {
namespace {

std::string config_of(const std::string& folder) { return file_text(folder + "/config.toml").text; }

int status_of_failure(const std::string& stopped_by) {
  return static_cast<int>(stopped_by == "storage"         ? Status::storage
                          : stopped_by == "communication" ? Status::communication
                                                          : Status::numerical);
}

void read_numbers(const nlohmann::json& summary, SweepOutcome& outcome) {
  outcome.stopped_by = text_at(summary, "stopped_by");
  outcome.steps = static_cast<std::int64_t>(number_at(summary, "/steps"));
  outcome.parameters = static_cast<std::int64_t>(number_at(summary, "/parameters"));
  outcome.wall_s = number_at(summary, "/wall_s");
  outcome.loss = number_at(summary, "/loss", NAN);
  outcome.loss_independent = number_at(summary, "/loss_independent", NAN);
  if (const auto errors = summary.find("error"); errors != summary.end() && errors->is_object())
    for (const auto& [field, values] : errors->items()) outcome.errors[field] = number_at(values, "/rel_l2", NAN);
  if (const auto warnings = summary.find("warnings"); warnings != summary.end() && warnings->is_array())
    for (const nlohmann::json& warning : *warnings)
      if (warning.is_string()) outcome.warnings.push_back(warning.get<std::string>());
}

SampleSpread spread(const Sweep& sweep, const SweepSetting& setting, double (*value)(const SweepOutcome&)) {
  std::vector<double> values;
  for (const std::size_t run : setting.runs) {
    const SweepOutcome& outcome = sweep.outcomes[run];
    if (outcome.state == SweepOutcome::State::done && std::isfinite(value(outcome))) values.push_back(value(outcome));
  }
  return spread_of(values);
}

// What settings are compared by.
const SampleSpread& measure(const Sweep& sweep, const SweepSetting& setting) {
  const bool errors =
      std::any_of(sweep.settings.begin(), sweep.settings.end(), [](const SweepSetting& s) { return s.error.samples > 0; });
  return errors ? setting.error : setting.loss;
}

std::string setting_text(const Sweep& sweep, const SweepSetting& setting) {
  std::string text;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a)
    if (!is_seed(sweep.axes[a]))
      text += (text.empty() ? "" : ", ") + sweep.axes[a].key + " = " + sweep.runs[setting.runs.front()].values[a];
  return text;
}

}  // namespace

double SweepOutcome::error() const {
  double largest = NAN;
  for (const auto& [field, error] : errors) {
    if (!std::isfinite(error)) return NAN;
    largest = std::isnan(largest) ? error : std::max(largest, error);
  }
  return largest;
}

SweepOutcome read_sweep_outcome(const std::string& folder, const std::string& config) {
  SweepOutcome outcome;
  const int status = run_status(folder);
  const auto fail = [&](int with, const std::string& reason) {
    outcome.state = SweepOutcome::State::failed;
    outcome.status = with;
    outcome.reason = reason;
    return outcome;
  };
  const auto [summary, fault] = find_json(folder + "/summary.json");
  const std::string ended = text_at(summary, "status");
  if (status > 0 && status != static_cast<int>(Status::stopped)) return fail(status, last_words(folder));
  if (!fault.empty()) return fail(static_cast<int>(Status::storage), fault);
  if (!summary.is_object() && status == 0) return fail(static_cast<int>(Status::communication), "it left no summary.json");
  if (!summary.is_object()) return outcome;
  read_numbers(summary, outcome);
  if (ended == "failed") return fail(status_of_failure(outcome.stopped_by), outcome.stopped_by);
  if (ended == "stopped") outcome.state = SweepOutcome::State::stopped;
  if (ended == "completed" && config_of(folder) == config) outcome.state = SweepOutcome::State::done;
  return outcome;
}

std::string describe(const SweepOutcome& outcome) {
  switch (outcome.state) {
    case SweepOutcome::State::done: return "done";
    case SweepOutcome::State::stopped: return "stopped";
    case SweepOutcome::State::failed: return fmt::format("failed: status {}", outcome.status);
    case SweepOutcome::State::missing: break;
  }
  return "not run";
}

int Sweep::status() const {
  for (const SweepOutcome& outcome : outcomes) {
    if (outcome.state == SweepOutcome::State::failed) return outcome.status;
    if (outcome.state == SweepOutcome::State::stopped) return static_cast<int>(Status::stopped);
    if (outcome.state == SweepOutcome::State::missing) return static_cast<int>(Status::communication);
  }
  return static_cast<int>(Status::done);
}

Sweep evaluate_sweep(const SweepOptions& options, const std::string& name, const std::vector<SweepAxis>& axes,
                     const std::vector<SweepRun>& runs, const std::vector<SweepOutcome>& outcomes) {
  Sweep sweep;
  sweep.options = options;
  sweep.name = name;
  sweep.axes = axes;
  sweep.runs = runs;
  sweep.outcomes = outcomes;
  for (std::size_t r = 0; r < runs.size(); ++r) {
    if (runs[r].setting >= sweep.settings.size()) sweep.settings.resize(runs[r].setting + 1);
    SweepSetting& setting = sweep.settings[runs[r].setting];
    setting.runs.push_back(r);
    setting.done += outcomes[r].state == SweepOutcome::State::done ? 1 : 0;
  }
  for (SweepSetting& setting : sweep.settings) {
    setting.error = spread(sweep, setting, [](const SweepOutcome& o) { return o.error(); });
    setting.loss = spread(sweep, setting, [](const SweepOutcome& o) { return o.loss; });
    setting.loss_independent = spread(sweep, setting, [](const SweepOutcome& o) { return o.loss_independent; });
    setting.seconds = spread(sweep, setting, [](const SweepOutcome& o) { return o.wall_s; });
  }
  return sweep;
}

std::vector<std::string> sweep_sentences(const Sweep& sweep) {
  std::vector<const SweepSetting*> order;
  for (const SweepSetting& setting : sweep.settings)
    if (measure(sweep, setting).samples > 0) order.push_back(&setting);
  if (order.empty()) return {"no run has come to an end that can be compared"};
  std::stable_sort(order.begin(), order.end(), [&](const SweepSetting* a, const SweepSetting* b) {
    return measure(sweep, *a).median < measure(sweep, *b).median;
  });
  const SampleSpread& best = measure(sweep, *order[0]);
  const char* what = &best == &order[0]->error ? "error" : "loss";
  std::vector<std::string> lines;
  if (sweep.settings.size() == 1) {
    lines.push_back(fmt::format("over {} the {} has the median {:.3g} ({:.3g} .. {:.3g})", plural(best.samples, "run"), what,
                                best.median, best.min, best.max));
    return lines;
  }
  lines.push_back(fmt::format("smallest median {}: {:.3g} with {} ({} run{}, {:.3g} .. {:.3g})", what, best.median,
                              setting_text(sweep, *order[0]), best.samples, best.samples == 1 ? "" : "s", best.min,
                              best.max));
  if (order.size() == 1) return lines;
  const SampleSpread& next = measure(sweep, *order[1]);
  const std::string of_next = fmt::format("{:.3g} with {}", next.median, setting_text(sweep, *order[1]));
  if (best.samples < 2 || next.samples < 2)
    lines.push_back("the next: " + of_next +
                    "; one run of a setting says nothing of its spread: give training.seed several values");
  else if (best.max < next.min)
    lines.push_back("the next, " + of_next + ", is worse for every seed");
  else
    lines.push_back("the next, " + of_next + ", is not told apart from it by these seeds: their ranges overlap");
  return lines;
}

}  // namespace jetpinn
