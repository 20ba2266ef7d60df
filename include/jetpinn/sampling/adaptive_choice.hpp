// Choosing among points by scores that the ranks share. Each rank holds the scores of a run of points, the runs follow one
// another in the order of ranks, and what is chosen does not depend on how many there are. All are collective.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/sampling/point_key.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// Of numbers over all ranks. Largest, mean and root mean square are of those that are finite; 0 where none is.
struct ScoreMoments {
  std::int64_t count = 0, finite = 0;
  double largest = 0, mean = 0, rms = 0;
};
// Numbers are >= 0, or none. Sums are exact (comm/sum_exactly.hpp), of numbers over the largest of them.
ScoreMoments score_moments(Communicator& communicator, const std::vector<double>& scores);

// The mean of (s / largest)^power over those that are finite, in (0, 1]; 1 where all are zero.
double mean_power(Communicator& communicator, const std::vector<double>& scores, const ScoreMoments& moments, double power);

// Positions on this rank, ascending, of the `count` largest of all ranks' numbers; of equal ones the first. None is NaN.
std::vector<std::int64_t> largest_of_ranks(Communicator& communicator, const std::vector<double>& numbers,
                                           std::int64_t count);

// The n-th largest of all ranks' numbers, 1 <= n <= how many there are.
double nth_of_ranks(Communicator& communicator, const std::vector<double>& numbers, std::int64_t n);

// What points are drawn by: q = (s / largest)^power / mean + offset, with mean_power's mean; 0 where s is no number. Not
// collective, nor is what follows.
std::vector<double> densities(const std::vector<double>& scores, const ScoreMoments& moments, double mean, double power,
                              double offset);

// Keys whose `n` largest are a sample of n without replacement by densities: log q and a Gumbel number that is a pure
// function of (key, number of the point) (Yellott 1977; Efraimidis and Spirakis 2006). first: the number of densities[0]
// over all ranks.
std::vector<double> sampling_keys(const std::vector<double>& densities, const PointKey& key, std::int64_t first);

// Keys q / u, of which the n largest are a priority sample (Duffield, Lund, Thorup, J. ACM 54 (2007) 32): with t the
// (n + 1)-th largest key, sum_chosen f max(1, t / q) is an unbiased estimate of the sum of f over all points.
std::vector<double> priority_keys(const std::vector<double>& densities, const PointKey& key, std::int64_t first);

}  // namespace jetpinn
