// What a sweep shows: tables, pictures, JSON, CSV, text and page.
#include "jetpinn/study/html.hpp"
#include "jetpinn/study/sweep_study.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

std::string number_text(double value) { return std::isfinite(value) ? fmt::format("{:.3e}", value) : "-"; }
std::string median_text(const SampleSpread& spread) { return spread.samples > 0 ? number_text(spread.median) : "-"; }
std::string range_text(const SampleSpread& spread) {
  return spread.samples > 1 ? number_text(spread.min) + " .. " + number_text(spread.max) : "-";
}

Json known(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json known(const SampleSpread& spread) { return spread.samples > 0 ? Json::parse(to_json(spread)) : Json(nullptr); }

bool some(const Sweep& sweep, SampleSpread SweepSetting::*values) {
  return std::any_of(sweep.settings.begin(), sweep.settings.end(),
                     [&](const SweepSetting& setting) { return (setting.*values).samples > 0; });
}

// Why a setting has fewer results than runs; empty: it has all.
std::string remark(const Sweep& sweep, const SweepSetting& setting) {
  for (const std::size_t run : setting.runs)
    if (const SweepOutcome& outcome = sweep.outcomes[run]; outcome.state != SweepOutcome::State::done)
      return describe(outcome);
  return "";
}

// The axis that settings differ in, where there is one alone and its values are numbers.
std::optional<std::size_t> numeric_axis(const Sweep& sweep) {
  std::optional<std::size_t> found;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    if (is_seed(sweep.axes[a])) continue;
    if (found) return std::nullopt;
    found = a;
  }
  if (!found) return std::nullopt;
  for (const std::string& value : sweep.axes[*found].values) {
    char* end = nullptr;
    if (!std::isfinite(std::strtod(value.c_str(), &end)) || *end) return std::nullopt;
  }
  return found;
}

Chart chart_of(const Sweep& sweep, const std::string& title, const std::string& label, SampleSpread SweepSetting::*values) {
  Chart chart;
  chart.title = title;
  chart.y_label = label;
  chart.logarithmic_y = values != &SweepSetting::seconds;
  const std::optional<std::size_t> axis = numeric_axis(sweep);
  chart.x_label = axis ? sweep.axes[*axis].key : "setting (its number in the table)";
  ChartSeries medians;
  medians.name = "median, with the range over seeds";
  double least = 0, most = 0;
  for (std::size_t s = 0; s < sweep.settings.size(); ++s) {
    const SampleSpread& spread = sweep.settings[s].*values;
    ChartPoint point;
    point.x = axis ? std::strtod(sweep.runs[sweep.settings[s].runs.front()].values[*axis].c_str(), nullptr)
                   : static_cast<double>(s + 1);
    least = s == 0 ? point.x : std::min(least, point.x);
    most = s == 0 ? point.x : std::max(most, point.x);
    point.y = spread.median, point.low = spread.min, point.high = spread.max;
    // Nothing has a logarithm that is 0.
    point.hole = spread.samples == 0 || (chart.logarithmic_y && !(spread.min > 0));
    if (!axis) chart.x_ticks.push_back(point.x);
    medians.points.push_back(point);
  }
  constexpr double wide = 20;
  chart.logarithmic_x = axis && least > 0 && most / least >= wide;
  std::sort(medians.points.begin(), medians.points.end(),
            [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
  chart.series.push_back(medians);
  return chart;
}

}  // namespace

StudyTable settings_table(const Sweep& sweep) {
  StudyTable table;
  table.title = "Settings: medians over their runs, and the range";
  table.columns = {"#"};
  for (const SweepAxis& axis : sweep.axes)
    if (!is_seed(axis)) table.columns.push_back(axis.key);
  table.columns.emplace_back("done");
  const bool errors = some(sweep, &SweepSetting::error), independent = some(sweep, &SweepSetting::loss_independent);
  const auto columns = [&](const char* name) { table.columns.insert(table.columns.end(), {name, "range"}); };
  if (errors) columns("error");
  columns("loss");
  if (independent) columns("loss, independent points");
  table.columns.insert(table.columns.end(), {"time", "remark"});
  for (std::size_t s = 0; s < sweep.settings.size(); ++s) {
    const SweepSetting& setting = sweep.settings[s];
    std::vector<std::string> row{std::to_string(s + 1)};
    for (std::size_t a = 0; a < sweep.axes.size(); ++a)
      if (!is_seed(sweep.axes[a])) row.push_back(sweep.runs[setting.runs.front()].values[a]);
    row.push_back(fmt::format("{}/{}", setting.done, setting.runs.size()));
    const auto cells = [&](const SampleSpread& spread) { row.insert(row.end(), {median_text(spread), range_text(spread)}); };
    if (errors) cells(setting.error);
    cells(setting.loss);
    if (independent) cells(setting.loss_independent);
    row.push_back(setting.seconds.samples > 0 ? duration_text(setting.seconds.median) : "-");
    row.push_back(remark(sweep, setting));
    table.rows.push_back(row);
    table.holes.push_back(setting.done == 0);
  }
  return table;
}

StudyTable runs_table(const Sweep& sweep) {
  StudyTable table;
  table.title = "Runs";
  for (const SweepAxis& axis : sweep.axes) table.columns.push_back(axis.key);
  for (const char* column : {"error", "loss", "independent", "steps", "time", "end"}) table.columns.emplace_back(column);
  for (std::size_t r = 0; r < sweep.runs.size(); ++r) {
    const SweepOutcome& o = sweep.outcomes[r];
    const bool done = o.state == SweepOutcome::State::done;
    std::vector<std::string> row = sweep.runs[r].values;
    row.push_back(number_text(done ? o.error() : NAN));
    row.push_back(number_text(done ? o.loss : NAN));
    row.push_back(number_text(done ? o.loss_independent : NAN));
    row.push_back(o.steps > 0 ? std::to_string(o.steps) : "-");
    row.push_back(o.wall_s > 0 ? duration_text(o.wall_s) : "-");
    std::string end = done ? o.stopped_by : describe(o);
    if (!o.reason.empty()) end += " (" + o.reason + ")";
    if (!o.warnings.empty()) end += fmt::format("; {} warning{}", o.warnings.size(), o.warnings.size() == 1 ? "" : "s");
    row.push_back(end);
    table.rows.push_back(row);
    table.holes.push_back(!done);
  }
  return table;
}

std::vector<Picture> draw_sweep(const Sweep& sweep) {
  std::vector<Picture> pictures;
  const auto draw = [&](const std::string& name, const std::string& title, const std::string& label,
                        SampleSpread SweepSetting::*values) {
    if (!some(sweep, values)) return;
    const Chart chart = chart_of(sweep, title, label, values);
    Picture picture = draw_picture(name, chart);
    if (!picture.svg.empty()) pictures.push_back(std::move(picture));
  };
  draw("error", "Relative L2 error", "relative L2 error, largest field", &SweepSetting::error);
  draw("loss", "Loss at the end", "loss", &SweepSetting::loss);
  draw("loss-independent", "Loss on independent points", "loss on independent points", &SweepSetting::loss_independent);
  draw("time", "Time of a run", "time, s", &SweepSetting::seconds);
  return pictures;
}

std::string sweep_json(const Sweep& sweep) {
  static const char* const states[] = {"missing", "stopped", "failed", "done"};
  Json json = {{"schema", 1},
               {"study", "sweep"},
               {"config", sweep.name},
               {"ranks", sweep.options.ranks},
               {"slurm", sweep.options.slurm}};
  const auto values = [&](const SweepRun& run, bool with_seed) {
    Json object = Json::object();
    for (std::size_t a = 0; a < sweep.axes.size(); ++a)
      if (with_seed || !is_seed(sweep.axes[a])) object[sweep.axes[a].key] = run.values[a];
    return object;
  };
  json["axes"] = Json::array();
  for (const SweepAxis& axis : sweep.axes) json["axes"].push_back({{"key", axis.key}, {"values", axis.values}});
  json["settings"] = Json::array();
  for (const SweepSetting& setting : sweep.settings)
    json["settings"].push_back({{"values", values(sweep.runs[setting.runs.front()], false)},
                                {"runs", setting.runs.size()},
                                {"done", setting.done},
                                {"error", known(setting.error)},
                                {"loss", known(setting.loss)},
                                {"loss_independent", known(setting.loss_independent)},
                                {"seconds", known(setting.seconds)}});
  json["runs"] = Json::array();
  for (std::size_t r = 0; r < sweep.runs.size(); ++r) {
    const SweepOutcome& o = sweep.outcomes[r];
    Json run = {{"folder", "runs/" + sweep.runs[r].name},
                {"setting", sweep.runs[r].setting + 1},
                {"values", values(sweep.runs[r], true)},
                {"state", states[static_cast<int>(o.state)]}};
    if (o.state == SweepOutcome::State::failed) run["status"] = o.status, run["reason"] = o.reason;
    if (o.state == SweepOutcome::State::done) {
      Json errors = Json::object();
      for (const auto& [field, error] : o.errors) errors[field] = known(error);
      run.update({{"stopped_by", o.stopped_by},
                  {"steps", o.steps},
                  {"parameters", o.parameters},
                  {"wall_s", o.wall_s},
                  {"error", errors},
                  {"loss", known(o.loss)},
                  {"loss_independent", known(o.loss_independent)},
                  {"warnings", o.warnings}});
    }
    json["runs"].push_back(run);
  }
  json["sentences"] = sweep_sentences(sweep);
  json["machine"] = Json::parse(to_json(sweep.machine));
  json["status"] = sweep.status();
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string sweep_csv(const Sweep& sweep) {
  std::string text;
  for (const SweepAxis& axis : sweep.axes) text += csv_text(axis.key) + ",";
  text += "state,status,stopped_by,steps,parameters,wall_s,error,loss,loss_independent,folder\n";
  for (std::size_t r = 0; r < sweep.runs.size(); ++r) {
    const SweepOutcome& o = sweep.outcomes[r];
    for (const std::string& value : sweep.runs[r].values) text += csv_text(value) + ",";
    const auto cell = [](double value) { return std::isfinite(value) ? fmt::format("{:.9g}", value) : std::string(); };
    if (o.state == SweepOutcome::State::done)
      text += fmt::format("done,0,{},{},{},{:.9g},{},{},{},", csv_text(o.stopped_by), o.steps, o.parameters, o.wall_s,
                          cell(o.error()), cell(o.loss), cell(o.loss_independent));
    else
      text += fmt::format("{},{},,,,,,,,", o.state == SweepOutcome::State::failed ? "failed" : describe(o),
                          o.state == SweepOutcome::State::failed ? std::to_string(o.status) : "");
    text += csv_text("runs/" + sweep.runs[r].name) + "\n";
  }
  return text;
}

std::string sweep_text(const Sweep& sweep) {
  constexpr std::size_t most_rows = 40;   // of runs on a terminal; the page and the CSV file have them all
  std::string text = table_text(settings_table(sweep));
  const StudyTable runs = runs_table(sweep);
  const bool holes = std::any_of(runs.holes.begin(), runs.holes.end(), [](bool hole) { return hole; });
  if (holes || (sweep.settings.size() < sweep.runs.size() && runs.rows.size() <= most_rows)) {
    StudyTable shown = runs;
    if (runs.rows.size() > most_rows) {
      shown.title = "Runs that are not done";
      shown.rows.clear();
      for (std::size_t r = 0; r < runs.rows.size(); ++r)
        if (runs.holes[r]) shown.rows.push_back(runs.rows[r]);
    }
    text += "\n" + table_text(shown);
  }
  text += "\n";
  for (const std::string& line : sweep_sentences(sweep)) text += line + "\n";
  return text;
}

std::string sweep_page(const Sweep& sweep, const std::vector<Picture>& pictures) {
  std::string html = html_paragraphs(sweep_sentences(sweep), "say") + html_table(settings_table(sweep)) +
                     html_figures(pictures) + html_table(runs_table(sweep));
  html += "<h2>How it was measured</h2>\n" +
          html_paragraphs({fmt::format("each run is one training of {} on {} rank{}; a setting's runs differ in "
                                       "training.seed alone; error is the relative L2 error of the "
                                       "worst field against the reference",
                                       sweep.name, sweep.options.ranks, sweep.options.ranks == 1 ? "" : "s"),
                           sweep.options.slurm ? "times are those of jobs, on the nodes that Slurm chose"
                                               : "runs shared this machine, so times are those of runs side by side",
                           fmt::format("machine: {}, {} processors, {}", sweep.machine.processor, sweep.machine.processors,
                                       sweep.machine.date)});
  return html_page("Sweep of " + sweep.name, html);
}

}  // namespace jetpinn
