// Scales of a problem that are not given, by balancing its terms, and the problem in scaled variables.
//
// A coordinate's scale X is half its domain, the length that a network sees as 1. Sizes of fields follow from what the
// problem says of them, in rounds (Segel's dominant balance; L. A. Segel, "Simplification and scaling", SIAM Review 14,
// 1972). With the sizes of summands as monomials in the unknown scales (train/monomials.hpp):
//
//   1. conditions and measurements that ask for a value g = c u of a field: U = |g/c|, the largest of them;
//   2. a residual with one unknown field and something else that is known, of size s: U is the smallest for which a summand
//      with the field balances it, the least of (s/c)^(1/n) over its summands c U^n; over residuals the largest;
//   3. where no residual is of that kind, those with several unknown fields do the same for the fields whose
//      derivatives are highest in them; then again from 2.
//
// A field of which nothing tells the size has the scale 1. Each residual is divided by its largest summand.
#pragma once

#include "jetpinn/problem/problem.hpp"
#include "jetpinn/sampling/sampling_options.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

// Chooses the open scales, and puts scaled variables into outputs, residuals and monitors, of every variant. A residual that
// has a sigma stays as it is: that is its scale. The same numbers on every rank, and of the seed only what it holds out of a
// table counts. sampling: with the tables of terms as stored points.
void scale_problem(Problem& problem, const SamplingOptions& sampling);

// "u = 0.29 (balances 'beam')", in the order of coordinates, fields and trained numbers; empty: there are no scales.
std::vector<std::string> scale_sentences(const Problem& problem);

// Every scale by its name, in that order: what a run folder keeps in place of "auto". Empty: there are none.
std::vector<std::pair<std::string, double>> recorded_scales(const Problem& problem);

}  // namespace jetpinn
