#include "jetpinn/scale/scale_plan.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/study/launch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

// Searches take several evaluations a step, each time another number: no measure of a step.
std::size_t measured_stage(const Config& config) {
  const std::vector<StageOptions>& stages = config.training.stages;
  for (std::size_t i = 0; i < stages.size(); ++i)
    if (!stages[i].optimizer.searches()) return i;
  throw Error(Status::usage, "the config " + config.path +
                                 " has no stage with optimizer = \"adam\", whose steps a scaling study measures; add one");
}

std::string key_of(const std::string& term) {
  const bool bare =
      term.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == std::string::npos;
  return bare ? term : "\"" + term + "\"";
}

}  // namespace

std::map<std::string, std::int64_t> points_in_proportion(const std::map<std::string, std::int64_t>& points,
                                                         std::int64_t total) {
  const std::int64_t terms = static_cast<std::int64_t>(points.size());
  if (total < terms)
    throw Error(Status::usage,
                fmt::format("{} points are fewer than the {} terms of the problem; every term needs a point", total, terms));
  const double sum = std::accumulate(points.begin(), points.end(), 0.0,
                                     [](double s, const auto& term) { return s + static_cast<double>(term.second); });
  std::map<std::string, std::int64_t> scaled;
  std::vector<std::pair<double, std::string>> remainders;   // negative, so that sorting puts the largest first
  std::int64_t dealt = 0;
  for (const auto& [term, count] : points) {
    const double share = static_cast<double>(count) / sum * static_cast<double>(total);
    const std::int64_t whole = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(share)));
    scaled[term] = whole;
    dealt += whole;
    remainders.emplace_back(static_cast<double>(whole) - share, term);
  }
  std::sort(remainders.begin(), remainders.end());
  for (std::size_t i = 0; dealt < total; i = (i + 1) % remainders.size(), ++dealt) ++scaled[remainders[i].second];
  // Terms that were given a point they have no share for: the largest ones pay.
  for (; dealt > total; --dealt)
    --std::max_element(scaled.begin(), scaled.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
      })->second;
  return scaled;
}

std::map<std::string, std::int64_t> points_of_terms(const Config& config) {
  std::map<std::string, std::int64_t> points;
  for (const TermText& term : config.problem.terms) {
    if (term.points) continue;
    const auto found = config.sampling.points.find(term.name);
    points[term.name] = found != config.sampling.points.end() ? found->second
                        : term.equation                       ? default_equation_points
                                                              : default_condition_points;
  }
  if (points.empty())
    throw Error(Status::usage,
                "every term of this config has its points from a table, whose rows do not scale; give an "
                "equation or a condition points that are drawn");
  return points;
}

std::string Configuration::name(int repeat) const { return fmt::format("p{:04d}-n{:08d}-r{}", ranks, points, repeat); }

std::vector<Configuration> plan_configurations(const ScaleOptions& options, std::int64_t points_in_config) {
  const std::vector<std::int64_t> asked =
      options.points.empty() ? std::vector<std::int64_t>{points_in_config} : options.points;
  std::vector<Configuration> plan;
  const auto add = [&](int ranks, std::int64_t points, bool reference) {
    const auto found = std::find_if(plan.begin(), plan.end(),
                                    [&](const Configuration& c) { return c.ranks == ranks && c.points == points; });
    if (found == plan.end()) plan.push_back({ranks, points, reference});
    else found->reference = found->reference && reference;
  };
  for (const std::int64_t points : asked)
    for (const int ranks : options.ranks) {
      const std::int64_t total = options.kind == ScaleKind::weak ? points * ranks : points;
      add(ranks, total, false);
      if (options.kind != ScaleKind::memory) add(1, total, true);
    }
  std::sort(plan.begin(), plan.end(), [](const Configuration& a, const Configuration& b) {
    return std::pair(a.points, a.ranks) < std::pair(b.points, b.ranks);
  });
  return plan;
}

std::vector<std::string> run_arguments(const ScaleOptions& options, const Config& config, const std::string& config_path,
                                       const Configuration& configuration, const std::string& folder) {
  std::vector<std::string> arguments{"train", config_path, "--output", folder, "--quiet", "--force"};
  for (const std::string& word : device_words(options.device)) arguments.push_back(word);
  const auto set = [&](const std::string& assignment) { arguments.insert(arguments.end(), {"--set", assignment}); };
  for (const auto& [term, count] : points_in_proportion(points_of_terms(config), configuration.points)) {
    set(fmt::format("sampling.points.{}={}", key_of(term), count));
    for (std::size_t i = 0; i < config.sampling.stages.size(); ++i)  // or a stage would have points of its own
      if (config.sampling.stages[i].points.count(term) > 0)
        set(fmt::format("training.stages.{}.sampling.points.{}={}", i, key_of(term), count));
  }
  if (options.until_error > 0) {
    set(fmt::format("training.stop.error={}", options.until_error));
    if (config.output.evaluate_every == 0) set("output.evaluate_every=50");
    return arguments;
  }
  const std::size_t measured = measured_stage(config);
  for (std::size_t i = 0; i < config.training.stages.size(); ++i)
    set(fmt::format("training.stages.{}.steps={}", i, i == measured ? options.steps : 0));
  for (const char* none : {"training.stop.time=0", "training.stop.loss=0", "training.stop.error=0",
                           "training.stop.stall.steps=0", "output.evaluate_every=0", "output.checkpoint.every=\"30 d\""})
    set(none);
  return arguments;
}

}  // namespace jetpinn
