// Trained numbers as a run tells them: values that expressions see, and at the end how well the residuals know them.
#pragma once

#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/optim/standard_deviations.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/observer.hpp"

#include <cstddef>
#include <limits>
#include <vector>

namespace jetpinn {

// parameters: [network.parameters]
std::vector<TrainedValue> trained_values(const Assembly& assembly, const std::vector<double>& parameters);

// The variance of each mean m that a constraint of the list squares, as an estimate of the integral that it stands for: into
// squares [terms], at the constraint's term, summed over its residuals. It is max(m², (m - m')²), m' the mean over points
// that no step trains on: what was trained to is met on its own points however few they are, and how far m' is away says
// what they are a sample of. It says more than that, for m' is of fewer points. means, independent: m and m', [residuals of
// all constraints of the list]; m' that is not known is no number, and makes none of its term's entry.
void take_sampling_errors(const std::vector<SquaredMean>& list, const std::vector<double>& means,
                          const std::vector<double>& independent, std::vector<double>& squares);

// The same values with standard errors, where the engine offers a linearisation. squares: [terms], unweighted, the means of
// the parameters' squared residuals, from which each term's variance follows, and what take_sampling_errors makes of those
// whose mean is squared. Collective.
std::vector<TrainedValue> trained_values_with_errors(Objective& objective, const Assembly& assembly,
                                                     const std::vector<double>& parameters,
                                                     const std::vector<double>& squares,
                                                     const DeviationOptions& options = {});

// One number that several fits told, each with a standard error s_i of its own, taken as independent of the others':
//
//   v = sum(v_i / s_i²) / sum(1 / s_i²),  s = sum(1 / s_i²)^-½ max(1, R),  R² = sum((v_i - v)² / s_i²) / (n - 1)
//
// over the n fits that know their error. Birge's ratio R (Phys. Rev. 40, 1932) is about 1 where the errors say how far the
// fits lie apart, and larger where they say too little: the error is then scaled by it, as the Particle Data Group does
// (Review of Particle Physics, section 5.2.2).
struct CombinedValue {
  TrainedValue mean;                                              // where no fit knows its error, the plain mean of all
  double birge_ratio = std::numeric_limits<double>::quiet_NaN();  // NaN: fewer than two know theirs
  std::size_t fits = 0, known = 0;                                // how many there are, and how many know their error
};
// fits: one at least, of one number.
CombinedValue combine_values(const std::vector<TrainedValue>& fits);

}  // namespace jetpinn
