#include "jetpinn/compress/prune_report.hpp"

#include "jetpinn/base/version.hpp"
#include "jetpinn/chart/chart.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json json_of(const NetworkMeasure& measure) {
  Json out{{"loss_independent", number(measure.loss_independent)}, {"terms", Json::object()}};
  for (const auto& [name, loss] : measure.terms) out["terms"][name] = number(loss);
  out["error"] = Json::object();
  for (const FieldError& error : measure.errors)
    out["error"][error.field] = {
        {"rel_l2", number(error.rel_l2)}, {"max_abs", number(error.max_abs)}, {"r2", number(error.r2)}};
  out["validation"] = Json::object();
  for (const ValidationError& error : measure.validation) out["validation"][error.term] = number(error.rms);
  out["held_out"] = held_out_document(measure.fits);
  return out;
}

Json json_of(const StatementMeasure& measure) {
  return {{"mean", number(measure.mean)}, {"max", number(measure.max)}, {"violations", number(measure.violations)}};
}

Json physics_json(const PruneReport& report) {
  Json out = Json::object();
  for (std::size_t t = 0; t < report.physics_after.size(); ++t) {
    const StatementMeasure &before = report.physics_before[t], &after = report.physics_after[t];
    out[after.name] = {{"before", json_of(before)},
                       {"after", json_of(after)},
                       {"size", number(after.size)},
                       {"points", after.points},
                       {"change", number(physics_change(before, after))}};
  }
  return out;
}

Json json_of(const PrunedNetwork& network, std::int64_t bytes_per_parameter) {
  Json out{{"hidden", network.hidden},
           {"parameters", network.parameters},
           {"parameter_bytes", network.parameters * bytes_per_parameter},
           {"flop_per_point", network.flop_per_point}};
  out.update(json_of(network.measure));
  return out;
}

Json json_of(const PruneOptions& options) {
  return {{"target", options.target},
          {"rounds", options.rounds},
          {"epochs", options.epochs},
          {"steps", options.steps},
          {"score", to_string(options.score)},
          {"schedule", to_string(options.schedule)},
          {"ranking", options.global ? "global" : "uniform"},
          {"limit", options.limit},
          {"min_width", options.min_width},
          {"multiple", options.multiple},
          {"allowed_loss", options.allowed_loss},
          {"fold", options.fold},
          {"optimizer", options.optimizer},
          {"learning_rate", options.learning_rate}};
}

Json json_of(const BatchTime& time) { return {{"median", time.median}, {"lower", time.lower}, {"upper", time.upper}}; }

Json json_of(const BatchTimes& times, double ratio) {
  Json out{{"points", times.points}, {"before_s", json_of(times.before)}, {"after_s", json_of(times.after)}};
  out["speed_up"] = times.speed_up();
  out["efficiency"] = times.speed_up() / ratio;
  if (times.before_libtorch.median > 0) {
    out["before_libtorch_s"] = json_of(times.before_libtorch);
    out["speed_up_libtorch"] = times.speed_up_libtorch();
  }
  return out;
}

// "error u 1.2e-03, v 4e-02", "validation 1.02" or "loss 3e-5"
std::string measure_text(const NetworkMeasure& measure) {
  std::string text;
  for (const FieldError& error : measure.errors)
    text += fmt::format("{}{} {:.2e}", text.empty() ? "error " : ", ", error.field, error.rel_l2);
  for (const ValidationError& error : measure.validation)
    text += fmt::format("{}{} {:.4g}", text.empty() ? "validation " : ", ", error.term, error.rms);
  return (text.empty() ? "" : text + ", ") + fmt::format("loss {:.2e}", measure.loss_independent);
}

// What growth() compares, of one network, for an axis.
double axis_value(const NetworkMeasure& measure) {
  double most = 0;
  for (const FieldError& error : measure.errors) most = std::max(most, error.rel_l2);
  for (const ValidationError& error : measure.validation)
    if (measure.errors.empty()) most = std::max(most, error.rms);
  return measure.errors.empty() && measure.validation.empty() ? std::sqrt(measure.loss_independent) : most;
}

std::string seconds_text(double seconds) {
  return seconds < 1e-3 ? fmt::format("{:.1f} us", seconds * 1e6)
         : seconds < 1  ? fmt::format("{:.2f} ms", seconds * 1e3)
                        : fmt::format("{:.2f} s", seconds);
}

std::string times_text(const PruneReport& report) {
  if (report.times.empty()) return {};
  const bool libtorch = report.times[0].before_libtorch.median > 0;
  std::string text =
      fmt::format("{:>10}  {:>10}  {:>10}  {:>8}  {:>10}", "points", "before", "after", "faster", "efficiency");
  text += (libtorch ? fmt::format("  {:>14}  {:>8}\n", "before, LibTorch", "faster") : "\n");
  for (const BatchTimes& row : report.times) {
    text += fmt::format("{:>10}  {:>10}  {:>10}  {:>7.2f}x  {:>10.2f}", row.points, seconds_text(row.before.median),
                        seconds_text(row.after.median), row.speed_up(), row.speed_up() / report.parameter_ratio());
    text += libtorch
                ? fmt::format("  {:>16}  {:>7.2f}x\n", seconds_text(row.before_libtorch.median), row.speed_up_libtorch())
                : "\n";
  }
  return text;
}

std::string row(const std::string& name, const std::string& before, const std::string& after) {
  return fmt::format("{:<24}  {:>24}  {:>24}\n", name, before, after);
}

std::string physics_rows(const PruneReport& report) {
  if (report.physics_after.empty()) return {};
  std::string text = "mean |r| of each statement, and its change\n";
  for (std::size_t t = 0; t < report.physics_after.size(); ++t) {
    const StatementMeasure &before = report.physics_before[t], &after = report.physics_after[t];
    text += row(after.name, fmt::format("{:.3e}", before.mean),
                fmt::format("{:.3e} ({:+.3g} %)", after.mean, 100 * physics_change(before, after)));
  }
  return text;
}

}  // namespace

double PruneReport::parameter_ratio() const {
  return static_cast<double>(before.parameters) / static_cast<double>(after.parameters);
}

double PruneReport::reduction() const { return 1 - 1 / parameter_ratio(); }

std::string PruneReport::advice() const {
  const bool rolled_back = std::any_of(rounds.begin(), rounds.end(), [](const PruneRound& r) { return !r.accepted; });
  if (rounds.empty()) return "nothing went: whole neurons come no nearer to the target than the network that there is";
  if (after.parameters == before.parameters)
    return fmt::format(
        "nothing went: every round lost more than --allowed-loss {:g} allows; give the fine-tuning more "
        "--steps or --epochs, or name a smaller --target",
        options.allowed_loss);
  if (rolled_back)
    return fmt::format(
        "{:.1f} % of the {:.1f} % asked for went before the loss was too large; more --steps, more --rounds "
        "or a larger --allowed-loss reach further",
        100 * reduction(), 100 * options.target);
  const double grown = growth(before.measure, after.measure);
  const auto wide = std::find_if(times.begin(), times.end(), [](const BatchTimes& t) { return t.points > 1000; });
  if (wide != times.end() && wide->speed_up() < 0.5 * parameter_ratio())
    return fmt::format(
        "the {} is {:.2f} times what it was; layers are so narrow by now that activations and overheads "
        "take most of the time: removing more will save little",
        growth_of(before.measure), grown);
  if (grown < 1.2)
    return fmt::format("the {} is {:.2f} times what it was: a larger --target may well hold", growth_of(before.measure),
                       grown);
  return fmt::format("the {} is {:.2f} times what it was, {:g} is allowed; train on with more steps to gain some back",
                     growth_of(before.measure), grown, options.allowed_loss);
}

std::string prune_request(const PruneReport& report) {
  Json options = json_of(report.options);
  options["device"] = report.device;
  return Json{{"parameters of the run", report.source_hash},
              {"config of the run", report.config_hash},
              {"sets", report.sets},
              {"options", options}}
      .dump();
}

std::string prune_json(const PruneReport& report) {
  Json out{{"version", version},
           {"status", report.status},
           {"source", report.source},
           {"request", prune_request(report)},
           {"options", json_of(report.options)},
           {"steps", report.steps},
           {"compared", growth_of(report.before.measure)},
           {"before", json_of(report.before, report.bytes_per_parameter)},
           {"after", json_of(report.after, report.bytes_per_parameter)},
           {"reduction", report.reduction()},
           {"parameter_ratio", report.parameter_ratio()},
           {"growth", number(growth(report.before.measure, report.after.measure))},
           {"rounds", Json::array()},
           {"physics", physics_json(report)},
           {"precision", report.precision},
           {"times", Json::array()}};
  for (const PruneRound& round : report.rounds)
    out["rounds"].push_back({{"round", round.round},
                             {"goal", round.goal},
                             {"hidden", round.removed.hidden},
                             {"parameters", round.removed.parameters},
                             {"flop_per_point", round.removed.flop_per_point},
                             {"removed", json_of(round.removed.measure)},
                             {"tuned", json_of(round.tuned)},
                             {"steps", round.steps},
                             {"growth", number(round.growth)},
                             {"accepted", round.accepted}});
  for (const BatchTimes& times : report.times) out["times"].push_back(json_of(times, report.parameter_ratio()));
  out["advice"] = report.status == "completed" ? report.advice() : "";
  return out.dump(2) + "\n";
}

std::string hidden_text(const std::vector<std::vector<std::int64_t>>& hidden) {
  std::string text;
  for (const std::vector<std::int64_t>& widths : hidden) {
    text += text.empty() ? "[" : " [";
    for (std::size_t l = 0; l < widths.size(); ++l) text += (l == 0 ? "" : ", ") + std::to_string(widths[l]);
    text += "]";
  }
  return text;
}

std::string prune_round_text(const PruneReport& report, const PruneRound& round) {
  std::string text = fmt::format("round {}: {} {} parameters; {} as they were removed; {} after {} steps; ", round.round,
                                 hidden_text(round.removed.hidden), round.removed.parameters,
                                 measure_text(round.removed.measure), measure_text(round.tuned), round.steps);
  return text +
         fmt::format("{} {:.2f} times that of the start{}", growth_of(report.before.measure), round.growth,
                     round.accepted
                         ? ""
                         : fmt::format(", more than --allowed-loss {:g}: rolled back{}", report.options.allowed_loss,
                                       round.round < report.options.rounds ? ", the next round removes half as much" : ""));
}

std::string prune_text(const PruneReport& report) {
  const PrunedNetwork &a = report.before, &b = report.after;
  std::string text = row("", "before", "after");
  text += row("hidden", hidden_text(a.hidden), hidden_text(b.hidden));
  text +=
      row("parameters", std::to_string(a.parameters), fmt::format("{} (-{:.1f} %)", b.parameters, 100 * report.reduction()));
  text += row("FLOP per point", fmt::format("{:.0f}", a.flop_per_point), fmt::format("{:.0f}", b.flop_per_point));
  const auto kib = [&](const PrunedNetwork& network) {
    return fmt::format("{:.1f} KiB", static_cast<double>(network.parameters * report.bytes_per_parameter) / 1024);
  };
  text += row("memory", kib(a), kib(b));
  for (std::size_t k = 0; k < a.measure.errors.size(); ++k) {
    text += row("error " + a.measure.errors[k].field, fmt::format("{:.4e}", a.measure.errors[k].rel_l2),
                fmt::format("{:.4e}", b.measure.errors[k].rel_l2));
    text += row("R2 " + a.measure.errors[k].field, fmt::format("{:.6f}", a.measure.errors[k].r2),
                fmt::format("{:.6f}", b.measure.errors[k].r2));
  }
  for (std::size_t k = 0; k < a.measure.validation.size(); ++k)
    text += row("held out " + a.measure.validation[k].term, fmt::format("{:.4g}", a.measure.validation[k].rms),
                fmt::format("{:.4g}", b.measure.validation[k].rms));
  for (std::size_t k = 0; k < a.measure.fits.size(); ++k)
    text += row("R2 " + a.measure.fits[k].field + " held out", fmt::format("{:.6f}", a.measure.fits[k].r2),
                fmt::format("{:.6f}", b.measure.fits[k].r2));
  text += row("loss", fmt::format("{:.4e}", a.measure.loss_independent), fmt::format("{:.4e}", b.measure.loss_independent));
  text += physics_rows(report);
  if (!report.times.empty())
    text += fmt::format("time of a prediction, {}, median, one after the other on one core\n", report.precision);
  return text + times_text(report) + "advice: " + report.advice() + "\n";
}

std::string architecture_svg(const PruneReport& report) {
  BarChart chart;
  chart.title = "Neurons of the hidden layers, before and after";
  chart.x_label = "hidden layer";
  chart.y_label = "neurons";
  chart.parts = {"kept", "removed"};
  for (std::size_t m = 0; m < report.before.hidden.size(); ++m)
    for (std::size_t l = 0; l < report.before.hidden[m].size(); ++l) {
      const std::string network = report.before.hidden.size() > 1 ? fmt::format("network {}\n", m + 1) : "";
      chart.bars.push_back(network + std::to_string(l + 1));
      const auto before = static_cast<double>(report.before.hidden[m][l]),
                 after = static_cast<double>(report.after.hidden[m][l]);
      chart.values.push_back({after, before - after});
    }
  return chart_svg(chart);
}

std::string error_svg(const PruneReport& report) {
  Chart chart;
  const std::string compared = growth_of(report.before.measure);
  chart.title = "What was lost, against the size";
  chart.x_label = "parameters";
  chart.y_label = compared;
  chart.logarithmic_y = true;
  ChartSeries tuned{"fine-tuned", ChartSeries::Style::measured, 0, {}},
      removed{"as removed", ChartSeries::Style::dots, 1, {}}, back{"rolled back", ChartSeries::Style::dots, 2, {}};
  const auto point = [](std::int64_t parameters, const NetworkMeasure& measure) {
    ChartPoint place;
    place.x = static_cast<double>(parameters);
    place.y = axis_value(measure);
    place.low = place.high = place.y;
    return place;
  };
  tuned.points.push_back(point(report.before.parameters, report.before.measure));
  for (const PruneRound& round : report.rounds) {
    removed.points.push_back(point(round.removed.parameters, round.removed.measure));
    (round.accepted ? tuned : back).points.push_back(point(round.removed.parameters, round.tuned));
  }
  for (ChartSeries* series : {&tuned, &removed, &back})
    if (!series->points.empty()) chart.series.push_back(std::move(*series));
  return chart_svg(chart);
}

}  // namespace jetpinn
