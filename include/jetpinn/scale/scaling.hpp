// What a scaling study says: speed-up and efficiency against one rank with the same points, and a model of the time of a
// step that is fitted to measurements and asked about larger machines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// Parts of a step that have their time whatever the points of a rank, s; what is left evaluates points.
struct StepParts {
  double fixed_s = 0;            // optimiser and what surrounds the kernels
  double communication_s = 0;    // the all-reduce: moving, and waiting for other ranks
};

struct ScalingPoint {
  int ranks = 1;
  std::int64_t points = 0;   // of all terms, over all ranks
  double step_s = 0;         // median time of a step
  std::optional<StepParts> parts = {};   // of it; none: not profiled
};

// Points of the rank that has most: ranks are dealt whole blocks of block_points.
double busiest_share(std::int64_t points, int ranks);

// T_1(N) / T_p(N) and T_1(N) / (p T_p(N)), both times with the same N points. Rates of the same N
// give the same: r_p / (p r_1).
double speed_up(double one_rank_s, double many_ranks_s);
double efficiency(double one_rank_s, double many_ranks_s, int ranks);

// Efficiency of each point against the point of one rank with as many points; < 0 where there is
// none, for no other can stand in.
std::vector<double> efficiencies(const std::vector<ScalingPoint>& points);

// T_p(N) = step + point n + level log2 p + [p > 1] (message + imbalance n), n = busiest_share(N, p), no part below 0:
//   step       what every rank does whatever its share (optimiser, launch)                     s
//   point      evaluation of a collocation point                                               s
//   level      latency of one level of the all-reduce's tree                                   s
//   message    bytes of gradient and sums through the slowest link, both ways                  s
//   imbalance  waiting for the slowest rank, per point of a rank; shared memory and caches too s
struct ScalingModel {
  double step_s = 0, point_s = 0, level_s = 0, message_s = 0, imbalance_s = 0;
  double largest_error = 0;   // relative, over what it was fitted to

  double step_time(std::int64_t points, int ranks) const;
  double efficiency(std::int64_t points, int ranks) const;
  // Points per rank, in whole blocks, from which on `ranks` ranks are at least so efficient; < 0: with none.
  std::int64_t points_per_rank(double wanted_efficiency, int ranks) const;
};

// Least squares of relative errors over parts that are not negative, one fewer than there are measurements at the most.
// Where all measurements are profiled, what evaluates points, what is fixed and the communication are fitted each to its own
// time, so that a small latency is not lost in the scatter of a large computation. What the measurements cannot tell apart
// (two rank counts tell latency and message together) goes to the part that explains it and comes first in the order point,
// step, level, message, imbalance. Throws Error (usage) where there is nothing to fit.
ScalingModel fit_scaling(const std::vector<ScalingPoint>& points);

// A measurement that the model had not seen.
struct HeldBack {
  ScalingPoint point;
  double predicted_s = 0;
  double error() const { return predicted_s / point.step_s - 1; }
};
// Leaves out one measurement at a time, as long as three others stay, and with one rank and with
// several ranks each at least one.
std::vector<HeldBack> hold_back(const std::vector<ScalingPoint>& points);

}  // namespace jetpinn
