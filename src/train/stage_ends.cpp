#include "jetpinn/train/stage_ends.hpp"

#include "jetpinn/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// Losses under other values of constants, or with other weights, are not compared.
bool of_one_loss(const StageOptions& a, const StageOptions& b) {
  return a.constants == b.constants && a.weights == b.weights;
}

}  // namespace

void StageEnds::account(std::int64_t stage, const StepReport& report) {
  const auto at = static_cast<std::size_t>(stage);
  steps_.resize(std::max(steps_.size(), at + 1));
  losses_.resize(steps_.size());
  ++steps_[at];
  losses_[at] = report.loss;
  if (std::isnan(first_loss_)) first_loss_ = report.loss;
  JETPINN_CHECK(report.finished.empty() == report.reason.empty(), "an optimiser that cannot go on says why in both forms");
  if (!report.finished.empty()) put_reason(stage, report.reason);
}

void StageEnds::objective_changed() { first_loss_ = std::numeric_limits<double>::quiet_NaN(); }

void StageEnds::go_on(std::int64_t stage) {
  if (finished(stage)) put_reason(stage, "");
}

std::int64_t StageEnds::steps(std::int64_t stage) const {
  const auto at = static_cast<std::size_t>(stage);
  return at < steps_.size() ? static_cast<std::int64_t>(steps_[at]) : 0;
}

std::string StageEnds::reason(std::int64_t stage) const {
  const std::vector<std::string> lines = lines_of(reasons_);
  const auto at = static_cast<std::size_t>(stage);
  return at < lines.size() ? lines[at] : "";
}

void StageEnds::put_reason(std::int64_t stage, const std::string& reason) {
  std::vector<std::string> lines = lines_of(reasons_);
  lines.resize(std::max(lines.size(), static_cast<std::size_t>(stage) + 1));
  lines[static_cast<std::size_t>(stage)] = reason;
  reasons_.clear();
  for (const std::string& line : lines) reasons_ += line + "\n";
}

std::vector<StageEnd> StageEnds::list(const std::string& stopped_by) const {
  std::vector<StageEnd> ends;
  for (std::size_t at = 0; at < std::min(steps_.size(), stages_.size()); ++at) {
    const auto stage = static_cast<std::int64_t>(at);
    if (steps(stage) == 0) continue;
    const bool whole = steps(stage) >= stages_[at].steps;
    ends.push_back({stage, stages_[at].optimizer.kind, steps(stage), stages_[at].steps, losses_[at],
                    finished(stage) ? reason(stage) : whole ? "steps" : stopped_by});
  }
  if (!ends.empty() && !stopped_by.empty()) ends.back().reason = stopped_by;
  return ends;
}

std::string StageEnds::setback(std::int64_t stage) const {
  if (steps(stage) == 0) return "";
  const auto at = static_cast<std::size_t>(stage);
  const std::vector<StageEnd> ends = list("");
  const StageEnd* best = nullptr;
  for (const StageEnd& end : ends)
    if (end.stage < stage && of_one_loss(stages_[at], stages_[static_cast<std::size_t>(end.stage)]) &&
        (!best || end.loss < best->loss))
      best = &end;
  if (!best || !(losses_[at] > best->loss)) return "";
  return fmt::format("stage {} ({}) ended at loss {:g}, above the {:g} at which stage {} ({}) had ended", stage,
                     stages_[at].optimizer.kind, losses_[at], best->loss, best->stage, best->optimizer);
}

}  // namespace jetpinn
