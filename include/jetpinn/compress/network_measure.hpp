// How good a network is, measured as a run measures itself: on points that no step trains on, against the reference, and at
// rows that are held out.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/infer/evaluate.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/observer.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

struct NetworkMeasure {
  double loss_independent = 0;
  std::vector<std::pair<std::string, double>> terms;  // that it is the sum of
  std::vector<FieldError> errors;                     // empty: there is no reference
  std::vector<ValidationError> validation;            // empty: no rows are held out
  std::vector<FieldFit> fits = {};                    // R2 of fields at these rows
};

// In fp64, with the weights of the stage that the assembly is of. Collective; equal on every rank.
NetworkMeasure measure_network(Communicator& communicator, const Assembly& assembly, const EngineOptions& engine,
                               const std::vector<double>& parameters);

// How many times worse `now` is than `first`: the largest ratio of relative errors where there is a reference, else of root
// mean squares at held out rows where there are some, else the root of the ratio of the losses. Not a number: infinite.
double growth(const NetworkMeasure& first, const NetworkMeasure& now);
// "error", "validation" or "root of the loss": what growth() compares.
std::string growth_of(const NetworkMeasure& first);

}  // namespace jetpinn
