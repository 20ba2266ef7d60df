// The loss over all ranks as an optimiser sees it: one fused all-reduce per evaluation carries
// gradient, term sums and decisions.
#pragma once

#include "jetpinn/balance/loss_balance.hpp"
#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/comm/gradient_sync.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/train/rank_sum.hpp"
#include "jetpinn/train/squared_means.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace jetpinn {

// What the last evaluation agreed on; equal bits on every rank.
struct Agreed {
  double loss = 0;
  double config_loss = 0;         // the same with the weights of the config alone, which nothing balances
  std::vector<double> terms;      // [terms] unweighted means
  std::vector<double> weighted;   // [terms] the loss is their sum
  std::vector<double> means;      // of the residuals whose mean is squared, as SquaredMeans lists them
  bool stop_requested = false;    // some rank was asked to stop
  bool time_is_up = false;        // some rank's time limit comes near
  double time_s = 0;              // rank 0's clock
};

// What a rank contributes to the decisions of all, asked once per evaluation.
struct RankSignals {
  std::function<double()> clock = [] { return 0.0; };   // rank 0's: seconds of training, over all continuations
  std::function<bool()> stop_requested = [] { return false; };
  std::function<bool()> time_is_up = [] { return false; };
};

class DistributedObjective : public Objective {
 public:
  // `points` may be exchanged between steps. Collective where the sync is hierarchical. balance: told of every evaluation,
  // and outlives it; null: nothing is balanced.
  DistributedObjective(Communicator& communicator, Engine& engine, const PointSet& points, std::int64_t parameters,
                       std::int64_t terms, bool exact, double deadline_s, RankSignals signals,
                       const GradientSyncOptions& sync = {}, std::vector<SquaredMean> squared_means = {},
                       LossBalance* balance = nullptr);

  std::int64_t size() const override { return parameters_; }
  // Throws Error (communication) naming the ranks whose parameters differ from the others': compared
  // every `hash_every` evaluations.
  Value evaluate(const double* parameters, double* gradient) override { return evaluate_at(parameters, gradient); }
  using Objective::evaluate;

  // Of the points and the engine that it has now; valid until either is exchanged.
  std::unique_ptr<ObjectiveLinearization> linearize(const double* parameters) override;
  // The same without the terms that square a mean, which have no residuals in it and cost nothing.
  std::unique_ptr<ObjectiveLinearization> linearize_points(const double* parameters);

  // How it sums over ranks; for sums between two evaluations.
  RankSumSetting sums() const { return {communicator_, *sync_, exact_, deadline_s_}; }

  void use(Engine& engine) { engine_ = &engine; }   // from the next evaluation on
  void use(const PointSet& points) { points_ = &points; }
  void use(std::vector<SquaredMean> squared_means);  // the same with other weights
  const PointSet& points() const { return *points_; }

  const Agreed& agreed() const { return agreed_; }
  std::int64_t evaluations() const { return evaluations_; }
  State state() { return {{"evaluations", &evaluations_}}; }

  // s, one entry per evaluation since the last clear, of this rank: how long the all-reduce held it up. The least over
  // ranks is what moving the bytes took, the rest is waiting for others. Whoever reads it clears it; beyond
  // `most_seconds` entries none is added.
  const std::vector<double>& allreduce_seconds() const { return allreduce_seconds_; }
  void clear_allreduce_seconds() { allreduce_seconds_.clear(); }

  double computed_s() const { return computed_s_; }  // of this rank, in evaluations until the all-reduce

  std::int64_t message_bytes() const;   // that an evaluation sums over ranks

  // Of what a rank gives into the sum of one evaluation, `balanced` numbers for balancing among it.
  static std::int64_t message_bytes(std::int64_t parameters, std::int64_t terms, bool exact,
                                    const std::vector<SquaredMean>& squared_means = {}, std::int64_t balanced = 0);

  static constexpr std::int64_t hash_every = 8;
  static constexpr std::size_t most_seconds = 65536;

 private:
  // On the engine's own device vectors stay there where they can: docs/engine.md says what comes to the host.
  Value evaluate_on_device(ConstRealPlace parameters, RealPlace gradient) override;

  // How the ranks' shares of a gradient become one.
  enum class Gradient {
    here,            // it lies on the host
    alone_there,     // on a device, and there is one rank
    on_card,         // on a card, where the ranks sum it
    by_way_of_here,  // on a device, but it is summed on the host
  };
  Gradient place_of(RealPlace gradient) const;
  Value evaluate_at(ConstRealPlace parameters, RealPlace gradient);
  void add_share(ConstRealPlace parameters, RealPlace gradient);
  void add_mean_squares(ConstRealPlace parameters, RealPlace gradient);
  void bring_gradient(RealPlace gradient, std::int64_t first);
  const double* here(ConstRealPlace parameters);
  bool finish_gradient(const double* means, RealPlace gradient);
  double contribution(std::int64_t flag) const;
  [[noreturn]] void fail_parameters_differ();

  Communicator& communicator_;
  Engine* engine_;
  const PointSet* points_;
  std::int64_t parameters_, terms_;
  bool exact_;
  double deadline_s_;
  RankSignals signals_;
  const bool early_;
  const std::int64_t early_piece_;
  std::unique_ptr<GradientSync> sync_;
  SquaredMeans squared_means_;
  LossBalance* balance_;
  RankSum sum_;  // [parameters | weighted [terms] | unweighted [terms] | flags | squared means | sums of the balance]
  TermSums sums_;
  Agreed agreed_;
  std::int64_t evaluations_ = 0;
  std::vector<double> allreduce_seconds_;
  double computed_s_ = 0;
  Gradient place_ = Gradient::here;
  std::int64_t brought_from_ = 0;        // by way of here: entries from here on have come from the device
  std::vector<double> parameters_here_;  // of a device, where something reads them on the host
  std::uint64_t hash_ = 0;   // of this rank's parameters; 0: not compared at this evaluation
};

}  // namespace jetpinn
