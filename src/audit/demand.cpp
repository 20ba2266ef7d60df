#include "jetpinn/audit/demand.hpp"

#include <cmath>

namespace jetpinn {

Demand::Demand(const Problem& problem, std::size_t term, std::size_t residual)
    : values_(problem.graph, problem.terms[term].stated[residual]), term_(term) {}

std::optional<double> Demand::at(const std::vector<double>& place) {
  const auto residual = [&](double field) { return values_(place.data(), &field); };
  const double at_zero = residual(0), at_one = residual(1), at_two = residual(2);
  const double slope = at_one - at_zero, size = std::abs(at_zero) + std::abs(at_one) + std::abs(at_two);
  if (!std::isfinite(size) || std::abs(at_two - 2 * at_one + at_zero) > 1e-9 * size) return std::nullopt;   // not linear
  if (std::abs(slope) <= 1e-9 * size) return std::nullopt;   // it is not asked for here
  return 0 - at_zero / slope;   // not -0
}

std::vector<Demand> demands_of_conditions(const Problem& problem) {
  std::vector<Demand> demands;
  for (std::size_t t = 0; t < problem.terms.size(); ++t) {
    if (problem.terms[t].table) continue;          // it asks at its rows alone, and of their columns
    if (!problem.terms[t].pair.empty()) continue;  // it asks of two places
    if (has_border(problem.terms[t].region)) continue;  // where borders of shapes meet others is not worked out
    for (std::size_t k = 0; !problem.terms[t].equation && k < problem.terms[t].stated.size(); ++k) {
      if (problem.graph.depends_on_attributes(problem.terms[t].stated[k])) continue;  // known at its points alone
      Demand demand(problem, t, k);
      if (demand.single()) demands.push_back(std::move(demand));
    }
  }
  return demands;
}

}  // namespace jetpinn
