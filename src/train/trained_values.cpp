#include "jetpinn/train/trained_values.hpp"

#include <memory>

namespace jetpinn {

std::vector<TrainedValue> trained_values(const Assembly& assembly, const std::vector<double>& parameters) {
  std::vector<TrainedValue> values;
  const double* theta = parameters.data() + assembly.network.layer_parameters();
  for (const TrainedNumber& number : assembly.problem->trained) values.push_back({number.name, number.value(*theta++)});
  return values;
}

// d value = slope d theta
std::vector<TrainedValue> trained_values_with_errors(Objective& objective, const Assembly& assembly,
                                                     const std::vector<double>& parameters, const std::vector<double>& means,
                                                     const DeviationOptions& options) {
  std::vector<TrainedValue> values = trained_values(assembly, parameters);
  const std::unique_ptr<ObjectiveLinearization> linear = objective.linearize(parameters.data());
  std::vector<double> variances = means;
  for (std::size_t t = 0; t < variances.size(); ++t)
    variances[t] /= static_cast<double>(linear->residuals_of(static_cast<std::int64_t>(t)));
  const std::int64_t first = assembly.network.layer_parameters();
  const Deviations deviations = standard_deviations(*linear, assembly.network.parameters, first, variances, options);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const double theta = parameters[static_cast<std::size_t>(first) + k];
    values[k].standard_error = assembly.problem->trained[k].slope(theta) * deviations.values[k];
  }
  return values;
}

}  // namespace jetpinn
