// Which samples a step trains. Sample i has the probability
//
//   p_i = min(1, uniform target + (1 - uniform) S_i / threshold)
//
// with its significance S_i; the threshold makes the mean of p the target (gate/rate_controller.hpp). A systematic sample
// (Madow, Annals of Mathematical Statistics 20 (1949) 333) takes i where a multiple of 1 lies in (start + P_{i-1}, start +
// P_i], P the running sums of p in the order of the samples and start one number for all, drawn evenly from [0, 1). Then
//
//   * i is taken with probability p_i, so that sum_chosen f_i / p_i is an unbiased estimate of sum f (Horvitz and Thompson,
//     Journal of the American Statistical Association 47 (1952) 663), and a sample with p_i = 1 is always taken;
//   * the number taken is the sum of p, rounded up or down: the rate has no noise that a controller would follow.
//
// Probabilities are whole multiples of 2^-32. Their sums are exact, so that the choice does not depend on how the samples
// are shared by ranks: each needs to know the sum of those before its own.
#pragma once

#include <cstdint>
#include <vector>

namespace jetpinn {

constexpr int probability_bits = 32;
constexpr std::int64_t certain = std::int64_t{1} << probability_bits;  // probability 1
constexpr std::int64_t most_gated_samples = std::int64_t{1} << 30;     // of a term, so that sums stay in 64 bits

// p [samples] in multiples of 2^-32, each in [1, certain]. floor: uniform times target. S may be infinite.
std::vector<std::int64_t> inclusion_probabilities(const std::vector<double>& significances, double threshold, double floor,
                                                  double uniform);

std::int64_t sum_of(const std::vector<std::int64_t>& probabilities);

// How many samples of a run are taken whose probabilities have this sum, behind others whose probabilities have the sum
// `before`. start: in [0, certain).
std::int64_t taken_of(std::int64_t before, std::int64_t sum, std::int64_t start);

// Positions of those, ascending.
std::vector<std::int64_t> take_samples(const std::vector<std::int64_t>& probabilities, std::int64_t before,
                                       std::int64_t start);

// 1 / p.
double importance_weight(std::int64_t probability);

}  // namespace jetpinn
