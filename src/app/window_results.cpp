#include "jetpinn/app/window_results.hpp"

#include "jetpinn/base/version.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/hdf5.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

// null: there is none, or it is damaged
Json read_document(const std::string& path) {
  std::error_code trouble;
  if (!std::filesystem::is_regular_file(path, trouble)) return {};
  Json document = Json::parse(read_text_file(path), nullptr, false);
  return document.is_object() ? document : Json();
}

Json summary_of(const std::string& run, std::size_t window) {
  return read_document(window_folder(run, window) + "/summary.json");
}

std::string note_path(const std::string& run, std::size_t window) { return window_tables(run, window) + "/last_state.json"; }

// Empty: there is none.
std::string text(const Json& document, const char* key) {
  return document.contains(key) && document[key].is_string() ? document[key].get<std::string>() : "";
}

double number(const Json& document, const char* key) {
  return document.contains(key) && document[key].is_number() ? document[key].get<double>()
                                                             : std::numeric_limits<double>::quiet_NaN();
}

// Empty of this kind, where there is none.
Json list_in(const Json& document, const char* key, Json::value_t kind) {
  const auto found = document.find(key);
  return found != document.end() && found->type() == kind ? *found : Json(kind);
}

// Means of numbers by name, each over the windows that have it.
Json mean_by_name(const std::vector<Json>& parts, const char* key) {
  Json sums = Json::object(), counts = Json::object(), means = Json::object();
  for (const Json& part : parts) {
    const Json values = list_in(part, key, Json::value_t::object);
    for (const auto& [name, value] : values.items()) {
      if (!value.is_number()) continue;
      sums[name] = sums.value(name, 0.0) + value.get<double>();
      counts[name] = counts.value(name, 0) + 1;
    }
  }
  for (const auto& [name, sum] : sums.items()) means[name] = sum.get<double>() / counts[name].get<double>();
  return means;
}

void combine_numbers(const std::vector<Json>& parts, Json& all) {
  const auto total = [&](const char* key) {
    double sum = 0;
    for (const Json& part : parts) sum += number(part, key);
    return sum;
  };
  const auto count = static_cast<double>(parts.size());
  for (const char* key : {"steps", "parameters", "points", "points_seen", "checkpoints", "skipped_steps"})
    all[key] = std::isfinite(total(key)) ? Json(static_cast<std::int64_t>(total(key))) : Json();
  for (const char* key : {"wall_s", "joules"}) all[key] = total(key);
  for (const char* key :
       {"loss", "loss_independent", "product_share", "utilisation", "memory_efficiency", "checkpoint_share"})
    all[key] = total(key) / count;
  for (const char* key : {"terms", "shares", "validation"}) all[key] = mean_by_name(parts, key);
  all["points_per_s"] = total("points_seen") / std::max(total("wall_s"), 1e-9);
  all["kept_step"] = all["steps"];
}

// windows: [parts] whose they are
void combine_lists(const std::vector<Json>& parts, const std::vector<std::size_t>& windows, const Warnings& own, Json& all) {
  Json warnings = Json::array(), stages = Json::array(), peak = Json::array();
  const auto add_once = [&](const Json& text) {
    if (std::find(warnings.begin(), warnings.end(), text) == warnings.end()) warnings.push_back(text);
  };
  for (const Warning& warning : own) add_once(warning.text);
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const Json own_warnings = list_in(parts[k], "warnings", Json::value_t::array),
               own_stages = list_in(parts[k], "stages", Json::value_t::array);
    for (const Json& warning : own_warnings) add_once(warning);
    for (Json stage : own_stages) {
      if (!stage.is_object()) continue;
      stage["window"] = windows[k];
      stages.push_back(std::move(stage));
    }
    Json ranks = list_in(parts[k], "peak_memory_mib", Json::value_t::array);
    for (Json& rank : ranks) rank = rank.is_number() ? rank.get<double>() : 0.0;
    if (peak.size() != ranks.size()) peak = ranks;  // the run went on with other ranks
    for (std::size_t r = 0; r < ranks.size(); ++r) peak[r] = std::max(peak[r].get<double>(), ranks[r].get<double>());
  }
  all["warnings"] = std::move(warnings);
  all["stages"] = std::move(stages);
  all["peak_memory_mib"] = std::move(peak);
}

Json document_of(const std::vector<CombinedValue>& numbers) {
  Json document = Json::object();
  for (const CombinedValue& number : numbers)  // what is not known becomes null
    document[number.mean.name] = {
        {"value", number.mean.value}, {"standard_error", number.mean.standard_error}, {"birge_ratio", number.birge_ratio}};
  return document;
}

}  // namespace

std::string window_folder(const std::string& run, std::size_t window) { return run + "/windows/" + std::to_string(window); }
std::string window_tables(const std::string& run, std::size_t window) { return run + "/tables/" + std::to_string(window); }

std::string window_table(const std::string& run, std::size_t window, const std::string& term) {
  return window_tables(run, window) + "/" + term + ".h5";
}

void write_last_state_note(const std::string& run, std::size_t window, const LastStateNote& note) {
  const Json document = {
      {"window", window - 1},  {"coordinate_value", note.coordinate_value},     {"points", note.points},
      {"loss", note.end.loss}, {"loss_independent", note.end.loss_independent}, {"parameter_hash", note.parameter_hash}};
  write_text_file(note_path(run, window), document.dump(2) + "\n");
}

bool begins_with(const std::string& run, std::size_t window, const std::string& parameter_hash) {
  const std::string hash = text(read_document(note_path(run, window)), "parameter_hash");
  return !hash.empty() && hash == parameter_hash;
}

std::size_t windows_begun(const std::string& run, std::size_t windows) {
  std::size_t begun = 1;
  while (begun < windows && begins_with(run, begun, text(summary_of(run, begun - 1), "parameter_hash"))) ++begun;
  return begun;
}

std::optional<WindowEnd> window_end(const std::string& run, std::size_t window) {
  const Json summary = summary_of(run, window);
  if (!summary.is_object()) return std::nullopt;
  return WindowEnd{number(summary, "loss"), number(summary, "loss_independent"), text(summary, "status"),
                   text(summary, "stopped_by")};
}

WindowsTrained windows_trained(const std::string& run, std::size_t windows) {
  WindowsTrained trained;
  std::map<std::string, std::vector<TrainedValue>> fits;  // by name, as problems order them
  for (std::size_t k = 0; k < windows; ++k) {
    const Json summary = summary_of(run, k);
    std::error_code trouble;
    if (!summary.is_object() && std::filesystem::exists(window_folder(run, k) + "/network.h5", trouble))
      trained.unread.push_back(k);
    if (!summary.is_object() || !summary.contains("trainable")) continue;
    for (const auto& [name, told] : summary["trainable"].items())
      if (told.is_object() && std::isfinite(number(told, "value")))
        fits[name].push_back({name, number(told, "value"), number(told, "standard_error")});
  }
  for (const auto& [name, of_windows] : fits) trained.numbers.push_back(combine_values(of_windows));
  return trained;
}

std::string combined_text(const CombinedValue& number, std::size_t windows) {
  const std::size_t of = number.known > 0 ? number.known : number.fits;
  std::string text =
      fmt::format("{} over {} windows: {:.6g}", number.mean.name,
                  of == windows ? fmt::format("all {}", windows) : fmt::format("{} of {}", of, windows), number.mean.value);
  if (number.known == 0) return text + ", the mean of windows none of which knows its standard error";
  text += fmt::format(" ± {:.1e}, ", number.mean.standard_error);
  if (number.known == 1) return text + "that of the one window which knows its standard error";
  text += fmt::format("the mean of {}independent windows weighted by their errors, Birge ratio {:.2g}",
                      of == windows ? "" : "those that know their standard error, ", number.birge_ratio);
  return number.birge_ratio > 1 ? text + ", by which the error is scaled" : text;
}

Warnings warnings_of(const WindowsTrained& trained) {
  constexpr double doubtful = 3;
  Warnings warnings;
  for (const std::size_t k : trained.unread)
    warnings.push_back({"window", fmt::format("windows/{}/summary.json is missing or damaged: what it told of losses, steps "
                                              "and trained numbers is left out of the summary of all windows",
                                              k)});
  for (const CombinedValue& number : trained.numbers)
    if (number.birge_ratio > doubtful)
      warnings.push_back({"trained", fmt::format("the values of {0} in {1} windows lie {2:.1f} times as far apart as their "
                                                 "standard errors let expect (Birge ratio), which the combined error is "
                                                 "scaled by: the windows do not agree on one {0}; look at the value of each "
                                                 "in summary.json",
                                                 number.mean.name, number.known, number.birge_ratio)});
  return warnings;
}

void write_windows_summary(const std::string& run, const Problem& problem, const Windows& windows,
                           const WindowedRunEnd& end) {
  std::vector<Json> parts;
  std::vector<std::size_t> numbers;  // [parts] of their windows
  Json list = Json::array();
  const std::vector<std::size_t>& unread = end.trained.unread;
  for (std::size_t k = 0; k < end.begun; ++k) {
    Json part = summary_of(run, k), entry = {{"from", windows.edges[k]}, {"to", windows.edges[k + 1]}};
    if (!part.is_object()) {
      if (std::find(unread.begin(), unread.end(), k) == unread.end()) break;
      list.push_back(std::move(entry));
      continue;
    }
    for (const char* key : {"status", "stopped_by", "steps", "wall_s", "loss", "loss_independent", "parameter_hash"})
      if (part.contains(key)) entry[key] = part[key];
    if (!problem.trained.empty() && part.contains("trainable")) entry["trainable"] = part["trainable"];
    list.push_back(std::move(entry));
    parts.push_back(std::move(part));
    numbers.push_back(k);
  }
  Json all = parts.empty() ? Json::object() : parts.back();  // the keys that every window has, in their order
  if (!parts.empty()) combine_numbers(parts, all);
  combine_lists(parts, numbers, end.warnings, all);
  all["status"] = end.status;
  all["stopped_by"] = end.stopped_by;
  all.erase("held_out");   // that of the last window alone
  all["trainable"] = document_of(end.trained.numbers);
  all["error"] = Json::object();
  for (const FieldError& error : end.errors)
    all["error"][error.field] = {{"rel_l2", error.rel_l2}, {"max_abs", error.max_abs}};
  all["monitors"] = Json::object();
  for (const MonitorValue& monitor : end.monitors) all["monitors"][monitor.name] = monitor.value;
  all["parameter_hash"] = end.parameter_hash;
  all["version"] = version;
  all["coordinate"] = problem.symbols.coordinates[static_cast<std::size_t>(windows.coordinate)];
  all["windows"] = std::move(list);
  write_text_file(run + "/summary.json", all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

WindowOfRun write_windows_metrics(const std::string& run, std::size_t windows) {
  std::string all;
  WindowOfRun next{run};
  for (; next.window < windows; ++next.window) {
    const std::string path = window_folder(run, next.window) + "/metrics.jsonl";
    std::error_code trouble;
    if (!std::filesystem::is_regular_file(path, trouble)) break;
    std::istringstream lines(read_text_file(path));
    std::string line;
    std::int64_t steps = 0;
    double seconds = 0;
    while (std::getline(lines, line))
      if (const std::string counted = line_of_run(line, next, steps, seconds); !counted.empty()) all += counted + "\n";
    next.steps += steps;
    next.seconds += seconds;
  }
  write_text_file(run + "/metrics.jsonl", all);
  return next;
}

void write_windows_network(const std::string& run, const Problem& problem, const Windows& windows,
                           const std::vector<CombinedValue>& numbers) {
  hdf5::OutputFile file(run + "/network.h5");
  const SymbolTable& symbols = problem.symbols;
  file.attribute("/", "format", "jetpinn windows 1");
  file.attribute("/", "version", version);
  file.attribute("/", "coordinates", symbols.coordinates);
  file.attribute("/", "fields", symbols.fields);
  file.attribute("/", "coordinate", symbols.coordinates[static_cast<std::size_t>(windows.coordinate)]);
  file.write("edges", {static_cast<std::int64_t>(windows.edges.size())}, windows.edges.data());
  if (!numbers.empty()) file.create_group("trainable");
  for (const CombinedValue& number : numbers) file.attribute("trainable", number.mean.name, number.mean.value);
  file.create_group("windows");
  for (std::size_t k = 0; k < windows.count(); ++k)
    file.copy_file(window_folder(run, k) + "/network.h5", "windows/" + std::to_string(k));
  file.commit();
}

}  // namespace jetpinn
