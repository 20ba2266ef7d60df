// Weights that follow the training, beside those of the config (docs/balance.md). Between two steps they are refreshed from
// what an evaluation told, or from a linearisation; while a step is taken they stay.
#pragma once

#include "jetpinn/balance/balance_options.hpp"
#include "jetpinn/balance/causal_weights.hpp"
#include "jetpinn/balance/point_weights.hpp"
#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/optim/objective_linearization.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// A term of the problem as balancing sees it.
struct BalancedTerm {
  std::string name;
  bool balanced = false;
  std::optional<CausalTerm> causal;
  const std::vector<Block>* blocks = nullptr;  // that this rank holds; they outlive the balance
  std::int64_t points = 0;                     // over all ranks
  int residuals = 1;                           // at a point
  std::vector<double>* streamed = nullptr;     // λ of the points at hand (PointWeights), where the points are streamed
};

class LossBalance {
 public:
  // [terms of the problem]
  LossBalance(const BalanceOptions& options, const std::vector<BalancedTerm>& terms, std::uint64_t seed);

  bool active() const { return options_.active() || has_causal(); }
  bool has_causal() const;

  // Of one evaluation. sums(): numbers that it adds over ranks. The listener gives this rank's share of them to `put`, entry
  // by entry; it is empty where there are none. `points`: those evaluated, which outlive it.
  std::int64_t sums() const { return sums_; }
  static std::int64_t sums_of(const BalanceOptions& options, const BalancedTerm& term);
  using Put = std::function<void(std::int64_t entry, double value)>;
  ResidualsKnown listener(const PointSet& points, const Put& put);
  // Behind it: the sums over ranks [sums()], and what the terms add to the loss, all weights included [terms].
  void take(const PointSet& points, const double* sums, const double* weighted);

  // What was taken: the loss with all weights, the same with the weights of the config alone, and the mean factor of each
  // term's weights [terms]; empty before the first evaluation.
  double loss() const { return loss_; }
  double config_loss() const { return config_loss_; }
  const std::vector<double>& mean_weights() const { return mean_weights_; }
  std::vector<double> least_causal() const;  // [terms] the smallest causal weight; NaN: the term has none

  // Before the step behind `step` steps done: whether weights of terms are refreshed from a linearisation of the objective,
  // at a sample of the balanced terms' points; none: at all points. `searches`: the stage's steps are searches.
  bool wants_linearization(std::int64_t step, bool searches) const;
  std::optional<PointSet> sample(const PointSet& all) const;
  void refresh_terms(ObjectiveLinearization& linear, std::int64_t parameters);  // collective

  // After the step that was the `step`-th (0: an evaluation before the first one) of the points `evaluated`: refreshes what
  // is due. Collective where points have weights. True: some weights changed.
  bool refresh(std::int64_t step, bool searches, const PointSet& evaluated, Communicator& communicator);
  std::vector<std::string> notes();  // sentences for the log since the last call

  // Collective, before the blocks of the terms become `next` [ranks][terms]: what points have goes with them.
  void exchange_points(Communicator& communicator, const std::vector<std::vector<std::vector<Block>>>& next);
  void objective_changed();            // losses and weights of the config are others from here on
  void weigh(PointSet& all) const;     // writes the weights to this rank's points
  static void unweigh(PointSet& all);  // takes them away again

  State state();

 private:
  struct Part {  // of a term
    std::string name;
    int residuals = 1;
    bool balanced = false;
    std::optional<CausalWeights> causal;
    std::optional<PointWeights> points;
    std::int64_t first = 0;      // of its sums: [own loss, point weights, then squares and counts of the chunks]
    std::vector<double> chunks;  // squares and counts of the last evaluation, over all ranks
    bool weighs_points() const { return causal || points; }
  };

  void hear(const PointSet& points, const Put& put, int term, std::int64_t first, std::int64_t count, const double* values);
  void refresh_relative(std::int64_t step);
  void refresh_points(const PointSet& evaluated, Communicator& communicator);
  bool refresh_causal(std::int64_t step, bool searches);
  std::int64_t interval(bool searches) const { return searches ? options_.search_every : settings_.every; }
  std::vector<double> of_balanced(const std::vector<double>& values) const;  // [balanced terms]
  void move_balanced(const std::vector<double>& target, double momentum);

  const BalanceOptions options_;
  const BalanceDefaults settings_;
  const std::uint64_t seed_;
  std::vector<Part> parts_;  // [terms]
  std::int64_t sums_ = 0;
  std::vector<double> weights_;       // [terms] replicated; 1 where a term is not balanced
  std::vector<double> first_, last_;  // relobralo: [terms] losses of the first refresh and of the last one
  double loss_ = 0, config_loss_ = 0;
  std::vector<double> config_terms_;  // [terms] that config_loss_ is the sum of
  std::vector<double> mean_weights_;
  std::vector<std::string> notes_;
};

}  // namespace jetpinn
