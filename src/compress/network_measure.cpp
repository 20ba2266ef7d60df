#include "jetpinn/compress/network_measure.hpp"

#include "jetpinn/train/evaluations.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>

namespace jetpinn {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

// What was nothing and is nothing has not grown.
double ratio(double now, double first) {
  if (!std::isfinite(now)) return infinite;
  return first > 0 ? now / first : now > 0 ? infinite : 1;
}

}  // namespace

NetworkMeasure measure_network(Communicator& communicator, const Assembly& assembly, const EngineOptions& engine,
                               const std::vector<double>& parameters) {
  Evaluations evaluations(communicator, assembly);
  evaluations.use(make_engine(engine, assembly.network, assembly.evaluated()));
  const std::unique_ptr<Engine> terms = make_engine(engine, assembly.network, assembly.terms);
  evaluations.measure(communicator, *terms, parameters);
  RunSummary summary;
  evaluations.tell(summary);
  NetworkMeasure measure{summary.loss_independent, {}, summary.errors, summary.validation, summary.held_out};
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    measure.terms.emplace_back(assembly.terms[t].name, summary.weighted_independent[t]);
  return measure;
}

double growth(const NetworkMeasure& first, const NetworkMeasure& now) {
  double most = 0;
  for (std::size_t k = 0; k < first.errors.size(); ++k)
    most = std::max(most, ratio(now.errors[k].rel_l2, first.errors[k].rel_l2));
  if (!first.errors.empty()) return most;
  for (std::size_t k = 0; k < first.validation.size(); ++k)
    most = std::max(most, ratio(now.validation[k].rms, first.validation[k].rms));
  return first.validation.empty() ? std::sqrt(ratio(now.loss_independent, first.loss_independent)) : most;
}

std::string growth_of(const NetworkMeasure& first) {
  return !first.errors.empty() ? "error" : !first.validation.empty() ? "validation" : "root of the loss";
}

}  // namespace jetpinn
