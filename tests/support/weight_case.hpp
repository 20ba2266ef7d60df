// A few networks' weights for tests, as factors and as whole matrices, with plain loops over them.
#pragma once

#include "jetpinn/ablate/layer_spectra.hpp"
#include "jetpinn/ablate/weight_generator.hpp"
#include "jetpinn/ablate/weight_shape.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn::testing {

// One sample of the generator in the type T, as factors; and the same with W formed.
template <class T>
struct WeightCase {
  WeightShape shape, whole_shape;
  std::vector<std::int64_t> chosen;
  std::vector<T> a, b, weight;

  explicit WeightCase(const WeightShape& of = {1, 3, 9, 12, 5}, std::int64_t sample = 0) : shape(of), whole_shape(of) {
    whole_shape.rank = 0;
    const auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
    std::vector<float> narrow_a(size(of.layers * of.rank * of.columns)), narrow_b(size(of.layers * of.rows * of.rank));
    WeightGenerator(of, 7).make(sample, narrow_a.data(), narrow_b.data(), nullptr);
    a.assign(narrow_a.begin(), narrow_a.end());
    b.assign(narrow_b.begin(), narrow_b.end());
    weight.resize(size(of.layers * of.rows * of.columns));
    for (std::int64_t l = 0; l < of.layers; ++l) {
      chosen.push_back(l);
      for (std::int64_t i = 0; i < of.rows; ++i)
        for (std::int64_t j = 0; j < of.columns; ++j)
          for (std::int64_t r = 0; r < of.rank; ++r)
            at(l, i, j) += b[size((l * of.rows + i) * of.rank + r)] * a[size((l * of.rank + r) * of.columns + j)];
    }
  }
  T& at(std::int64_t l, std::int64_t i, std::int64_t j) {
    return weight[static_cast<std::size_t>((l * shape.rows + i) * shape.columns + j)];
  }
  SampleLayers<T> factors() const { return {shape, chosen, a.data(), b.data(), nullptr}; }
  SampleLayers<T> whole() const { return {whole_shape, chosen, nullptr, nullptr, weight.data()}; }
};

// [rows, columns] with these singular values: a diagonal between reflections along (1, 2, ...) and (1, -1/2, 1/3, ...).
inline std::vector<double> matrix_of_values(std::int64_t rows, std::int64_t columns, const std::vector<double>& values) {
  const auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
  std::vector<double> x(size(rows)), y(size(columns)), matrix(size(rows * columns), 0);
  double xx = 0, yy = 0;
  for (std::int64_t i = 0; i < rows; ++i) xx += (x[size(i)] = static_cast<double>(i + 1)) * x[size(i)];
  for (std::int64_t j = 0; j < columns; ++j)
    yy += (y[size(j)] = (j % 2 == 0 ? 1.0 : -1.0) / static_cast<double>(j + 1)) * y[size(j)];
  for (std::int64_t k = 0; k < static_cast<std::int64_t>(values.size()); ++k)
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j) {
        const double left = (i == k ? 1.0 : 0.0) - 2 * x[size(i)] * x[size(k)] / xx,
                     right = (j == k ? 1.0 : 0.0) - 2 * y[size(j)] * y[size(k)] / yy;
        matrix[size(i * columns + j)] += values[size(k)] * left * right;
      }
  return matrix;
}

}  // namespace jetpinn::testing
