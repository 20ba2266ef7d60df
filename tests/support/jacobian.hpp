// Products with the Jacobian of one term over all its points.
#pragma once

#include "jetpinn/engine/engine.hpp"

#include <cmath>
#include <vector>

namespace jetpinn::test {

// Jᵀ w, w[k * local_count + i].
inline std::vector<double> transposed(Engine& engine, const std::vector<double>& parameters, int term,
                                      const TermPoints& points, const std::vector<double>& w) {
  std::vector<double> gradient(parameters.size());
  engine.linearize(Stream{}, parameters.data(), term, points, [&](Linearization& chunk) {
    chunk.transposed(w.data() + chunk.range().first, points.local_count, gradient.data());
  });
  return gradient;
}

// Some direction v in the space of parameters.
inline std::vector<double> direction_of(std::size_t parameters) {
  std::vector<double> direction(parameters);
  for (std::size_t i = 0; i < parameters; ++i) direction[i] = std::sin(1.7 * static_cast<double>(i) + 0.3);
  return direction;
}

// J v, [residuals, local_count].
inline std::vector<double> times(Engine& engine, const std::vector<double>& parameters, int term, const TermPoints& points,
                                 const std::vector<double>& v) {
  std::vector<double> product(static_cast<std::size_t>(engine.residuals_of(term) * points.local_count));
  engine.linearize(Stream{}, parameters.data(), term, points, [&](Linearization& chunk) {
    chunk.times(v.data(), product.data() + chunk.range().first, points.local_count);
  });
  return product;
}

// J, [residuals, local_count, parameters].
inline std::vector<double> dense(Engine& engine, const std::vector<double>& parameters, int term, const TermPoints& points) {
  std::vector<double> rows(static_cast<std::size_t>(engine.residuals_of(term) * points.local_count) * parameters.size());
  engine.linearize(Stream{}, parameters.data(), term, points, [&](Linearization& chunk) {
    const PointRange range = chunk.range();
    chunk.rows(0, range.points, rows.data() + static_cast<std::size_t>(range.first) * parameters.size(), points.local_count);
  });
  return rows;
}

}  // namespace jetpinn::test
