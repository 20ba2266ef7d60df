#include "jetpinn/train/run_balance.hpp"

#include "jetpinn/train/adaptive_plan.hpp"
#include "jetpinn/train/objective.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

// The square of a mean has no residuals at points, of which methods could ask; it keeps the weight of the config.
bool balances(const BalanceOptions& options, const Term& term) {
  return options.balances(term.name) && term.reduction == Reduction::mean_of_squares;
}

std::vector<BalancedTerm> balanced_terms(const Assembly& assembly, const BalanceOptions& options, int rank) {
  std::vector<BalancedTerm> terms;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    const Term& term = assembly.problem->terms[t];
    terms.push_back({term.name, balances(options, term), term.causal, &assembly.blocks[static_cast<std::size_t>(rank)][t],
                     assembly.counts[t], assembly.terms[t].program.residuals()});
  }
  return terms;
}

std::string refresh_text(std::int64_t every, std::int64_t search_every) {
  return fmt::format("refreshed every {} step{}, in stages of line searches {}", every, every == 1 ? "" : "s",
                     search_every > 0 ? fmt::format("every {}", search_every) : "never");
}

std::string method_text(const Assembly& assembly, const BalanceOptions& options) {
  const BalanceDefaults settings = options.settings();
  std::string text = fmt::format("balance    {}", to_string(options.method));
  const std::pair<const char*, std::optional<double>> numbers[] = {{"momentum", settings.momentum},
                                                                   {"rate", settings.rate},
                                                                   {"temperature", settings.temperature},
                                                                   {"look back", settings.look_back}};
  for (const auto& [name, value] : numbers)
    if (value) text += fmt::format(", {} {:g}", name, *value);
  if (settings.points) text += *settings.points == 0 ? ", all points" : fmt::format(", {} points a term", *settings.points);
  text += ", " + refresh_text(settings.every, options.search_every) + "; terms";
  for (const Term& term : assembly.problem->terms)
    if (balances(options, term)) text += " " + term.name;
  return text + "\n";
}

std::string causal_text(const Assembly& assembly, const Term& term) {
  const CausalOptions& options = term.causal->options;
  return fmt::format("causal     {}: {} chunks of {}, tolerance {}, {}\n", term.name, options.chunks,
                     assembly.problem->symbols.coordinates[static_cast<std::size_t>(term.causal->coordinate)],
                     fmt::join(options.tolerances, ", then "), refresh_text(options.every, options.search_every));
}

}  // namespace

std::unique_ptr<LossBalance> make_balance(const Assembly& assembly, const TrainingOptions& training, int rank,
                                          PointStreams* streams) {
  std::vector<BalancedTerm> terms = balanced_terms(assembly, training.balance, rank);
  for (std::size_t t = 0; t < terms.size() && streams; ++t) terms[t].streamed = streams->weights_of(t);
  auto balance = std::make_unique<LossBalance>(training.balance, terms, training.seed);
  return balance->active() ? std::move(balance) : nullptr;
}

bool weighs_points(const Assembly& assembly, const TrainingOptions& training, std::size_t term) {
  const Term& own = assembly.problem->terms[term];
  return own.causal || remembers_points(assembly, training, term);
}

bool remembers_points(const Assembly& assembly, const TrainingOptions& training, std::size_t term) {
  return training.balance.weighs_points() && balances(training.balance, assembly.problem->terms[term]);
}

bool keeps_best(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output) {
  const std::vector<StageOptions>& stages = training.stages;
  const bool trains = std::any_of(stages.begin(), stages.end(), [](const StageOptions& stage) { return stage.steps > 0; });
  const std::vector<Term>& terms = assembly.problem->terms;
  const bool balanced = training.balance.active() ||
                        std::any_of(terms.begin(), terms.end(), [](const Term& term) { return term.causal.has_value(); });
  return output.keep_best.value_or((trains && balanced) || keeps_best(output, training, assembly.sampling));
}

std::int64_t balance_sums(const Assembly& assembly, const TrainingOptions& training) {
  std::int64_t sums = 0;
  for (const BalancedTerm& term : balanced_terms(assembly, training.balance, 0))
    sums += LossBalance::sums_of(training.balance, term);
  return sums;
}

// Of a point: its weight, of the methods that remember something of it that and its r². Of a refresh by a linearisation: the
// parameters and the weights of residuals; by gradient norms the gradients of all terms and their sum over ranks, by traces
// the rows of a point.
std::int64_t balance_bytes(const Assembly& assembly, const TrainingOptions& training, std::size_t stage, int rank) {
  constexpr std::int64_t real = sizeof(double);
  std::int64_t bytes = 0, most_residuals = 0, numbers = assembly.network.parameters;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    const std::int64_t points = with_room(
        assembly, grown(assembly, t, rows_of(assembly.stage_points(stage).blocks[static_cast<std::size_t>(rank)][t])));
    const std::int64_t columns = remembers_points(assembly, training, t) ? 3 : weighs_points(assembly, training, t) ? 1 : 0;
    bytes += columns * real * points;
    const std::int64_t residuals = assembly.terms[t].program.residuals();
    numbers += residuals * points;
    most_residuals = std::max(most_residuals, residuals);
  }
  if (!training.balance.linearizes()) return bytes;
  bytes += real * numbers;
  if (training.balance.method == BalanceMethod::ntk) return bytes + real * most_residuals * assembly.network.parameters;
  const std::int64_t gradients = static_cast<std::int64_t>(assembly.terms.size()) * assembly.network.parameters;
  const bool exact = training.reproducibility == Reproducibility::ranks;
  return bytes + real * gradients + 2 * DistributedObjective::message_bytes(gradients, 0, exact);
}

std::string balance_text(const Assembly& assembly, const TrainingOptions& training) {
  std::string text = training.balance.active() ? method_text(assembly, training.balance) : "";
  for (const Term& term : assembly.problem->terms)
    if (term.causal) text += causal_text(assembly, term);
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    if (is_streamed(assembly, t) && remembers_points(assembly, training, t))
      text +=
          fmt::format("balance    weights of the rows of {} are streamed from the run folder: a file of {:.3g} MiB\n",
                      assembly.terms[t].name, static_cast<double>(stream_weights_bytes(assembly.tables[t].all)) / 1048576.0);
  return text;
}

}  // namespace jetpinn
