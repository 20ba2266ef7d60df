#include "jetpinn/train/distributed_linearization.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

DistributedLinearization::DistributedLinearization(const RankSumSetting& sums, Engine& engine, const PointSet& points,
                                                   const double* parameters, std::int64_t size)
    : setting_(sums), engine_(engine), points_(points), parameters_(parameters, parameters + size) {
  setting_.communicator.agree("linearisation", [this] { plan(); });
}

void DistributedLinearization::plan() {
  for (std::int64_t t = 0; t < terms(); ++t) {
    const TermPoints& points = of(t);
    residuals_of_.push_back(engine_.residuals_of(static_cast<int>(t)));
    first_.push_back(local_residuals());
    const double share = 1.0 / static_cast<double>(points.global_count);
    for (std::int64_t k = 0; k < residuals_of_.back(); ++k)
      for (std::int64_t i = 0; i < points.local_count; ++i) {
        const std::int64_t column = points.weight_columns == 1 ? 0 : k;
        const double weight =
            points.weight_columns == 0 ? 1 : points.weight[static_cast<std::size_t>(column * points.local_count + i)];
        weights_.push_back(weight * share);
      }
  }
}

std::int64_t DistributedLinearization::residual_count() const {
  std::int64_t count = 0;
  for (std::int64_t t = 0; t < terms(); ++t) count += residuals_of(t) * of(t).global_count;
  return count;
}

void DistributedLinearization::visit(std::int64_t term, const Visit& visit) {
  const TermPoints& points = of(term);
  engine_.linearize(Stream{}, parameters_.data(), static_cast<int>(term), points, [&](Linearization& chunk) {
    const PointRange range = chunk.range();
    visit({term, first_residual(term) + range.first, points.local_count, residuals_of(term), range.points}, chunk);
  });
}

void DistributedLinearization::visit_all(const Visit& each) {
  for (std::int64_t t = 0; t < terms(); ++t) visit(t, each);
}

void DistributedLinearization::weigh(const Chunk& chunk, double factor, double* values) const {
  for (std::int64_t k = 0; k < chunk.residuals; ++k)
    for (std::int64_t i = 0; i < chunk.points; ++i)
      values[k * chunk.points + i] *= factor * weights_[static_cast<std::size_t>(chunk.at(k, i))];
}

void DistributedLinearization::summed(std::int64_t entries, double* result, const std::function<void(RankSum&)>& share) {
  RankSum sum(setting_, entries, entries);
  sum.attempt([&] { share(sum); });
  sum.exchange();
  sum.throw_if_failed();
  std::copy_n(sum.values(), entries, result);
}

// rᵀ W r chunk by chunk: the sum of a chunk does not depend on how many ranks there are.
double DistributedLinearization::residuals(double* r) {
  double loss = 0;
  summed(1, &loss, [&](RankSum& sum) {
    visit_all([&](const Chunk& chunk, Linearization& linear) {
      linear.residuals(r + chunk.begin, chunk.stride);
      double squares = 0;
      for (std::int64_t k = 0; k < chunk.residuals; ++k)
        for (std::int64_t i = 0; i < chunk.points; ++i) {
          const std::int64_t at = chunk.at(k, i);
          squares += weights_[static_cast<std::size_t>(at)] * r[at] * r[at];
        }
      sum.put(0, squares);
    });
  });
  return loss;
}

void DistributedLinearization::times(const double* v, double* product) {
  setting_.communicator.agree("linearisation", [&] {
    visit_all([&](const Chunk& chunk, Linearization& linear) { linear.times(v, product + chunk.begin, chunk.stride); });
  });
}

void DistributedLinearization::transposed(const double* w, double* product) {
  const auto size = static_cast<std::int64_t>(parameters_.size());
  summed(size, product, [&](RankSum& sum) {
    visit_all([&](const Chunk& chunk, Linearization& linear) {
      sum.add(0, size, [&](double* target) { linear.transposed(w + chunk.begin, chunk.stride, target); });
    });
  });
}

// Both products of a chunk follow from one forward pass.
void DistributedLinearization::gauss_newton(const double* v, double* product) {
  const auto size = static_cast<std::int64_t>(parameters_.size());
  std::vector<double> changes;  // [residuals, points] of a chunk
  summed(size, product, [&](RankSum& sum) {
    visit_all([&](const Chunk& chunk, Linearization& linear) {
      changes.resize(static_cast<std::size_t>(chunk.residuals * chunk.points));
      linear.times(v, changes.data(), chunk.points);
      weigh(chunk, 1, changes.data());
      sum.add(0, size, [&](double* target) { linear.transposed(changes.data(), chunk.points, target); });
    });
  });
}

// d(rᵀ W r) of one term: 2 Jᵀ W r.
void DistributedLinearization::term_gradients(double* gradients) {
  const auto size = static_cast<std::int64_t>(parameters_.size());
  std::vector<double> values;  // [residuals, points] of a chunk
  summed(terms() * size, gradients, [&](RankSum& sum) {
    visit_all([&](const Chunk& chunk, Linearization& linear) {
      values.resize(static_cast<std::size_t>(chunk.residuals * chunk.points));
      linear.residuals(values.data(), chunk.points);
      weigh(chunk, 2, values.data());
      sum.add(chunk.term * size, size, [&](double* target) { linear.transposed(values.data(), chunk.points, target); });
    });
  });
}

void DistributedLinearization::rows(std::int64_t term, std::int64_t first, std::int64_t count, double* rows) {
  const auto size = static_cast<std::int64_t>(parameters_.size());
  setting_.communicator.agree("linearisation", [&] {
    if (count == 0) return;
    visit(term, [&](const Chunk&, Linearization& linear) {
      const PointRange range = linear.range();
      const std::int64_t begin = std::max(first, range.first), end = std::min(first + count, range.first + range.points);
      if (begin < end) linear.rows(begin - range.first, end - begin, rows + (begin - first) * size, count);
    });
  });
}

// A row j with its residual r adds w j jᵀ, of which the lower triangle is summed, and w r j: n (n + 3) flop, as many bytes
// times four. Fused by name, so that the bits do not depend on what a compiler fuses.
void DistributedLinearization::normal_equations(const std::vector<std::int64_t>& columns, double* matrix, double* right) {
  const auto n = static_cast<std::int64_t>(columns.size()), triangle = n * (n + 1) / 2;
  std::vector<double> sums(static_cast<std::size_t>(triangle + n)), chosen(static_cast<std::size_t>(n)), rows, values;
  const auto add_row = [&](double weight, double residual, const double* row, double* target) {
    for (std::int64_t a = 0; a < n; ++a) {
      const double factor = weight * (chosen[static_cast<std::size_t>(a)] = row[columns[static_cast<std::size_t>(a)]]);
      for (std::int64_t b = 0; b <= a; ++b, ++target)
        *target = std::fma(factor, chosen[static_cast<std::size_t>(b)], *target);
    }
    const double factor = weight * residual;
    for (std::int64_t a = 0; a < n; ++a) target[a] = std::fma(factor, chosen[static_cast<std::size_t>(a)], target[a]);
  };
  const auto size = static_cast<std::int64_t>(parameters_.size());
  summed(triangle + n, sums.data(), [&](RankSum& sum) {
    visit_all([&](const Chunk& chunk, Linearization& linear) {
      values.resize(static_cast<std::size_t>(chunk.residuals * chunk.points));
      rows.resize(static_cast<std::size_t>(chunk.residuals * size));  // of one point
      linear.residuals(values.data(), chunk.points);
      sum.add(0, triangle + n, [&](double* target) {
        for (std::int64_t i = 0; i < chunk.points; ++i) {
          linear.rows(i, 1, rows.data(), 1);
          for (std::int64_t k = 0; k < chunk.residuals; ++k)
            add_row(weights_[static_cast<std::size_t>(chunk.at(k, i))],
                    values[static_cast<std::size_t>(k * chunk.points + i)], rows.data() + k * size, target);
        }
      });
    });
  });
  const double* entry = sums.data();
  for (std::int64_t a = 0; a < n; ++a)
    for (std::int64_t b = 0; b <= a; ++b) matrix[a * n + b] = matrix[b * n + a] = *entry++;
  std::copy_n(entry, n, right);
}

}  // namespace jetpinn
