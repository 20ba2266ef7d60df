#include "jetpinn/study/gate_study.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/study/run_files.hpp"
#include "jetpinn/study/sample_spread.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <sstream>

namespace jetpinn {
namespace {

using GateJson = nlohmann::json;

constexpr double most_steps = 1e15;  // of a run; more are no number of steps

// The largest of what stands under the names of an object; NaN: there is none.
double largest_of(const GateJson& object, const char* pointer) {
  double most = NAN;
  if (object.is_object())
    for (const auto& [name, value] : object.items()) {
      const double own = *pointer ? number_at(value, pointer, NAN) : value.is_number() ? value.get<double>() : NAN;
      if (!(own <= most)) most = own;
    }
  return most;
}

GateJson child(const GateJson& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return found == json.end() ? GateJson() : *found;
}

const char* const share_wrong = "share that is wrong";  // of the images set aside

// A run's own measure of being right: against a reference, on rows held out, of images set aside, or where no step trains.
double error_in(const GateJson& json, const std::string& measure) {
  if (measure == "error") return largest_of(child(json, "error"), "/rel_l2");
  if (measure == "validation") return largest_of(child(json, "validation"), "");
  if (measure == share_wrong)
    return 1 - number_at(json,
                         json.contains("classification") ? "/classification/validation_accuracy" : "/validation/accuracy",
                         NAN);
  return number_at(json, "/loss_independent", NAN);
}

std::string measure_of(const GateJson& summary) {
  for (const char* measure : {"error", "validation", share_wrong})
    if (std::isfinite(error_in(summary, measure))) return measure;
  return "independent loss";
}

// The lines of a log, up to the first damaged one; `fault`: why it is not whole.
std::vector<GateJson> metrics_of(const std::string& path, std::string& fault) {
  std::vector<GateJson> lines;
  const FileText file = file_text(path);
  if (file.code != 0) fault = path + " cannot be read: " + std::strerror(file.code);
  std::istringstream text(file.text);
  for (std::string line; fault.empty() && std::getline(text, line);)
    if (GateJson json = GateJson::parse(line, nullptr, false); json.is_object())
      lines.push_back(std::move(json));
    else
      fault = fmt::format("{} is damaged in line {}", path, lines.size() + 1);
  return lines;
}

void read_metrics(const std::vector<GateJson>& lines, double target, GateOutcome& outcome) {
  std::int64_t left_at = -1;  // the last step in which all was active
  for (const GateJson& line : lines) {
    const auto step = static_cast<std::int64_t>(number_at(line, "/step"));
    const double activation = number_at(line, "/gate/activation", NAN), error = error_in(line, outcome.measure);
    if (std::isfinite(error)) outcome.errors.emplace_back(number_at(line, "/time_s"), error);
    if (activation == 1) left_at = step;
    if (activation <= 0.1 && outcome.to_tenth < 0) outcome.to_tenth = step;
    if (left_at >= 0 && activation < 1 && step > left_at + 20) {
      const double distance = std::abs(activation - target);
      if (!(distance <= outcome.farthest)) outcome.farthest = distance;
    }
  }
  if (lines.size() < 2) return;
  const double steps = number_at(lines.back(), "/step") - number_at(lines.front(), "/step"),
               seconds = number_at(lines.back(), "/time_s") - number_at(lines.front(), "/time_s");
  if (steps > 0) outcome.step_s = seconds / steps;
}

// Of Student's t with n degrees of freedom, two-sided 95 %.
double student(std::size_t n) {
  constexpr double quantiles[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                  2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086};
  return n <= std::size(quantiles) ? quantiles[n - 1] : 1.96 + 2.5 / static_cast<double>(n);
}

}  // namespace

const char* to_string(GateVariant variant) {
  switch (variant) {
    case GateVariant::ungated:
      return "ungated";
    case GateVariant::gated:
      return "gated";
    case GateVariant::uniform:
      return "uniform";
    case GateVariant::loss:
      break;
  }
  return "loss";
}

const char* describe(GateVariant variant) {
  switch (variant) {
    case GateVariant::ungated:
      return "all of them in every step";
    case GateVariant::gated:
      return "the config's gate";
    case GateVariant::uniform:
      return "as many, drawn evenly";
    case GateVariant::loss:
      break;
  }
  return "as many, by their last residual, or loss, alone";
}

std::vector<std::string> assignments_of(GateVariant variant, bool images) {
  switch (variant) {
    case GateVariant::ungated:
      return {images ? "gate.warm_up=1000000000" : "gate.warm_up=1000000000000000"};
    case GateVariant::gated:
      return {};
    case GateVariant::uniform:
      return {"gate.uniform=1"};
    case GateVariant::loss:
      break;
  }
  std::vector<std::string> sets{"gate.significance.residual=1", "gate.significance.change=0", "gate.significance.age=0"};
  if (!images) sets.emplace_back("gate.significance.gradient=0");
  return sets;
}

std::string GateRun::name() const {
  return fmt::format("{}-{}-{}", by_seconds ? "seconds" : "steps", to_string(variant), seed);
}

double GateOutcome::seconds_to(double wanted) const {
  for (const auto& [seconds, value] : errors)
    if (value <= wanted) return seconds;
  return NAN;
}

bool was_begun_with(const std::string& folder, const std::string& config) {
  const FileText file = file_text(folder + "/config.toml");
  return file.code == 0 && file.text == config;
}

GateOutcome read_gate_outcome(const std::string& folder, const std::string& config) {
  GateOutcome outcome;
  const auto [summary, fault] = find_json(folder + "/summary.json");
  const int status = run_status(folder);
  outcome.fault = fault;
  const bool completed = summary.is_object() && text_at(summary, "status") == "completed";
  if (!completed || !was_begun_with(folder, config) || status > 0) {
    outcome.reason = status > 0       ? fmt::format("status {}: {}", status, last_words(folder))
                     : !fault.empty() ? fault
                                      : "not run";
    return outcome;
  }
  const std::vector<GateJson> lines = metrics_of(folder + "/metrics.jsonl", outcome.fault);
  const double steps = number_at(summary, "/steps", -1);
  if (!(steps >= 0 && steps <= most_steps) || !(number_at(summary, "/wall_s", -1) > 0))
    outcome.fault = folder + "/summary.json is damaged (it holds no steps, or no seconds)";
  else if (outcome.fault.empty() && steps > 0 && !summary.contains("classification") &&  // whose lines are those of epochs
           (lines.empty() || number_at(lines.back(), "/step", -1) != steps))
    outcome.fault = folder + "/metrics.jsonl is cut off: it does not end with the last step of the run";
  if (!outcome.fault.empty()) {
    outcome.reason = outcome.fault;
    return outcome;
  }
  outcome.done = true;
  outcome.measure = measure_of(summary);
  outcome.steps = static_cast<std::int64_t>(steps);
  outcome.error = error_in(summary, outcome.measure);
  outcome.wall_s = number_at(summary, "/wall_s", NAN);
  outcome.joules = number_at(summary, "/joules", NAN);
  outcome.modelled = !std::isfinite(outcome.joules);
  if (outcome.modelled) outcome.joules = number_at(summary, "/joules_modelled", NAN);
  outcome.activation = number_at(summary, "/gate/activation", 1);
  outcome.saved = number_at(summary, "/gate/saved");
  read_metrics(lines, number_at(summary, "/gate/target", 1), outcome);
  return outcome;
}

MeanInterval mean_interval(const std::vector<double>& samples, bool ratio) {
  std::vector<double> values;
  for (const double sample : samples)
    if (std::isfinite(sample) && (!ratio || sample > 0)) values.push_back(ratio ? std::log(sample) : sample);
  MeanInterval interval;
  interval.samples = values.size();
  if (values.empty()) return interval;
  const auto n = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto back = [&](double value) { return ratio ? std::exp(value) : value; };
  interval.mean = back(mean);
  if (values.size() < 2) return interval;
  const double half = student(values.size() - 1) * std::sqrt(squares / (n - 1) / n);
  interval.low = back(mean - half);
  interval.high = back(mean + half);
  return interval;
}

int GateStudy::status() const {
  for (const GateOutcome& outcome : outcomes)
    if (!outcome.done) return static_cast<int>(Status::communication);
  return static_cast<int>(Status::done);
}

std::vector<double> GateStudy::values(GateVariant variant, bool by_seconds, double (*value)(const GateOutcome&)) const {
  std::vector<double> list;
  const bool measure = variant == GateVariant::ungated;  // one run for both
  for (std::size_t r = 0; r < runs.size(); ++r)
    if (outcomes[r].done && runs[r].variant == variant && (measure || runs[r].by_seconds == by_seconds))
      list.push_back(value(outcomes[r]));
  return list;
}

MeanInterval GateStudy::ratio(GateVariant variant, bool by_seconds, double (*value)(const GateOutcome&)) const {
  std::vector<double> ratios;
  for (std::size_t r = 0; r < runs.size(); ++r) {
    if (!outcomes[r].done || runs[r].variant != variant || runs[r].by_seconds != by_seconds) continue;
    for (std::size_t base = 0; base < runs.size(); ++base)
      if (runs[base].variant == GateVariant::ungated && runs[base].seed == runs[r].seed && outcomes[base].done)
        ratios.push_back(value(outcomes[r]) / value(outcomes[base]));
  }
  return mean_interval(ratios, true);
}

double GateStudy::wanted_error() const {
  if (options.error > 0) return options.error;
  std::vector<double> errors;
  for (const double error : values(GateVariant::ungated, false, [](const GateOutcome& o) { return o.error; }))
    if (std::isfinite(error)) errors.push_back(error);
  return errors.empty() ? NAN : spread_of(errors).median;
}

}  // namespace jetpinn
