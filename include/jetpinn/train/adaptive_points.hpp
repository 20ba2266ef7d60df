// Points that follow the residual (docs/adaptive.md). Between two steps, when a round is due, the residual is looked at in
// fresh points, drawn as the first ones were, and some of these take the place of points or join them:
//
//   rad    a sample by p ~ s^power / mean(s^power) + offset        Wu, Zhu, Tan, Kartha, Lu, CMAME 403 (2023) 115671
//   rar_d  the same, added                                         the same
//   rar_g  those of the largest residual, added                    Lu, Meng, Mao, Karniadakis, SIAM Rev. 63 (2021) 208
//   importance   as rad, with weights that make the loss an unbiased estimate of that of all fresh points
//          (sampling/adaptive_choice.hpp)
//   r3     points below the mean residual give way to fresh ones   Daw, Bu, Wang, Perdikaris, Karpatne, ICML (2023)
//
// With score = "uncertainty" points are chosen by the standard deviation of the residual over an ensemble of networks whose
// parameters are off by some share, instead of by s; with cells by the mean over cells of a tree (residual_cells.hpp).
//
// The residual of a point is s = sqrt(sum_k w_k r_k^2), as the loss has it. What is chosen is the same on any number of
// ranks where residuals are (level `ranks`), and the points are dealt to the ranks anew.
//
// The mean square of s in the fresh points, which nothing was trained on, says how good the network is everywhere. Where its
// sum over terms grew by the factor `roll_back` since the round before, that round is taken back: points and parameters are
// those before it.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/optim/placed_vector.hpp"
#include "jetpinn/sampling/adaptive_choice.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/point_scores.hpp"
#include "jetpinn/train/training_points.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// What became of a round. Equal on every rank.
struct PointRound {
  bool changed = false;     // points are others
  bool taken_back = false;  // so are the parameters: those before the last round
  std::vector<std::string> notes;
};

class AdaptivePoints {
 public:
  // All outlive it. Rounds change the counts and blocks of the assembly.
  AdaptivePoints(Communicator& communicator, Assembly& assembly, TrainingPoints& points);

  bool active() const { return !terms_.empty(); }
  void begin_anew();       // the points are those that their sources have: of another stage, or of the beginning
  void objective_changed();  // residuals are not compared with those before
  // Before the step behind `step` steps done, whose loss was `loss`. A round waits for a loss that stalls where it is told
  // to.
  bool due(std::int64_t step, bool searches, double loss);
  // Collective. engine: that of the assembly's terms. Throws Error (usage).
  PointRound take_round(Engine& engine, PlacedVector& parameters);
  void deal_anew();  // collective: what could be taken back goes to the ranks as the assembly deals now
  double last_s() const { return last_s_; }  // s that the last round took
  // Losses of a later stage are not compared with those before: some round made other points, and no weights for them.
  bool moved() const { return rounds_ > 0 && !options_.weighs(); }

  // Before the state is restored: the assembly has as many points as the checkpoint, and they have room.
  void make_room(const StateValues& values);
  State state();

 private:
  // A term in a round.
  struct Look {
    std::size_t term = 0;
    std::vector<std::int64_t> kept;                 // this rank's points that stay, ascending
    std::int64_t fresh = 0, changes = 0;            // fresh points over all ranks, and how many of them are to be chosen
    std::shared_ptr<const PointSource> source;      // of the fresh points
    std::vector<double> scores;                     // of this rank's fresh points
    std::vector<double> uncertainties;              // the same, where points are chosen by these
    std::vector<std::uint64_t> paths;               // the same, where cells have scores in common
    ScoreMoments moments;                           // of all ranks' scores
    ScoreMoments by;                                // of all ranks' uncertainties, or scores where there are none
    bool known() const { return 2 * moments.finite >= moments.count; }  // most of them are numbers
  };

  PointRound look_and_exchange(Engine& engine, PlacedVector& parameters);
  Look look_at(Engine& engine, const std::vector<double>& parameters, std::size_t which);
  void plan_redistribution(Look& look) const;
  void plan_growth(Look& look, std::size_t which) const;
  std::int64_t room_for(std::size_t which) const;  // points that may join
  void plan_release(Engine& engine, const std::vector<double>& parameters, Look& look) const;
  void score_fresh(Engine& engine, const std::vector<double>& parameters, Look& look) const;
  RowRange share(std::int64_t fresh) const;  // of this rank, in whole blocks
  std::vector<std::vector<std::vector<Block>>> deal(const std::vector<double>& counts) const;  // as deal_points
  TermPoints chosen_of(const Look& look) const;
  void exchange(const std::vector<Look>& looks);
  void remember(const PlacedVector& parameters, double residual);
  void take_back(PlacedVector& parameters);
  void use(const std::vector<double>& counts, const std::vector<std::vector<std::vector<Block>>>& blocks,
           std::vector<TermPoints> points);
  std::vector<std::int64_t> counts_with(const std::vector<double>& counts) const;  // [terms of the problem]
  std::string text(const Look& look) const;
  PointKey key(std::size_t term, std::uint32_t stream) const;

  Communicator& communicator_;
  Assembly& assembly_;
  TrainingPoints& points_;
  const AdaptiveOptions options_;
  const AdaptiveDefaults settings_;
  const PointScores scores_;
  std::vector<std::size_t> terms_;   // of the problem, whose points follow
  std::vector<std::int64_t> first_;  // [terms_] points when they were drawn
  std::int64_t rounds_ = 0;          // begun, those that were taken back included
  double looked_loss_ = 0;           // at the last look; infinite: there is none since the last round
  double last_s_ = 0;                // rank-local
  std::vector<double> counts_;       // [terms_] points now

  // Before the last round; empty: there was none, or it is not to be taken back any more.
  std::vector<double> before_counts_;      // [terms_]
  std::vector<TermPoints> before_points_;  // [terms_] rank-local
  std::vector<double> before_parameters_;
  double before_residual_ = 0;
};

}  // namespace jetpinn
