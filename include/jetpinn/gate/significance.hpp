// How much a sample matters to the training, from scores of it that lie at hand. Of a term (or a data set) with means over
// all its samples,
//
//   S = emphasis (w_residual s / mean s + w_change |s - s'| / mean |s - s'| + w_gradient g / mean g + w_age a target),
//
// s the last residual of the sample (sqrt(sum_k w_k r_k^2), as the loss has it; of a classifier its loss), s' the one
// before, g the bound of its gradient's norm, a the steps since it was trained last, of which a sample that is drawn by
// chance alone has 1 / target in the mean.
#pragma once

#include "jetpinn/gate/gate_options.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// Of this rank's samples of a term. Columns of what does not count are empty.
struct SampleScores {
  std::vector<double> residual, before, gradient;  // [samples] s, s', g
  std::vector<double> trained;                     // [samples] number of the step that trained it last
};

// Means over the samples of all ranks; 0 where a column is zero or does not count.
struct ScoreMeans {
  double residual = 0, change = 0, gradient = 0;
};

// |s - s'| [samples].
std::vector<double> changes_of(const SampleScores& scores);

// S [samples] at step number `step`. Infinite where a score is no number: such a sample is trained, so that its fault shows
// as it would without a gate.
std::vector<double> significances(const SampleScores& scores, const ScoreMeans& means, const SignificanceWeights& weights,
                                  double target, double emphasis, std::int64_t step);

}  // namespace jetpinn
