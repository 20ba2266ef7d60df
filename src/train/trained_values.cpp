#include "jetpinn/train/trained_values.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

namespace jetpinn {

std::vector<TrainedValue> trained_values(const Assembly& assembly, const std::vector<double>& parameters) {
  std::vector<TrainedValue> values;
  const double* theta = parameters.data() + assembly.network.layer_parameters();
  for (const TrainedNumber& number : assembly.problem->trained) values.push_back({number.name, number.value(*theta++)});
  return values;
}

void take_sampling_errors(const std::vector<SquaredMean>& list, const std::vector<double>& means,
                          const std::vector<double>& independent, std::vector<double>& squares) {
  std::size_t at = 0;
  for (const SquaredMean& mean : list) {
    double& square = squares[mean.term] = 0;
    for (std::size_t k = 0; k < mean.weights.size(); ++k, ++at) {
      const double apart = means[at] - independent[at];
      square += std::isnan(apart) ? apart : std::max(means[at] * means[at], apart * apart);
    }
  }
}

// d value = slope d theta
std::vector<TrainedValue> trained_values_with_errors(Objective& objective, const Assembly& assembly,
                                                     const std::vector<double>& parameters,
                                                     const std::vector<double>& squares, const DeviationOptions& options) {
  std::vector<TrainedValue> values = trained_values(assembly, parameters);
  const std::unique_ptr<ObjectiveLinearization> linear = objective.linearize(parameters.data());
  std::vector<double> variances = squares;
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

CombinedValue combine_values(const std::vector<TrainedValue>& fits) {
  const auto precision = [](const TrainedValue& fit) {  // 0: not known
    return fit.standard_error > 0 && std::isfinite(fit.standard_error) ? 1 / (fit.standard_error * fit.standard_error) : 0;
  };
  const auto knows = std::count_if(fits.begin(), fits.end(), [&](const TrainedValue& fit) { return precision(fit) > 0; });
  double weights = 0, sum = 0, squares = 0;
  for (const TrainedValue& fit : fits) {
    const double weight = knows > 0 ? precision(fit) : 1;
    weights += weight;
    sum += weight * fit.value;
  }
  CombinedValue combined;
  combined.fits = fits.size();
  combined.known = static_cast<std::size_t>(knows);
  combined.mean.name = fits[0].name;
  combined.mean.value = sum / weights;
  if (knows > 0) combined.mean.standard_error = 1 / std::sqrt(weights);
  for (const TrainedValue& fit : fits)
    squares += precision(fit) * (fit.value - combined.mean.value) * (fit.value - combined.mean.value);
  if (knows > 1) combined.birge_ratio = std::sqrt(squares / static_cast<double>(knows - 1));
  if (combined.birge_ratio > 1) combined.mean.standard_error *= combined.birge_ratio;
  return combined;
}

}  // namespace jetpinn
