#include "jetpinn/scale/scale_charts.hpp"

#include "jetpinn/chart/axis.hpp"
#include "jetpinn/chart/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

namespace jetpinn {
namespace {

using Style = ChartSeries::Style;
using Value = std::function<ChartPoint(const MeasuredConfiguration&)>;

constexpr int curve_samples = 40;

bool weak(const Study& study) { return study.options.kind == ScaleKind::weak; }

// What one line of a chart against ranks has in common: all points, or in a weak study the points of a rank. A reference of
// a weak study stands on no line.
std::int64_t line_of(const Study& study, const MeasuredConfiguration& m) {
  if (!weak(study)) return m.configuration.points;
  return m.configuration.reference ? -1 : m.configuration.points / m.configuration.ranks;
}

std::string line_name(const Study& study, std::int64_t line) {
  return tick_label(static_cast<double>(line)) + (weak(study) ? " points/rank" : " points");
}

std::vector<std::int64_t> lines_of(const Study& study) {
  std::set<std::int64_t> lines;
  for (const MeasuredConfiguration& m : study.measured)
    if (const std::int64_t line = line_of(study, m); line > 0) lines.insert(line);
  return {lines.begin(), lines.end()};
}

std::vector<double> measured_ranks(const Study& study) {
  std::set<double> ranks;
  for (const MeasuredConfiguration& m : study.measured) ranks.insert(m.configuration.ranks);
  return {ranks.begin(), ranks.end()};
}

// Measured points of each line with `value` on the y axis, and the model's curve beside them.
void add_lines(Chart& chart, const Study& study, const Value& value,
               const std::function<double(std::int64_t points, double ranks)>& curve) {
  int colour = 0;
  for (const std::int64_t line : lines_of(study)) {
    ChartSeries series{line_name(study, line), Style::measured, colour, {}};
    for (const MeasuredConfiguration& m : study.measured) {
      if (line_of(study, m) != line) continue;
      ChartPoint point = value(m);
      point.x = m.configuration.ranks;
      series.points.push_back(point);
    }
    std::sort(series.points.begin(), series.points.end(),
              [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
    chart.series.push_back(series);
    if (study.model_is_good() && curve) {
      ChartSeries model{"  model", Style::curve, colour, {}};
      const double most = measured_ranks(study).back();
      for (int i = 0; i <= curve_samples && most > 1; ++i) {
        const double ranks = std::pow(most, static_cast<double>(i) / curve_samples);
        if (ranks > 1 && ranks < 2) continue;   // there is nothing in between
        model.points.push_back({ranks, curve(line, ranks), 0, 0, false});
      }
      if (!model.points.empty()) chart.series.push_back(model);
    }
    ++colour;
  }
}

// The model between whole ranks: its formula with a real number of them.
double model_time(const ScalingModel& model, double points, double ranks) {
  const double share = points / ranks, several = ranks > 1 ? 1 : 0;
  return model.step_s + model.point_s * share + model.level_s * std::log2(ranks) +
         several * (model.message_s + model.imbalance_s * share);
}

Chart against_ranks(const Study& study, const std::string& title, const std::string& y_label) {
  Chart chart;
  chart.title = title + (study.options.oversubscribe ? " (OVERSUBSCRIBED)" : "");
  chart.x_label = "ranks";
  chart.y_label = y_label;
  chart.logarithmic_x = true;
  chart.x_ticks = measured_ranks(study);
  return chart;
}

ChartPoint hole_unless(bool known, ChartPoint point) {
  point.hole = !known;
  return point;
}

Chart speed_up_chart(const Study& study) {
  Chart chart = against_ranks(study, "Speed-up against one rank with the same points", "speed-up T1(N) / Tp(N)");
  chart.logarithmic_y = true;
  ChartSeries ideal{"ideal", Style::ideal, 0, {}};
  for (const double ranks : measured_ranks(study)) ideal.points.push_back({ranks, ranks, 0, 0, false});
  chart.series.push_back(ideal);
  add_lines(chart, study, [](const MeasuredConfiguration& m) {
    const double p = m.configuration.ranks;
    return hole_unless(m.speed_up >= 0, {0, m.speed_up, p * m.efficiency_low, p * m.efficiency_high, false});
  }, [&](std::int64_t line, double ranks) {
    const double points = static_cast<double>(line) * (weak(study) ? ranks : 1);
    return model_time(*study.model, points, 1) / model_time(*study.model, points, ranks);
  });
  return chart;
}

ChartPoint efficiency_point(const MeasuredConfiguration& m) {
  return hole_unless(m.efficiency >= 0, {0, 100 * m.efficiency, 100 * m.efficiency_low, 100 * m.efficiency_high, false});
}

Chart efficiency_chart(const Study& study) {
  Chart chart = against_ranks(study, "Efficiency", "efficiency T1(N) / (p Tp(N)), %");
  chart.y_least = 100;
  add_lines(chart, study, efficiency_point, [&](std::int64_t line, double ranks) {
    const double points = static_cast<double>(line) * (weak(study) ? ranks : 1);
    return 100 * model_time(*study.model, points, 1) / (ranks * model_time(*study.model, points, ranks));
  });
  return chart;
}

Chart time_chart(const Study& study) {
  Chart chart = against_ranks(study, study.of_steps() ? "Time of a step" : "Time to accuracy, start-up included",
                              study.of_steps() ? "time, ms" : "time, s");
  const double unit = study.of_steps() ? 1e3 : 1;
  add_lines(
      chart, study,
      [&](const MeasuredConfiguration& m) {
        return hole_unless(m.measured(),
                           {0, unit * m.seconds.median, unit * m.seconds.lower, unit * m.seconds.upper, false});
      },
      [&](std::int64_t line, double ranks) {
        return unit * model_time(*study.model, static_cast<double>(line) * (weak(study) ? ranks : 1), ranks);
      });
  return chart;
}

// A line for each number of ranks, over points per rank.
Chart against_points(const Study& study, const std::string& title, const std::string& y_label, bool one_rank,
                     const Value& value) {
  Chart chart;
  chart.title = title + (study.options.oversubscribe ? " (OVERSUBSCRIBED)" : "");
  chart.x_label = "points per rank";
  chart.y_label = y_label;
  chart.logarithmic_x = true;
  int colour = 0;
  for (const double ranks : measured_ranks(study)) {
    ChartSeries series{fmt::format("{:g} rank{}", ranks, ranks > 1 ? "s" : ""), Style::measured, colour++, {}};
    if (ranks == 1 && !one_rank) continue;
    for (const MeasuredConfiguration& m : study.measured) {
      if (m.configuration.ranks != static_cast<int>(ranks)) continue;
      ChartPoint point = value(m);
      point.x = m.points_per_rank();
      series.points.push_back(point);
    }
    chart.series.push_back(series);
  }
  return chart;
}

Chart points_chart(const Study& study) {
  Chart chart = against_points(study, "Efficiency and points per rank", "efficiency, %", false, efficiency_point);
  chart.y_least = 100;
  double low = 1e300, high = 0;
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points) low = std::min(low, point.x), high = std::max(high, point.x);
  if (high == 0) return chart;
  const std::size_t measured = chart.series.size();
  for (std::size_t s = 0; s < measured && study.model_is_good(); ++s) {
    ChartSeries curve{"  model", Style::curve, chart.series[s].colour, {}};
    const int ranks = std::stoi(chart.series[s].name);
    for (int i = 0; i <= curve_samples && high > low; ++i) {
      const double n = low * std::pow(high / low, static_cast<double>(i) / curve_samples);
      curve.points.push_back(
          {n, 100 * model_time(*study.model, n * ranks, 1) / (ranks * model_time(*study.model, n * ranks, ranks)), 0, 0,
           false});
    }
    if (!curve.points.empty()) chart.series.push_back(curve);
  }
  chart.series.push_back({"90 %", Style::ideal, 0, {{low, 90, 0, 0, false}, {high, 90, 0, 0, false}}});
  return chart;
}

Chart memory_chart(const Study& study) {
  return against_points(study, "Peak resident memory of a rank", "memory, MiB", true, [](const MeasuredConfiguration& m) {
    return hole_unless(m.measured(), {0, m.peak_mib, 0, 0, false});
  });
}

Chart overhead_chart(const Study& study) {
  Chart chart = against_points(study, "Memory used over the theoretical minimum", "used / minimum", true,
                               [](const MeasuredConfiguration& m) {
                                 return hole_unless(m.used_over_minimum > 0, {0, m.used_over_minimum, 0, 0, false});
                               });
  chart.y_least = 1;
  return chart;
}

BarChart split_chart(const Study& study) {
  BarChart chart;
  chart.title = "Where the time of a step goes (mean over ranks)";
  chart.x_label = "ranks, and points of all ranks";
  chart.y_label = "time, ms";
  chart.parts = split_parts();
  for (const MeasuredConfiguration& m : study.measured) {
    std::vector<double> values;
    for (const std::string& part : chart.parts)
      if (!m.split.empty()) values.push_back(1e3 * m.split.at(part));
    chart.bars.push_back(
        fmt::format("{}\n{}", m.configuration.ranks, tick_label(static_cast<double>(m.configuration.points))));
    chart.values.push_back(values);
  }
  return chart;
}

bool has_points(const Chart& chart) {
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points)
      if (!point.hole && series.style == Style::measured) return true;
  return false;
}

bool has_bars(const BarChart& chart) {
  return std::any_of(chart.values.begin(), chart.values.end(), [](const auto& values) { return !values.empty(); });
}

}  // namespace

std::vector<Picture> draw_study(const Study& study) {
  std::vector<Picture> pictures;
  const auto add = [&](const std::string& name, const auto& chart, bool worth) {
    if (worth) pictures.push_back(draw_picture(name, chart));
  };
  const auto add_chart = [&](const std::string& name, const Chart& chart) { add(name, chart, has_points(chart)); };
  if (study.options.kind != ScaleKind::memory) {
    add_chart("speed-up", speed_up_chart(study));
    add_chart("efficiency", efficiency_chart(study));
    add_chart("points-per-rank", points_chart(study));
    add_chart("time", time_chart(study));
  }
  add_chart("memory", memory_chart(study));
  if (study.options.kind == ScaleKind::memory) add_chart("memory-overhead", overhead_chart(study));
  const BarChart split = split_chart(study);
  add("split", split, study.of_steps() && has_bars(split));
  return pictures;
}

}  // namespace jetpinn
