#include "jetpinn/scale/scale_report.hpp"

#include "jetpinn/base/types.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <map>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

Json known(double value) { return value < 0 ? Json(nullptr) : Json(value); }

Json split_json(const std::map<std::string, double>& seconds) {
  if (seconds.empty()) return nullptr;
  Json split = Json::object();
  for (const std::string& part : split_parts()) split[part] = seconds.at(part);
  return split;
}

Json run_json(const MeasuredRun& run) {
  static const char* const states[] = {"missing", "failed", "measured"};
  Json json = {{"state", states[static_cast<int>(run.state)]}};
  if (run.state == MeasuredRun::State::failed) json["status"] = run.status, json["reason"] = run.reason;
  if (run.state != MeasuredRun::State::measured) return json;
  json["step_s"] = run.step_s;
  if (run.time_to_error_s > 0) json["time_to_error_s"] = run.time_to_error_s;
  json["wall_s"] = run.wall_s;
  if (!run.split.empty()) json["split_s"] = split_json(run.split);
  json["imbalance"] = known(run.imbalance);
  json["peak_memory_mib"] = run.peak_mib;
  if (run.used_mib > 0) json["used_mib"] = run.used_mib, json["minimum_mib"] = run.minimum_mib;
  return json;
}

Json configuration_json(const MeasuredConfiguration& m) {
  Json json = {{"ranks", m.configuration.ranks},
               {"points", m.configuration.points},
               {"points_per_rank", m.points_per_rank()},
               {"reference", m.configuration.reference},
               {"seconds", m.measured() ? Json::parse(to_json(m.seconds)) : Json(nullptr)},
               {"speed_up", known(m.speed_up)},
               {"efficiency", known(m.efficiency)}};
  json["efficiency_range"] = m.efficiency < 0 ? Json(nullptr) : Json({m.efficiency_low, m.efficiency_high});
  json["peak_memory_mib"] = m.measured() ? Json(m.peak_mib) : Json(nullptr);
  json["split_s"] = split_json(m.split);
  json["runs"] = Json::array();
  for (const MeasuredRun& run : m.runs) json["runs"].push_back(run_json(run));
  return json;
}

Json model_json(const Study& study) {
  if (!study.model) return nullptr;
  const ScalingModel& model = *study.model;
  return {{"formula", "step + point n + latency log2 p + [p > 1] (message + imbalance n), n = points / p"},
          {"step_s", model.step_s},
          {"point_s", model.point_s},
          {"latency_s", model.level_s},
          {"message_s", model.message_s},
          {"message_bytes", study.message_bytes},
          {"imbalance_s", model.imbalance_s},
          {"largest_error", model.largest_error}};
}

std::string share(double value) { return value < 0 ? "-" : fmt::format("{:.1f} %", 100 * value); }

}  // namespace

std::string study_json(const Study& study) {
  Json json = {{"schema", 1},
               {"study", to_string(study.options.kind)},
               {"config", study.name},
               {"network", study.network},
               {"precision", study.precision},
               {"parameters", study.parameters},
               {"until_error", study.of_steps() ? Json(nullptr) : Json(study.options.until_error)},
               {"steps", study.of_steps() ? Json(study.options.steps) : Json(nullptr)},
               {"repeats", study.options.repeats},
               {"oversubscribed", study.options.oversubscribe},
               {"slurm", study.options.slurm},
               {"machine", Json::parse(to_json(study.machine))}};
  json["configurations"] = Json::array();
  for (const MeasuredConfiguration& m : study.measured) json["configurations"].push_back(configuration_json(m));
  json["model"] = model_json(study);
  json["held_back"] = Json::array();
  for (const HeldBack& h : study.held_back)
    json["held_back"].push_back({{"ranks", h.point.ranks},
                                 {"points", h.point.points},
                                 {"measured_s", h.point.step_s},
                                 {"predicted_s", h.predicted_s},
                                 {"error", h.error()}});
  json["predictions"] = Json::array();
  for (const PredictedStep& p : study.predictions)
    json["predictions"].push_back(
        {{"ranks", p.ranks},
         {"points", p.points},
         {"step_s", p.step_s},
         {"efficiency", p.efficiency},
         {"points_per_rank_for_90_percent", p.enough_points < 0 ? Json(nullptr) : Json(p.enough_points)},
         {"extrapolated", true}});
  json["sentences"] = efficiency_sentences(study);
  json["warnings"] = study.warnings;
  json["status"] = study.status();
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string study_csv(const Study& study) {
  std::string text =
      "ranks,points,points_per_rank,reference,repeats,median_s,lower_quartile_s,upper_quartile_s,min_s,max_s,speed_up,"
      "efficiency,peak_memory_mib,oversubscribed,hole\n";
  for (const MeasuredConfiguration& m : study.measured) {
    const auto cell = [&](double value, bool is_known) { return is_known ? fmt::format("{:.9g}", value) : std::string(); };
    const MeasuredRun* hole = m.failure();
    const SampleSpread& s = m.seconds;
    const bool is = m.measured();
    text += fmt::format("{},{},{:.9g},{},{},{},{},{},{},{},{},{},{},{},{}\n", m.configuration.ranks, m.configuration.points,
                        m.points_per_rank(), m.configuration.reference ? 1 : 0, s.samples, cell(s.median, is),
                        cell(s.lower, is), cell(s.upper, is), cell(s.min, is), cell(s.max, is),
                        cell(m.speed_up, m.speed_up >= 0), cell(m.efficiency, m.efficiency >= 0), cell(m.peak_mib, is),
                        study.options.oversubscribe ? 1 : 0, hole ? csv_text(describe_hole(*hole)) : "");
  }
  return text;
}

StudyTable measurements_table(const Study& study) {
  const bool memory = study.options.kind == ScaleKind::memory;
  StudyTable table;
  table.title = study.of_steps()
                    ? "Time of a step (median; quartiles)"
                    : fmt::format("Time to a relative error of {:g}, start-up included", study.options.until_error);
  table.columns = {"ranks", "points", "points/rank", "time", "quartiles"};
  for (const char* column : {"speed-up", "efficiency"})
    if (!memory) table.columns.emplace_back(column);
  for (const char* column : {"imbalance", "peak MiB/rank", "used/minimum", "remark"}) table.columns.emplace_back(column);
  for (const MeasuredConfiguration& m : study.measured) {
    const MeasuredRun* hole = m.failure();
    std::vector<std::string> row{std::to_string(m.configuration.ranks), std::to_string(m.configuration.points),
                                 fmt::format("{:.0f}", m.points_per_rank())};
    row.push_back(m.measured() ? duration_text(m.seconds.median) : "-");
    row.push_back(m.measured() ? duration_text(m.seconds.lower) + " .. " + duration_text(m.seconds.upper) : "-");
    if (!memory) row.push_back(m.speed_up < 0 ? "-" : fmt::format("{:.2f}", m.speed_up)), row.push_back(share(m.efficiency));
    row.push_back(share(m.imbalance));
    row.push_back(m.measured() ? fmt::format("{:.1f}", m.peak_mib) : "-");
    row.push_back(m.used_over_minimum > 0 ? fmt::format("{:.2f}", m.used_over_minimum) : "-");
    std::string remark = hole ? describe_hole(*hole) : "";
    if (hole && m.measured()) remark = fmt::format("{} of {} repeats; ", m.seconds.samples, m.runs.size()) + remark;
    if (m.configuration.reference) remark += std::string(remark.empty() ? "" : "; ") + "reference";
    row.push_back(remark);
    table.rows.push_back(row);
    table.holes.push_back(!m.measured());
  }
  return table;
}

StudyTable split_table(const Study& study) {
  StudyTable table;
  table.title = "Where the time of a step goes (of the run whose time is the median; mean over ranks)";
  table.columns = {"ranks", "points"};
  for (const std::string& part : split_parts()) table.columns.push_back(part);
  for (const MeasuredConfiguration& m : study.measured) {
    if (m.split.empty()) continue;
    std::vector<std::string> row{std::to_string(m.configuration.ranks), std::to_string(m.configuration.points)};
    for (const std::string& part : split_parts()) row.push_back(share(m.split.at(part) / m.step_s));
    table.rows.push_back(row);
    table.holes.push_back(false);
  }
  return table;
}

StudyTable predictions_table(const Study& study) {
  StudyTable table;
  table.title = "Larger machines: extrapolated by the model, not measured (*: fewer points per rank than were)";
  table.columns = {"ranks", "points", "points/rank", "time", "efficiency", "points/rank for 90 %"};
  double fewest = std::numeric_limits<double>::infinity();
  for (const MeasuredConfiguration& m : study.measured)
    if (m.measured()) fewest = std::min(fewest, m.points_per_rank());
  for (const PredictedStep& p : study.predictions) {
    const double each = static_cast<double>(p.points) / p.ranks;
    table.rows.push_back({std::to_string(p.ranks), std::to_string(p.points),
                          fmt::format("{:.0f}{}", each, each < fewest ? "*" : ""), duration_text(p.step_s),
                          share(p.efficiency),
                          p.enough_points < 0 ? "never" : std::to_string(std::max(p.enough_points, block_points))});
    table.holes.push_back(false);
  }
  return table;
}

std::vector<std::string> how_measured(const Study& study) {
  const ScaleOptions& options = study.options;
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{} scaling of {}: {}, {}, {} parameters", to_string(options.kind), study.name, study.network,
                              study.precision, study.parameters));
  if (study.of_steps())
    lines.push_back(fmt::format(
        "each measurement is one training of {} Adam steps; its time is that of the median step; {} of each, alternating",
        options.steps, options.repeats));
  else
    lines.push_back(fmt::format(
        "each measurement is a whole training, start-up included, until the relative error is {:g}; {} of each, alternating",
        options.until_error, options.repeats));
  if (options.kind != ScaleKind::memory)
    lines.push_back(
        "efficiency on p ranks is T1(N) / (p Tp(N)): both times with the same N points, so that one rank is also measured "
        "with all the points");
  if (options.oversubscribe) lines.push_back("OVERSUBSCRIBED: ranks were allowed to share cores");
  lines.push_back(
      fmt::format("machine: {}, {} processors, {}", study.machine.processor, study.machine.processors, study.machine.date));
  return lines;
}

std::string study_text(const Study& study) {
  std::string text;
  for (const std::string& line : how_measured(study)) text += line + "\n";
  for (const StudyTable& table : {measurements_table(study), split_table(study), predictions_table(study)})
    if (!table.rows.empty()) text += "\n" + table_text(table);
  const std::vector<std::string> model = model_sentences(study);
  if (!model.empty()) text += "\nModel of a step\n";
  for (const std::string& line : model) text += line + "\n";
  for (const std::string& line : efficiency_sentences(study)) text += line + "\n";
  for (const std::string& line : study.warnings) text += "warning: " + line + "\n";
  return text;
}

}  // namespace jetpinn
