#include "jetpinn/train/last_screen.hpp"

#include "jetpinn/base/plural.hpp"
#include "jetpinn/train/progress_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::size_t columns = 79, label = 11;   // a full last column makes some terminals wrap

// "label      words ..." wrapped between words; later lines are indented. A word longer than a line has one of its own.
std::string row(const std::string& name, const std::string& words) {
  std::string text, line = fmt::format("{:<{}}", name, label), word;
  std::istringstream in(words);
  bool empty = true;
  while (in >> word) {
    if (!empty && line.size() + 1 + word.size() > columns) {
      text += line + "\n";
      line = std::string(label, ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + word;
    empty = false;
  }
  return text + line + "\n";
}

std::string errors_text(const RunSummary& summary) {
  std::string text;
  for (const FieldError& error : summary.errors)
    text += fmt::format("{}{} {:.2e} (largest {:.1e})", text.empty() ? "" : ", ", error.field, error.rel_l2, error.max_abs);
  return text;
}

std::string monitors_text(const RunSummary& summary) {
  std::string text;
  for (const MonitorValue& monitor : summary.monitors)
    text += fmt::format("{}{} {:.6g}", text.empty() ? "" : ", ", monitor.name, monitor.value);
  return text;
}

std::string losses_text(const RunSummary& summary) {
  std::string text = fmt::format("{:.3e} on the points trained on", summary.loss);
  if (!std::isnan(summary.loss_independent)) text += fmt::format(", {:.3e} on independent ones", summary.loss_independent);
  return text;
}

std::string validation_text(const RunSummary& summary) {
  std::string text;
  for (const ValidationError& error : summary.validation)
    text += fmt::format("{}{} {:.2e}", text.empty() ? "" : ", ", error.term, error.rms);
  return text + " on rows held out (root mean square)";
}

std::string held_out_text(const RunSummary& summary) {
  std::string text;
  for (const FieldFit& fit : summary.held_out)
    text += fmt::format("{}{} {} ({} of '{}')", text.empty() ? "" : ", ", fit.field,
                        std::isnan(fit.r2) ? "meets values that are all the same" : fmt::format("R2 {:.4f}", fit.r2),
                        plural(fit.rows, "row"), fit.term);
  return text;
}

std::string terms_text(const RunFacts& facts, const RunSummary& summary) {
  std::string text;
  for (std::size_t t = 0; t < summary.shares.size(); ++t)
    text += fmt::format("{}{} {:.0f} %", t == 0 ? "" : ", ", facts.terms[t], 100 * summary.shares[t]);
  return text + " of the weighted loss";
}

std::string stages_text(const RunSummary& summary) {
  std::string text;
  for (const StageEnd& end : summary.stages)
    text += fmt::format("{}{} {} to loss {:.2e}{}", text.empty() ? "" : "; ", end.optimizer, plural(end.steps, "step"),
                        end.loss, end.reason == "steps" ? "" : fmt::format(" ({} before step {})", end.reason, end.planned));
  return text;
}

std::string trained_text(const RunSummary& summary) {
  std::string text;
  for (const TrainedValue& number : summary.trained) {
    text += fmt::format("{}{} {:.6g}", text.empty() ? "" : ", ", number.name, number.value);
    if (!std::isnan(number.standard_error)) text += fmt::format(" ± {:.1e}", number.standard_error);
  }
  return text;
}

// The first verdict on the end; without one, what was warned about at the start.
std::string most_telling(const RunSummary& summary) {
  if (!summary.verdicts.empty()) return summary.verdicts[0].text;
  return summary.warnings.empty() ? "" : summary.warnings[0].text;
}

}  // namespace

std::string result_line(const RunSummary& summary) {
  std::string line = fmt::format("{} ({}) after {} in {}: loss {:.3e}", summary.status, summary.stopped_by,
                                 plural(summary.steps, "step"), clock_text(summary.wall_s), summary.loss);
  if (!std::isnan(summary.loss_independent)) line += fmt::format(" (independent {:.1e})", summary.loss_independent);
  for (const FieldError& error : summary.errors) line += fmt::format(", error {} {:.2e}", error.field, error.rel_l2);
  if (!summary.trained.empty()) line += ", " + trained_text(summary);
  return line;
}

std::string last_screen(const RunFacts& facts, const RunSummary& summary) {
  constexpr std::size_t most_terms = 6;
  std::string text = fmt::format("{} ({}) after {} in {} on {}\n", summary.status, summary.stopped_by,
                                 plural(summary.steps, "step"), clock_text(summary.wall_s), plural(summary.ranks, "rank"));
  if (!summary.errors.empty()) text += row("error", errors_text(summary));
  if (!summary.trained.empty()) text += row("trained", trained_text(summary));
  text += row("loss", losses_text(summary));
  if (!summary.monitors.empty()) text += row("monitors", monitors_text(summary));
  if (!summary.validation.empty()) text += row("validation", validation_text(summary));
  if (!summary.held_out.empty()) text += row("held out", held_out_text(summary));
  if (summary.shares.size() > 1 && summary.shares.size() <= most_terms) text += row("terms", terms_text(facts, summary));
  if (summary.stages.size() > 1 || (!summary.stages.empty() && summary.stages[0].reason != "steps"))
    text += row("stages", stages_text(summary));
  if (summary.kept_step >= 0)
    text += row("network",
                fmt::format("that of step {}, of a lower loss than the last one (output.keep_best)", summary.kept_step));
  if (!summary.bottleneck.empty()) text += row("time", summary.bottleneck);
  if (const std::string sentence = most_telling(summary); !sentence.empty()) text += row("look at", sentence);
  if (const auto others = static_cast<std::int64_t>(summary.warnings.size()) - (summary.warnings.empty() ? 0 : 1);
      others > 0)
    text += row("", fmt::format("{} more: warnings in summary.json", others));
  text += row("folder", facts.run_directory);
  text += row("next", summary.status == "stopped" ? "the same command again goes on from here"
                                                  : "jetpinn report " + facts.run_directory);
  if (summary.status == "completed") text += row("", "jetpinn predict " + facts.run_directory + " " + facts.predict_points);
  return text;
}

}  // namespace jetpinn
