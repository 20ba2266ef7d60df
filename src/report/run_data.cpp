#include "jetpinn/report/run_data.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/base/plural.hpp"
#include "jetpinn/config/config.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/profile/profile_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

// null when it is not there, or no JSON.
Json read_json(RunData& run, const std::string& file, const std::string& without) {
  const std::string path = run.folder + "/" + file;
  if (!is_file(path)) {
    run.missing.push_back(file + " is not there: " + without);
    return nullptr;
  }
  Json json = Json::parse(read_text_file(path), nullptr, false);
  if (json.is_object()) return json;
  run.missing.push_back(file + " is damaged: " + without);
  return nullptr;
}

double number_of(const Json& json, const std::string& key, double otherwise) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<double>() : otherwise;
}

std::string text_of(const Json& json, const std::string& key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

Curve& curve_named(std::vector<Curve>& curves, const std::string& name) {
  for (Curve& curve : curves)
    if (curve.name == name) return curve;
  curves.push_back({name, {}});
  return curves.back();
}

// stage: that of the line before, < 0 for none; begins: the first logged step of each stage but the first.
void read_metrics_line(RunData& run, const Json& line, double& stage, std::vector<double>& begins) {
  const double step = number_of(line, "step", -1);
  const auto add = [&](Curve& curve, const Json& holder, const std::string& key) {
    if (const auto found = holder.find(key); found != holder.end() && found->is_number())
      curve.points.emplace_back(step, found->get<double>());
  };
  add(run.loss_curve, line, "loss");
  add(run.independent_curve, line, "loss_independent");
  add(run.learning_rate, line, "learning_rate");
  add(run.gradient_norm, line, "gradient_norm");
  if (const auto gate = line.find("gate"); gate != line.end() && gate->is_object()) {
    for (const char* key : {"activation", "saved"}) add(curve_named(run.gate, key), *gate, key);
  }
  add(run.joules, line, "joules");
  if (const auto modelled = line.find("joules_modelled"); modelled != line.end() && *modelled == true)
    run.joules.name = "modelled";
  if (line.contains("accuracy")) {
    add(curve_named(run.accuracies, "images trained on"), line, "accuracy");
    if (const auto aside = line.find("validation"); aside != line.end() && aside->is_object()) {
      add(run.validation_curve, *aside, "loss");
      add(curve_named(run.accuracies, "images set aside"), *aside, "accuracy");
    }
  }
  const auto add_each = [&](std::vector<Curve>& curves, const std::string& key) {
    if (const auto found = line.find(key); found != line.end() && found->is_object())
      for (const auto& [name, value] : found->items())
        if (value.is_number()) curve_named(curves, name).points.emplace_back(step, value.get<double>());
  };
  add_each(run.terms, "terms");
  add_each(run.shares, "shares");
  if (const auto errors = line.find("error"); errors != line.end() && errors->is_object())
    for (const auto& [field, value] : errors->items())
      if (value.is_object()) add(curve_named(run.error_curves, field), value, "rel_l2");
  const double number = number_of(line, "stage", stage);
  if (stage >= 0 && number != stage) begins.push_back(step);
  stage = number;
}

void read_metrics(RunData& run) {
  const std::string path = run.folder + "/metrics.jsonl";
  if (!is_file(path)) {
    run.missing.push_back("metrics.jsonl is not there: no curves over the steps");
    return;
  }
  std::int64_t damaged = 0;
  double stage = -1;
  std::vector<double> begins;
  for_each_line(path, [&](const std::string& text, std::int64_t, bool whole) {
    const Json line = Json::parse(text, nullptr, false);
    if (line.is_object() && number_of(line, "step", -1) >= 0) read_metrics_line(run, line, stage, begins);
    else if (whole) ++damaged;   // a last line without an end is being written
  });
  if (run.stages.empty()) run.stages = begins;   // the summary, where there is one, knows where each stage ended
  if (damaged > 0) run.missing.push_back(plural(damaged, "damaged line") + " of metrics.jsonl left out");
  if (run.loss_curve.points.empty()) run.missing.push_back("metrics.jsonl holds no step: no curves over the steps");
}

// Any value as words: what other versions of the program write is shown too.
std::string words_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "unknown";
  if (value.is_number_integer()) return fmt::format("{}", value.get<std::int64_t>());
  if (value.is_number()) return figure_text(value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  std::string words;
  for (const auto& [key, item] : value.items())
    words += (words.empty() ? "" : value.is_object() ? "; " : ", ") + (value.is_object() ? key + " " : "") + words_of(item);
  return words;
}

// The step at which each stage but the first begins, from how many each of them took.
std::vector<double> stage_begins(const Json& summary) {
  std::vector<double> begins;
  const auto stages = summary.find("stages");
  if (stages == summary.end() || !stages->is_array()) return begins;
  double step = 0;
  for (std::size_t s = 0; s + 1 < stages->size(); ++s) {
    const Json& stage = (*stages)[s];
    begins.push_back(step += stage.is_object() ? number_of(stage, "steps", 0) : 0);
  }
  return begins;
}

void read_summary(RunData& run) {
  const Json summary = read_json(run, "summary.json", "the run still goes on, or was killed");
  if (summary.is_null()) return;
  run.status = text_of(summary, "status");
  run.stopped_by = text_of(summary, "stopped_by");
  run.wall_s = number_of(summary, "wall_s", -1);
  run.loss = number_of(summary, "loss", -1);
  run.loss_independent = number_of(summary, "loss_independent", -1);
  run.steps = std::llround(number_of(summary, "steps", -1));
  run.ranks = std::llround(number_of(summary, "ranks", -1));
  run.points = std::llround(number_of(summary, "points", -1));
  run.stages = stage_begins(summary);
  if (const std::string verdict = text_of(summary, "verdict"); !verdict.empty()) run.warnings.push_back(verdict);
  if (const auto warnings = summary.find("warnings"); warnings != summary.end() && warnings->is_array())
    for (const Json& warning : *warnings)
      if (warning.is_string()) run.warnings.push_back(warning);
  if (const auto errors = summary.find("error"); errors != summary.end() && errors->is_object())
    for (const auto& [field, error] : errors->items())
      run.errors.emplace_back(field, error.is_object() ? number_of(error, "rel_l2", NAN) : NAN);
  if (const auto memory = summary.find("peak_memory_mib"); memory != summary.end() && memory->is_array())
    for (const Json& mib : *memory)
      if (mib.is_number()) run.peak_memory_mib.push_back(mib);
  // What stands elsewhere on the page is left out here.
  static const std::vector<std::string> elsewhere{"status", "stopped_by",      "warnings", "verdict",
                                                  "error",  "peak_memory_mib", "terms",    "shares"};
  for (const auto& [key, value] : summary.items())
    if (std::find(elsewhere.begin(), elsewhere.end(), key) == elsewhere.end() && !(value.is_structured() && value.empty()))
      run.facts.emplace_back(key, words_of(value));
}

void read_profile_summary(RunData& run) {
  const Json profile = read_json(run, "profile/summary.json", "no account of the time");
  if (profile.is_null()) return;
  if (const auto bottleneck = profile.find("bottleneck"); bottleneck != profile.end() && bottleneck->is_object())
    run.bottleneck = text_of(*bottleneck, "sentence");
  if (const auto regions = profile.find("regions"); regions != profile.end() && regions->is_object())
    for (const auto& [name, region] : regions->items())
      if (region.is_object()) run.regions.push_back({name, number_of(region, "mean", 0), number_of(region, "share", 0)});
}

// Of a config that is damaged nothing is known: it is shown as it is.
bool is_of_images(const std::string& config, const std::string& path) {
  try {
    return task_of(config, path) == ConfigTask::images;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::string figure_text(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "not a number" : value < 0 ? "-infinite" : "infinite";
  if (value != 0 && (std::abs(value) < 1e-3 || std::abs(value) >= 1e6)) return fmt::format("{:.3g}", value);
  return fmt::format("{:.4g}", value);
}

RunData read_run_data(const std::string& folder) {
  require_run(folder);
  RunData run;
  run.folder = without_trailing_slash(folder);
  run.label = own_name(folder);
  run.config = read_text_file(run.folder + "/config.toml");
  run.images = is_of_images(run.config, run.folder + "/config.toml");
  read_summary(run);
  read_metrics(run);
  read_profile_summary(run);
  return run;
}

}  // namespace jetpinn
