#include "jetpinn/train/metrics_log.hpp"

#include "jetpinn/io/atomic_file.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <sstream>
#include <system_error>

namespace jetpinn {

using Json = nlohmann::ordered_json;

std::string metrics_line(const StepRecord& record, const std::vector<std::string>& term_names) {
  Json terms = Json::object(), shares = Json::object(), errors = Json::object();
  for (std::size_t t = 0; t < record.terms.size(); ++t) terms[term_names[t]] = record.terms[t];
  for (std::size_t t = 0; t < record.shares.size(); ++t) shares[term_names[t]] = record.shares[t];
  for (const FieldError& error : record.errors) errors[error.field] = {{"rel_l2", error.rel_l2}, {"max_abs", error.max_abs}};
  Json line = {{"step", record.step},
                     {"stage", record.stage},
                     {"time_s", record.time_s},
                     {"loss", record.loss},
                     {"terms", terms},
                     {"shares", shares},
                     {"learning_rate", record.learning_rate},
                     {"points_per_s", record.points_per_s},
                     {"gradient_norm", record.gradient_norm},
                     {"memory_mib", record.memory_mib},
                     {"utilisation", record.utilisation},
                     {"memory_efficiency", record.memory_efficiency},
                     {"error", errors}};
  for (std::size_t t = 0; t < record.weights.size(); ++t) {
    line["loss_balanced"] = record.loss_balanced;
    line["weights"][term_names[t]] = record.weights[t];
    if (!std::isnan(record.causal[t])) line["least_causal_weight"][term_names[t]] = record.causal[t];
  }
  if (record.gate) {
    line["gate"] = {{"activation", record.gate->activation},
                    {"saved", record.gate->saved},
                    {"threshold", record.gate->threshold},
                    {"loss", record.gate->loss}};
    if (record.joules >= 0) line["joules"] = record.joules, line["joules_modelled"] = record.joules_modelled;
  }
  for (const TrainedValue& number : record.trained) line["trainable"][number.name] = number.value;
  if (!std::isnan(record.loss_independent)) line["loss_independent"] = record.loss_independent;
  for (const MonitorValue& monitor : record.monitors) line["monitors"][monitor.name] = monitor.value;
  for (const ValidationError& error : record.validation) line["validation"][error.term] = error.rms;
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void drop_metrics_after(const std::string& run_directory, std::int64_t step) {
  const std::string path = run_directory + "/metrics.jsonl";
  std::error_code trouble;
  if (!std::filesystem::exists(path, trouble)) return;
  std::istringstream lines(read_text_file(path));
  std::string kept, line;
  while (std::getline(lines, line)) {
    const auto json = Json::parse(line, nullptr, false);
    if (json.is_object() && json.contains("step") && json["step"].is_number_integer() && json["step"] <= step)
      kept += line + "\n";
  }
  write_text_file(path, kept);
}

MetricsLog::MetricsLog(const std::string& run_directory, bool append) : lines_(run_directory + "/metrics.jsonl", append) {}

void MetricsLog::started(const RunFacts& facts) { terms_ = facts.terms; }

void MetricsLog::step(const StepRecord& record) { lines_.add(metrics_line(record, terms_)); }

}  // namespace jetpinn
