#include "jetpinn/study/scale_study.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace jetpinn {
namespace {

constexpr double wanted_efficiency = 0.9;
constexpr double good_error = 0.15;   // of a model that is worth listening to
constexpr int largest_prediction = 1024;

MeasuredConfiguration evaluate(const ScaleOptions& options, const Configuration& configuration, const std::vector<RunOutcome>& runs) {
  MeasuredConfiguration result;
  result.configuration = configuration;
  result.runs = runs;
  std::vector<double> seconds, peaks;
  for (const RunOutcome& run : runs) {
    if (run.state != RunOutcome::State::measured) continue;
    seconds.push_back(options.until_error > 0 ? run.time_to_error_s : run.step_s);
    if (!run.peak_mib.empty()) peaks.push_back(*std::max_element(run.peak_mib.begin(), run.peak_mib.end()));
  }
  result.seconds = spread_of(seconds);
  result.peak_mib = spread_of(peaks).median;
  return result;
}

const MeasuredConfiguration* one_rank(const std::vector<MeasuredConfiguration>& measured, std::int64_t points) {
  const auto found = std::find_if(measured.begin(), measured.end(), [&](const MeasuredConfiguration& m) {
    return m.configuration.ranks == 1 && m.configuration.points == points && m.measured();
  });
  return found == measured.end() ? nullptr : &*found;
}

void compare_with_one_rank(std::vector<MeasuredConfiguration>& measured) {
  for (MeasuredConfiguration& m : measured) {
    const MeasuredConfiguration* one = m.measured() ? one_rank(measured, m.configuration.points) : nullptr;
    if (!one) continue;
    const int ranks = m.configuration.ranks;
    m.speed_up = speed_up(one->seconds.median, m.seconds.median);
    m.efficiency = efficiency(one->seconds.median, m.seconds.median, ranks);
    m.efficiency_low = ranks == 1 ? 1 : efficiency(one->seconds.lower, m.seconds.upper, ranks);
    m.efficiency_high = ranks == 1 ? 1 : efficiency(one->seconds.upper, m.seconds.lower, ranks);
  }
}

void fit(Study& study) {
  const std::vector<ScalingPoint> points = study.points();
  if (!study.of_steps() || points.size() < 2) return;
  study.model = fit_scaling(points);
  study.held_back = hold_back(points);
  const ScalingPoint& largest = *std::max_element(points.begin(), points.end(), [](const ScalingPoint& a, const ScalingPoint& b) {
    return std::pair(a.ranks, a.points) < std::pair(b.ranks, b.points);
  });
  if (largest.ranks == 1) return;
  const std::int64_t per_rank = largest.points / largest.ranks;
  for (int ranks = 2 * largest.ranks; ranks <= largest_prediction; ranks *= 2) {
    const std::int64_t total = study.options.kind == ScaleKind::weak ? per_rank * ranks : largest.points;
    if (total >= ranks)
      study.predictions.push_back({ranks, total, study.model->step_time(total, ranks), study.model->efficiency(total, ranks), study.model->points_per_rank(wanted_efficiency, ranks)});
  }
}

void warn(Study& study) {
  const auto add = [&](const std::string& text) { study.warnings.push_back(text); };
  if (study.options.oversubscribe) add("ranks were allowed to share cores (--oversubscribe): their times say nothing about scaling");
  for (const MeasuredConfiguration& m : study.measured) {
    const std::string who = fmt::format("{} ranks, {} points", m.configuration.ranks, m.configuration.points);
    if (const RunOutcome* hole = m.failure(); hole && m.measured()) add(who + ": not every repeat was measured (" + describe_hole(*hole) + ")");
    if (m.seconds.noise() > 0.1) add(fmt::format("{}: times differ by {:.0f} % between repeats; was the machine idle?", who, 100 * m.seconds.noise()));
    if (m.efficiency > 1.05) add(fmt::format("{}: an efficiency of {:.0f} % is better than the share of the work explains: caches, or a disturbed one-rank run", who, 100 * m.efficiency));
  }
  if (study.options.repeats == 1) add("one repeat: no spread is known");
  if (study.model && !study.model_is_good())
    add(fmt::format("the model misses {} by {:.0f} %: what it says and predicts is not to be trusted; measure on an idle machine, with more steps and repeats",
                    study.held_back.empty() ? "what it was fitted to" : "a configuration it had not seen", 100 * study.model_error()));
  if (study.model && study.held_back.empty()) add("too few configurations to hold one back: nothing says how well the model predicts");
}

}  // namespace

const RunOutcome* MeasuredConfiguration::failure() const {
  const auto found = std::find_if(runs.begin(), runs.end(), [](const RunOutcome& run) { return run.state != RunOutcome::State::measured; });
  return found == runs.end() ? nullptr : &*found;
}

std::optional<StepParts> MeasuredConfiguration::parts() const {
  std::vector<double> fixed, communication;
  for (const RunOutcome& run : runs) {
    if (run.state != RunOutcome::State::measured) continue;
    if (run.split.empty()) return std::nullopt;
    fixed.push_back(run.split.at("optimizer") + run.split.at("other"));
    communication.push_back(run.split.at("allreduce_wait") + run.split.at("allreduce_move"));
  }
  return StepParts{spread_of(fixed).median, spread_of(communication).median};
}

std::vector<ScalingPoint> Study::points() const {
  std::vector<ScalingPoint> list;
  for (const MeasuredConfiguration& m : measured)
    if (m.measured()) list.push_back({m.configuration.ranks, m.configuration.points, m.seconds.median, m.parts()});
  return list;
}

double Study::model_error() const {
  double worst = 0;
  for (const HeldBack& held : held_back) worst = std::max(worst, std::abs(held.error()));
  return held_back.empty() && model ? model->largest_error : worst;
}

bool Study::model_is_good() const { return model && model_error() <= good_error; }

int Study::status() const {
  for (const MeasuredConfiguration& m : measured) {
    const RunOutcome* hole = m.failure();
    if (!hole) continue;
    return hole->status > 0 ? hole->status : static_cast<int>(hole->state == RunOutcome::State::missing ? Status::communication : Status::numerical);
  }
  return static_cast<int>(Status::done);
}

Study evaluate_study(const ScaleOptions& options, const std::vector<Configuration>& plan, const std::vector<std::vector<RunOutcome>>& runs) {
  Study study;
  study.options = options;
  for (std::size_t i = 0; i < plan.size(); ++i) study.measured.push_back(evaluate(options, plan[i], runs[i]));
  for (const MeasuredConfiguration& m : study.measured)
    for (const RunOutcome& run : m.runs) study.parameters = std::max(study.parameters, run.parameters);
  study.message_bytes = 8 * study.parameters;
  compare_with_one_rank(study.measured);
  if (options.kind != ScaleKind::memory) fit(study);
  warn(study);
  return study;
}

std::vector<std::string> efficiency_sentences(const Study& study) {
  std::vector<std::string> sentences;
  if (!study.model) return sentences;
  std::set<int> counts;
  for (const ScalingPoint& point : study.points())
    if (point.ranks > 1) counts.insert(point.ranks);
  const std::string doubt = study.model_is_good() ? "" : fmt::format(" (by a model that misses by {:.0f} %)", 100 * study.model_error());
  for (const int ranks : counts) {
    const std::int64_t n = study.model->points_per_rank(wanted_efficiency, ranks);
    if (n < 0)
      sentences.push_back(fmt::format("on {} ranks no number of points makes the efficiency >= 90 %{}", ranks, doubt));
    else
      sentences.push_back(fmt::format("from {} points per rank on, efficiency on {} ranks is >= 90 %{}", std::max(n, block_points), ranks, doubt));
  }
  return sentences;
}

std::vector<std::string> model_sentences(const Study& study) {
  std::vector<std::string> lines;
  if (!study.model) return lines;
  const ScalingModel& model = *study.model;
  lines.push_back(fmt::format("step        {:10.2f} us      what every rank does whatever its share", 1e6 * model.step_s));
  lines.push_back(fmt::format("compute     {:10.2f} ns      per point of a rank ({:.3g} points/s)", 1e9 * model.point_s, model.point_s > 0 ? 1 / model.point_s : 0));
  lines.push_back(fmt::format("latency     {:10.2f} us      per level of the tree, times log2 of the ranks", 1e6 * model.level_s));
  std::string bandwidth;
  if (model.message_s > 0) bandwidth = fmt::format(" ({} bytes: {:.3g} MB/s)", study.message_bytes, 1e-6 * static_cast<double>(study.message_bytes) / model.message_s);
  lines.push_back(fmt::format("message     {:10.2f} us      bytes over bandwidth, as soon as there are two ranks{}", 1e6 * model.message_s, bandwidth));
  lines.push_back(fmt::format("imbalance   {:10.2f} ns      per point of a rank, as soon as there are two ranks", 1e9 * model.imbalance_s));
  lines.push_back(fmt::format("largest error over what it was fitted to: {:.1f} %", 100 * model.largest_error));
  if (!study.held_back.empty()) lines.push_back(fmt::format("largest error for a configuration it had not seen ({} held back in turn): {:.1f} %", study.held_back.size(), 100 * study.model_error()));
  return lines;
}

}  // namespace jetpinn
