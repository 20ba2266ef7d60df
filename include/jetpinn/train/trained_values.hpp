// Trained numbers as a run tells them: values that expressions see, and at the end how well the residuals know them.
#pragma once

#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/optim/standard_deviations.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/observer.hpp"

#include <vector>

namespace jetpinn {

// parameters: [network.parameters]
std::vector<TrainedValue> trained_values(const Assembly& assembly, const std::vector<double>& parameters);

// The same with standard errors, where the engine offers a linearisation. means: [terms], unweighted, of the parameters'
// squared residuals, from which each term's variance follows. Collective.
std::vector<TrainedValue> trained_values_with_errors(Objective& objective, const Assembly& assembly,
                                                     const std::vector<double>& parameters, const std::vector<double>& means,
                                                     const DeviationOptions& options = {});

}  // namespace jetpinn
