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

double change_of(const PhysicsReport::Statement& statement) { return physics_change(*statement.before, statement.after); }

// By more than what is allowed, or no number.
bool is_worse(const PhysicsReport& report, const PhysicsReport::Statement& statement) {
  return statement.before && !(change_of(statement) <= report.allowed);
}

}  // namespace

std::string physics_table(const PhysicsReport& report) {
  std::size_t width = 9;
  for (const auto& statement : report.statements) width = std::max(width, statement.after.name.size());
  std::string text = fmt::format("{:<{}}  {:>10}  {:>10}  {:>10}  {:>10}  {:>7}", "statement", width, "mean |r|", "max |r|",
                                 "violations", "size", "points");
  if (!report.against.empty()) text += fmt::format("  {:>11}  {:>9}", "mean before", "change");
  text += "\n";
  std::string not_compared;
  for (const auto& statement : report.statements) {
    const StatementMeasure& of = statement.after;
    text += fmt::format("{:<{}}  {:>10.3e}  {:>10.3e}  {:>10}  {:>10.3e}  {:>7}", of.name, width, of.mean, of.max,
                        percent(of.violations), of.size, of.points);
    if (statement.before)
      text += fmt::format("  {:>11.3e}  {:>9}", statement.before->mean, signed_percent(change_of(statement)));
    else if (!report.against.empty())
      text += fmt::format("  {:>11}  {:>9}", "-", "-");
    text += "\n";
    if (!statement.not_compared.empty())
      not_compared += fmt::format("{} is not compared with {}: {}\n", of.name, report.against, statement.not_compared);
  }
  text += fmt::format("violations: |r| beyond {} of the statement's size, its largest part (root mean square)\n",
                      percent(violation_share));
  return text + not_compared;
}

Json physics_document(const PhysicsReport& report) {
  Json document;
  bool kept = true;
  for (const auto& statement : report.statements) {
    Json& member = document["physics"][statement.after.name] = json_of(statement.after);
    if (!statement.not_compared.empty()) member["not_compared"] = statement.not_compared;
    if (!statement.before) continue;
    member["before"] = json_of(*statement.before);
    member["change"] = change_of(statement);
    kept = kept && !is_worse(report, statement);
  }
  if (!report.against.empty()) document["against"] = {{"run", report.against}, {"allowed", report.allowed}, {"kept", kept}};
  return document;
}

std::string physics_trouble(const PhysicsReport& report, const std::string& run) {
  std::string list;
  for (const auto& statement : report.statements)
    if (is_worse(report, statement))
      list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", statement.after.name, signed_percent(change_of(statement)));
  if (list.empty()) return {};
  return fmt::format(
      "{} meets its statements worse than {} by more than the allowed {}: {}; train it further, or allow more "
      "with --allowed",
      run, report.against, percent(report.allowed), list);
}

}  // namespace jetpinn
