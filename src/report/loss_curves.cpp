#include "jetpinn/report/loss_curves.hpp"

#include <algorithm>
#include <cstddef>
#include <set>

namespace jetpinn {
namespace {

using Style = ChartSeries::Style;

Chart over_steps(const std::string& title, const std::string& y_label) {
  Chart chart;
  chart.title = title;
  chart.x_label = "step";
  chart.y_label = y_label;
  chart.layout = ChartLayout::compact;
  chart.logarithmic_y = true;
  return chart;
}

void add(Chart& chart, const Curve& curve, const std::string& name, int colour) {
  if (!curve.points.empty()) chart.series.push_back({name, Style::line, colour, thinned(curve)});
}
void add(Chart& chart, const Curve& curve, const std::string& name) {
  add(chart, curve, name, static_cast<int>(chart.series.size()));
}

void mark_stages(Chart& chart, const RunData& run) {
  for (std::size_t s = 0; s < run.stages.size() && run.stages.size() <= 8; ++s)
    chart.marks.push_back({run.stages[s], "stage " + std::to_string(s + 1)});
}

// Where nothing is above zero a logarithmic axis shows nothing.
void require_positive(Chart& chart) {
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points)
      if (point.y > 0) return;
  chart.logarithmic_y = false;
}

}  // namespace

std::vector<ChartPoint> thinned(const Curve& curve, std::size_t most) {
  std::vector<ChartPoint> points;
  const std::size_t count = curve.points.size();
  const auto add = [&](std::size_t i) { points.push_back({curve.points[i].first, curve.points[i].second}); };
  if (count <= most) {
    for (std::size_t i = 0; i < count; ++i) add(i);
    return points;
  }
  const std::size_t stretches = most / 2 - 1;
  add(0);
  for (std::size_t s = 0; s < stretches; ++s) {
    const std::size_t begin = 1 + (count - 2) * s / stretches, end = 1 + (count - 2) * (s + 1) / stretches;
    const auto less = [](const auto& a, const auto& b) { return a.second < b.second; };
    const auto from = curve.points.begin() + static_cast<std::ptrdiff_t>(begin),
               to = curve.points.begin() + static_cast<std::ptrdiff_t>(end);
    const auto low = static_cast<std::size_t>(std::min_element(from, to, less) - curve.points.begin());
    const auto high = static_cast<std::size_t>(std::max_element(from, to, less) - curve.points.begin());
    add(std::min(low, high));
    if (low != high) add(std::max(low, high));
  }
  add(count - 1);
  return points;
}

Gallery loss_curves(const RunData& run) {
  Gallery gallery;
  const auto show = [&](const std::string& name, Chart chart) {
    require_positive(chart);
    mark_stages(chart, run);
    gallery.pictures.push_back(picture_of(name, chart));
  };
  Chart losses = over_steps("Loss", "loss");
  add(losses, run.loss_curve, run.images ? "images trained on" : "training points");
  add(losses, run.independent_curve, "independent points");
  add(losses, run.validation_curve, "images set aside");
  show("loss", losses);
  Chart accuracy = over_steps("Accuracy", "share of the images");
  for (const Curve& curve : run.accuracies) add(accuracy, curve, curve.name);
  accuracy.logarithmic_y = false;
  show("accuracy", accuracy);
  Chart terms = over_steps("Each term, unweighted", "mean squared residual");
  for (const Curve& term : run.terms) add(terms, term, term.name);
  show("terms", terms);
  Chart shares = over_steps("Shares of the weighted loss", "share");
  for (const Curve& term : run.shares) add(shares, term, term.name);
  shares.logarithmic_y = false;
  show("shares", shares);
  Chart errors = over_steps("Error against the reference", "relative L2 error");
  for (const Curve& field : run.error_curves) add(errors, field, field.name);
  show("errors", errors);
  Chart rate = over_steps("Learning rate (L-BFGS: step length)", "learning rate");
  add(rate, run.learning_rate, "");
  show("learning-rate", rate);
  Chart gradient = over_steps("Gradient norm", "Euclidean norm");
  add(gradient, run.gradient_norm, "");
  show("gradient-norm", gradient);
  Chart gate = over_steps(run.images ? "Gate: share of the images trained, and saved since the beginning"
                                     : "Gate: share of the points trained, and saved since the beginning",
                          "share");
  for (const Curve& share : run.gate) add(gate, share, share.name);
  gate.logarithmic_y = false;
  show("gate", gate);
  Chart energy = over_steps(run.joules.name.empty() ? "Energy" : "Energy, modelled from FLOP and bytes", "J");
  add(energy, run.joules, "");
  energy.logarithmic_y = false;
  show("energy", energy);
  return gallery;
}

Gallery compared_curves(const std::vector<RunData>& runs) {
  Gallery gallery;
  Chart losses = over_steps("Loss on the training points", "loss"),
        independent = over_steps("Loss on independent points", "loss");
  std::set<std::string> fields;
  // A run has one colour in all charts.
  for (std::size_t r = 0; r < runs.size(); ++r) {
    add(losses, runs[r].loss_curve, runs[r].label, static_cast<int>(r));
    add(independent, runs[r].independent_curve, runs[r].label, static_cast<int>(r));
    for (const Curve& curve : runs[r].error_curves) fields.insert(curve.name);
  }
  std::vector<Chart> charts{losses, independent};
  for (const std::string& field : fields) {
    charts.push_back(over_steps("Error of " + field, "relative L2 error"));
    for (std::size_t r = 0; r < runs.size(); ++r)
      for (const Curve& curve : runs[r].error_curves)
        if (curve.name == field) add(charts.back(), curve, runs[r].label, static_cast<int>(r));
  }
  for (Chart& chart : charts) {
    require_positive(chart);
    gallery.pictures.push_back(picture_of("compared-" + chart.title, chart));
  }
  return gallery;
}

}  // namespace jetpinn
