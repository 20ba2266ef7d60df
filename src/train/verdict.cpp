#include "jetpinn/train/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace jetpinn {
namespace {

constexpr double gap = 10;             // loss on independent points over that on the points trained on
constexpr double reached = 1e-6;       // of the first loss: below, a run has come a long way, whatever else is true of it
constexpr double stalled = 0.5;        // of the first loss
constexpr std::int64_t few_steps = 100;
constexpr double dominant = 0.99;      // share of one weighted term
constexpr double near_noise = 1.5;     // times the weighted loss of measurements met to their noise

bool fell_to(const RunSummary& summary, double share) { return !(summary.loss > share * summary.first_loss); }

std::size_t largest(const std::vector<double>& values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

// The key that was in force at the end: of the last stage, where it has one of its own for the term.
std::string key_at_end(const std::vector<std::set<std::string>>& stages, const std::string& of_stage, const std::string& key,
                       const std::string& term, const RunSummary& summary) {
  const std::int64_t stage = summary.stages.empty() ? 0 : summary.stages.back().stage;
  const auto at = static_cast<std::size_t>(stage);
  return at < stages.size() && stages[at].count(term) > 0 ? fmt::format("training.stages.{}.{}{}", stage, of_stage, term)
                                                          : key;
}

void judge_gap(const RunFacts& facts, const RunSummary& summary, Warnings& found) {
  if (!(summary.loss_independent > gap * summary.loss)) return;
  const std::size_t term = largest(summary.weighted_independent);
  const bool table = term < facts.term_tables.size() && !facts.term_tables[term].empty();
  const std::string mend = table
                               ? "give its table more rows, raise its sigma, or take a smaller network.hidden"
                               : fmt::format("raise {}, set sampling.resample_every, or take a smaller network.hidden",
                                             key_at_end(facts.stage_points, "sampling.points.",
                                                        "sampling.points." + facts.terms[term], facts.terms[term], summary));
  found.push_back(
      {"gap", fmt::format("the loss on independent points, {:.2g}, is {:.2g} times that on the points trained "
                          "on, most of it in term '{}': the network fits its points and nothing else; {}",
                          summary.loss_independent, summary.loss_independent / summary.loss, facts.terms[term], mend)});
}

void judge_line_search(const RunFacts& facts, const RunSummary& summary, Warnings& found) {
  if (summary.stages.empty() || fell_to(summary, reached)) return;
  const StageEnd& last = summary.stages.back();
  if (last.reason != "line search" && last.reason != "gradient is zero") return;
  const std::string begin = fmt::format("stage {} ({}) gave up at step {} of {} at loss {:.2g}: ", last.stage,
                                        last.optimizer, last.steps, last.planned, summary.loss);
  if (last.reason == "gradient is zero")
    found.push_back(
        {"line search", begin + "no parameter changes the loss; look at the weights of the terms and at network.output"});
  else if (facts.stage_precisions[static_cast<std::size_t>(last.stage)] == "fp32")
    found.push_back(
        {"line search",
         begin + fmt::format("in fp32 its line search tells no lower loss; set training.stages.{}.precision = \"fp64\"",
                             last.stage)});
  else
    found.push_back({"line search", begin + "its line search found no lower loss; look at the scales of the terms (weights, "
                                            "units), or let more adam steps come before it"});
}

void judge_stall(const RunSummary& summary, Warnings& found) {
  if (summary.steps < few_steps || fell_to(summary, stalled) || summary.stages.empty()) return;
  found.push_back({"stall", fmt::format("the loss has hardly fallen, from {:.2g} to {:.2g}; change "
                                        "training.stages.{}.learning_rate, or look at the scales of the terms",
                                        summary.first_loss, summary.loss, summary.stages.front().stage)});
}

void judge_shares(const RunFacts& facts, const RunSummary& summary, Warnings& found) {
  if (summary.shares.size() < 2 || summary.steps < few_steps || fell_to(summary, reached)) return;
  const std::size_t term = largest(summary.shares);
  if (summary.shares[term] < dominant) return;
  const double noise = facts.term_noise[term];
  // Measurements met to their noise are what is left of the loss when all else is trained.
  if (summary.shares[term] * summary.loss <= near_noise * noise) return;
  const std::string& key = facts.term_keys[term];
  const std::string unless =
      std::isnan(noise) ? fmt::format(
                              "; if that is the noise of its rows nothing is wrong: {0}.sigma, with a number as {0}.weight, "
                              "tells how large it is",
                              key)
                        : "";
  found.push_back({"share", fmt::format("term '{}' is {:.3g} % of the weighted loss, so that little else is trained; lower "
                                        "{}, or raise those of the others{}",
                                        facts.terms[term], 100 * summary.shares[term],
                                        key_at_end(facts.stage_weights, "weights.", key + ".weight", facts.terms[term],
                                                   summary),
                                        unless)});
}

}  // namespace

Warnings verdicts(const RunFacts& facts, const RunSummary& summary) {
  Warnings found;
  if (summary.status == "failed" || summary.steps == 0) return found;
  judge_gap(facts, summary, found);
  judge_line_search(facts, summary, found);
  judge_stall(summary, found);
  judge_shares(facts, summary, found);
  return found;
}

}  // namespace jetpinn
