#include "jetpinn/optim/flat_vector.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

// Four vector registers of partial sums hide the latency of additions. With `omp simd reduction` the compiler would be free
// to begin at an aligned address, and the order of the sum with it.
constexpr int lanes = 32;

template <class Term>
double ordered_sum(std::int64_t n, const Term& term) {
  double part[lanes] = {};
  const std::int64_t whole = n - n % lanes;
  for (std::int64_t i = 0; i < whole; i += lanes)
    for (int lane = 0; lane < lanes; ++lane) part[lane] += term(i + lane);
  for (std::int64_t i = whole; i < n; ++i) part[i - whole] += term(i);
  for (int width = lanes / 2; width > 0; width /= 2)
    for (int lane = 0; lane < width; ++lane) part[lane] += part[lane + width];
  return part[0];
}

}  // namespace

double dot(const double* a, const double* b, std::int64_t n) {
  return ordered_sum(n, [=](std::int64_t i) { return a[i] * b[i]; });
}

double norm(const double* a, std::int64_t n) { return std::sqrt(dot(a, a, n)); }

double sum_of_magnitudes(const double* a, std::int64_t n) {
  return ordered_sum(n, [=](std::int64_t i) { return std::fabs(a[i]); });
}

double largest_magnitude(const double* a, std::int64_t n) {
  double largest = 0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, std::fabs(a[i]));
  return largest;
}

void add_scaled(double scale, const double* x, double* y, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) y[i] += scale * x[i];
}

}  // namespace jetpinn
