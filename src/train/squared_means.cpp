#include "jetpinn/train/squared_means.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {

SquaredMeans::SquaredMeans(std::vector<SquaredMean> list, std::int64_t parameters)
    : list_(std::move(list)), parameters_(parameters) {}

std::int64_t SquaredMeans::entries(const std::vector<SquaredMean>& list, std::int64_t parameters) {
  std::int64_t residuals = 0;
  for (const SquaredMean& mean : list) residuals += static_cast<std::int64_t>(mean.weights.size());
  return residuals * (parameters + 1);
}

std::vector<std::size_t> SquaredMeans::terms() const {
  std::vector<std::size_t> terms;
  for (const SquaredMean& mean : list_) terms.push_back(mean.term);
  return terms;
}

// m = sum_i q_i r_i / N, dm = J^T (q / N), q_i the weights of a quadrature or 1: a chunk forward once, and in reverse once
// for each of its residuals.
void SquaredMeans::add_shares(Engine& engine, const double* parameters, const PointSet& points, RankSum& sum,
                              std::int64_t first) {
  for (const SquaredMean& mean : list_) {
    const TermPoints& of = points.terms[mean.term];
    const auto residuals = static_cast<std::int64_t>(mean.weights.size());
    const double share = 1 / static_cast<double>(of.global_count);
    engine.linearize(Stream{}, parameters, static_cast<int>(mean.term), of, [&](Linearization& chunk) {
      const std::int64_t count = chunk.range().points, at = chunk.range().first;
      values_.resize(static_cast<std::size_t>(residuals * count));
      chunk.residuals(values_.data(), count);
      for (std::int64_t k = 0; k < residuals; ++k) {
        double total = 0;
        for (std::int64_t i = 0; i < count; ++i)
          total += values_[static_cast<std::size_t>(k * count + i)] * of.quadrature_at(at + i);
        sum.put(first + k * (parameters_ + 1) + parameters_, total * share);
      }
      for (std::int64_t k = 0; k < residuals; ++k) {
        std::fill(values_.begin(), values_.end(), 0.0);
        for (std::int64_t i = 0; i < count; ++i)
          values_[static_cast<std::size_t>(k * count + i)] = share * of.quadrature_at(at + i);
        sum.add(first + k * (parameters_ + 1), parameters_,
                [&](double* target) { chunk.transposed(values_.data(), count, target); });
      }
    });
    first += residuals * (parameters_ + 1);
  }
}

void SquaredMeans::finish(const double* sums, double* gradient, std::vector<double>& weighted,
                          std::vector<double>& unweighted) const {
  for (const SquaredMean& mean : list_)
    for (const double weight : mean.weights) {
      const double m = sums[parameters_];
      weighted[mean.term] += weight * m * m;
      unweighted[mean.term] += m * m;
      for (std::int64_t i = 0; i < parameters_; ++i) gradient[i] += 2 * weight * m * sums[i];
      sums += parameters_ + 1;
    }
}

}  // namespace jetpinn
