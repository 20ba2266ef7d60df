#include "jetpinn/app/physics_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

std::string percent(double share) { return fmt::format("{:.3g} %", 100 * share); }
std::string signed_percent(double share) { return fmt::format("{:+.3g} %", 100 * share); }

Json json_of(const StatementMeasure& measure) {
  return {{"mean", measure.mean},
          {"max", measure.max},
          {"violations", measure.violations},
          {"size", measure.size},
          {"points", measure.points}};
}

bool is_worse(const PhysicsReport& report, std::size_t statement) {
  return !(physics_change(report.before[statement], report.after[statement]) <= report.allowed);
}

}  // namespace

std::vector<std::string> worse_statements(const PhysicsReport& report) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < report.before.size(); ++k)
    if (is_worse(report, k)) names.push_back(report.after[k].name);
  return names;
}

std::string physics_table(const PhysicsReport& report) {
  std::size_t width = 9;
  for (const StatementMeasure& measure : report.after) width = std::max(width, measure.name.size());
  std::string text = fmt::format("{:<{}}  {:>10}  {:>10}  {:>10}  {:>10}  {:>7}", "statement", width, "mean |r|", "max |r|",
                                 "violations", "size", "points");
  if (!report.before.empty()) text += fmt::format("  {:>10}  {:>9}", "mean before", "change");
  text += "\n";
  for (std::size_t k = 0; k < report.after.size(); ++k) {
    const StatementMeasure& of = report.after[k];
    text += fmt::format("{:<{}}  {:>10.3e}  {:>10.3e}  {:>10}  {:>10.3e}  {:>7}", of.name, width, of.mean, of.max,
                        percent(of.violations), of.size, of.points);
    if (!report.before.empty())
      text += fmt::format("  {:>11.3e}  {:>9}", report.before[k].mean, signed_percent(physics_change(report.before[k], of)));
    text += "\n";
  }
  text += fmt::format("violations: |r| beyond {} of the statement's size, its largest part (root mean square)\n",
                      percent(violation_share));
  return text;
}

std::string physics_json(const PhysicsReport& report) {
  Json document;
  for (std::size_t k = 0; k < report.after.size(); ++k) {
    Json& statement = document["physics"][report.after[k].name] = json_of(report.after[k]);
    if (report.before.empty()) continue;
    statement["before"] = json_of(report.before[k]);
    statement["change"] = physics_change(report.before[k], report.after[k]);
  }
  if (!report.before.empty())
    document["against"] = {{"run", report.against}, {"allowed", report.allowed}, {"kept", worse_statements(report).empty()}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string physics_trouble(const PhysicsReport& report, const std::string& run) {
  std::string list;
  for (std::size_t k = 0; k < report.before.size(); ++k)
    if (is_worse(report, k))
      list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", report.after[k].name,
                          signed_percent(physics_change(report.before[k], report.after[k])));
  if (list.empty()) return {};
  return fmt::format(
      "{} meets its statements worse than {} by more than the allowed {}: {}; train it further, or allow more "
      "with --allowed",
      run, report.against, percent(report.allowed), list);
}

}  // namespace jetpinn
