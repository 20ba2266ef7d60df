// What a gate study shows: tables, one sentence, text, JSON, CSV and page.
#include "jetpinn/study/gate_study.hpp"
#include "jetpinn/study/html.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string interval_text(const MeanInterval& interval, const char* form) {
  if (interval.samples == 0) return "-";
  const std::string mean = fmt::format(fmt::runtime(form), interval.mean);
  if (!std::isfinite(interval.low)) return mean;
  return fmt::format("{} ({}..{})", mean, fmt::format(fmt::runtime(form), interval.low),
                     fmt::format(fmt::runtime(form), interval.high));
}

OrderedJson known_number(double value) { return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr); }
OrderedJson interval_json(const MeanInterval& interval) {
  return {{"mean", known_number(interval.mean)},
          {"low", known_number(interval.low)},
          {"high", known_number(interval.high)},
          {"samples", interval.samples}};
}

double error_value(const GateOutcome& outcome) { return outcome.error; }
double wall_value(const GateOutcome& outcome) { return outcome.wall_s; }
double step_value(const GateOutcome& outcome) { return outcome.step_s; }
double joules_value(const GateOutcome& outcome) { return outcome.joules; }
double saved_value(const GateOutcome& outcome) { return 100 * outcome.saved; }

MeanInterval of(const GateStudy& study, GateVariant variant, bool by_seconds, double (*value)(const GateOutcome&),
                bool ratio) {
  return mean_interval(study.values(variant, by_seconds, value), ratio);
}

// Seconds to the wanted error: the mean over those that reached it, and how many did.
std::string reached_text(const GateStudy& study, GateVariant variant, bool by_seconds) {
  const double wanted = study.wanted_error();
  std::vector<double> seconds;
  std::size_t runs = 0;
  for (std::size_t r = 0; r < study.runs.size(); ++r) {
    const bool own = variant == GateVariant::ungated || study.runs[r].by_seconds == by_seconds;
    if (study.runs[r].variant != variant || !own || !study.outcomes[r].done) continue;
    ++runs;
    if (const double time = study.outcomes[r].seconds_to(wanted); std::isfinite(time)) seconds.push_back(time);
  }
  return runs == 0
             ? "-"
             : fmt::format("{}, {}/{} runs", interval_text(mean_interval(seconds, false), "{:.2f}"), seconds.size(), runs);
}

bool modelled(const GateStudy& study) {
  return std::any_of(study.outcomes.begin(), study.outcomes.end(),
                     [](const GateOutcome& o) { return o.done && o.modelled; });
}

std::string measure_name(const GateStudy& study) {
  for (const GateOutcome& outcome : study.outcomes)
    if (outcome.done) return outcome.measure;
  return "error";
}

// "0.71 (0.5..1.0) of ungated"
std::string compared(const MeanInterval& ratio) { return interval_text(ratio, "{:.2f}") + " times that of ungated runs"; }

double farthest(const GateStudy& study) {
  double most = NAN;
  for (std::size_t r = 0; r < study.runs.size(); ++r)
    if (study.outcomes[r].done && study.runs[r].variant == GateVariant::gated)
      most = std::fmax(most, study.outcomes[r].farthest);  // NaN: the run was too short to tell
  return most;
}

}  // namespace

std::string gate_verdict(const GateStudy& study) {
  const MeanInterval steps = study.ratio(GateVariant::gated, false, step_value),
                     error = study.ratio(GateVariant::gated, true, error_value),
                     uniform = study.ratio(GateVariant::uniform, true, error_value);
  if (steps.samples == 0 || error.samples == 0) return "no runs have come to an end that can be compared";
  const bool uniform_pays_more = uniform.high < error.low;  // not of single runs, which have no intervals
  const std::string pays = !(error.high <= 1) && !(error.low > 1) ? "these seeds do not show whether the gate pays here"
                           : error.low > 1                        ? "the gate does not pay here"
                           : uniform_pays_more                    ? "a gate pays here, but one that draws evenly pays more"
                                                                  : "the gate pays here";
  return fmt::format(
      "{}: a gated step takes 1/{:.1f} of the time of an ungated one, and in the same seconds the {} is {}"
      ", that of as many drawn evenly {}",
      pays, 1 / steps.mean, measure_name(study), compared(error),
      uniform.samples > 0 ? fmt::format("{:.2f} times", uniform.mean) : "not known");
}

StudyTable gate_table(const GateStudy& study, bool by_seconds) {
  StudyTable table;
  table.title = by_seconds ? "The same seconds: means over seeds, with intervals of 95 %"
                           : "The same steps: means over seeds, with intervals of 95 %";
  table.columns = {"variant",
                   measure_name(study),
                   "of ungated",
                   "steps",
                   "s",
                   "s/step of ungated",
                   modelled(study) ? "J (modelled)" : "J",
                   "saved %",
                   fmt::format("s to {:.2e}", study.wanted_error()),
                   "what"};
  for (const GateVariant variant : gate_variants) {
    double steps = 0;
    const auto counts = study.values(variant, by_seconds, [](const GateOutcome& o) { return static_cast<double>(o.steps); });
    for (const double count : counts) steps += count / static_cast<double>(counts.size());
    const bool itself = variant == GateVariant::ungated;
    table.rows.push_back({to_string(variant), interval_text(of(study, variant, by_seconds, error_value, true), "{:.2e}"),
                          itself ? "1" : interval_text(study.ratio(variant, by_seconds, error_value), "{:.2f}"),
                          fmt::format("{:.0f}", steps),
                          interval_text(of(study, variant, by_seconds, wall_value, false), "{:.2f}"),
                          itself ? "1" : interval_text(study.ratio(variant, by_seconds, step_value), "{:.2f}"),
                          interval_text(of(study, variant, by_seconds, joules_value, false), "{:.0f}"),
                          interval_text(of(study, variant, by_seconds, saved_value, false), "{:.1f}"),
                          reached_text(study, variant, by_seconds), describe(variant)});
    table.holes.push_back(counts.empty());
  }
  return table;
}

namespace {

std::string gate_sentence(const GateStudy& study) {
  std::int64_t latest = -1, gated = 0, came_there = 0;
  for (std::size_t r = 0; r < study.runs.size(); ++r) {
    if (!study.outcomes[r].done || study.runs[r].variant != GateVariant::gated) continue;
    ++gated;
    came_there += study.outcomes[r].to_tenth >= 0 ? 1 : 0;
    latest = std::max(latest, study.outcomes[r].to_tenth);
  }
  const double distance = farthest(study);
  const std::string off =
      std::isfinite(distance)
          ? fmt::format("from 20 gated steps on the activation of gated runs is off by {:.4f} at most", distance)
          : "no gated run has more than 20 gated steps, so that its activation is not judged";
  const std::string of_runs = came_there < gated ? fmt::format(" in {} of {} runs", came_there, gated) : "";
  const std::string tenth =
      latest >= 0 ? fmt::format("it was 0.1 or less by step {}{}", latest, of_runs) : "it was never 0.1 or less";
  return fmt::format("target {:g}: {}; {}", study.target, off, tenth);
}

}  // namespace

std::string gate_study_text(const GateStudy& study) {
  return table_text(gate_table(study, false)) + "\n" + table_text(gate_table(study, true)) + "\n" + gate_sentence(study) +
         "\n" + gate_verdict(study) + "\n";
}

std::string gate_study_json(const GateStudy& study) {
  OrderedJson runs = OrderedJson::array(), arms = OrderedJson::object();
  for (std::size_t r = 0; r < study.runs.size(); ++r) {
    const GateOutcome& o = study.outcomes[r];
    runs.push_back({{"name", study.runs[r].name()},
                    {"variant", to_string(study.runs[r].variant)},
                    {"given", study.runs[r].by_seconds ? "seconds" : "steps"},
                    {"seed", study.runs[r].seed},
                    {"done", o.done},
                    {"reason", o.reason},
                    {"steps", o.steps},
                    {"error", known_number(o.error)},
                    {"wall_s", known_number(o.wall_s)},
                    {"step_s", known_number(o.step_s)},
                    {"joules", known_number(o.joules)},
                    {"joules_modelled", o.modelled},
                    {"activation", o.activation},
                    {"saved", o.saved},
                    {"farthest", known_number(o.farthest)},
                    {"to_tenth", o.to_tenth}});
  }
  for (const bool by_seconds : {false, true})
    for (const GateVariant variant : gate_variants)
      arms[by_seconds ? "seconds" : "steps"][to_string(variant)] = {
          {"error", interval_json(of(study, variant, by_seconds, error_value, true))},
          {"error_of_ungated", interval_json(study.ratio(variant, by_seconds, error_value))},
          {"step_s_of_ungated", interval_json(study.ratio(variant, by_seconds, step_value))},
          {"wall_s", interval_json(of(study, variant, by_seconds, wall_value, false))},
          {"joules", interval_json(of(study, variant, by_seconds, joules_value, false))},
          {"saved", interval_json(of(
                        study, variant, by_seconds, [](const GateOutcome& o) { return o.saved; }, false))}};
  const OrderedJson document = {{"schema", 1},
                                {"study", "gate"},
                                {"config", study.name},
                                {"target", study.target},
                                {"measure", measure_name(study)},
                                {"wanted_error", known_number(study.wanted_error())},
                                {"arms", arms},
                                {"runs", runs},
                                {"verdict", gate_verdict(study)},
                                {"machine", OrderedJson::parse(to_json(study.machine))},
                                {"status", study.status()}};
  return document.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::string gate_study_csv(const GateStudy& study) {
  std::string text = "given,variant,seed,done,steps,error,wall_s,step_s,joules,joules_modelled,activation,saved\n";
  for (std::size_t r = 0; r < study.runs.size(); ++r) {
    const GateOutcome& o = study.outcomes[r];
    text += fmt::format("{},{},{},{},{},{:.6e},{:.4f},{:.6e},{:.2f},{},{:.5f},{:.5f}\n",
                        study.runs[r].by_seconds ? "seconds" : "steps", to_string(study.runs[r].variant), study.runs[r].seed,
                        o.done ? 1 : 0, o.steps, o.error, o.wall_s, o.step_s, o.joules, o.modelled ? 1 : 0, o.activation,
                        o.saved);
  }
  return text;
}

std::string gate_study_page(const GateStudy& study) {
  return html_page("Gate study of " + study.name,
                   html_paragraphs({gate_verdict(study)}, "say") + html_table(gate_table(study, false)) +
                       html_table(gate_table(study, true)) + html_paragraphs({gate_sentence(study)}));
}

}  // namespace jetpinn
