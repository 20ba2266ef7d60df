#include "jetpinn/optim/flat_vector.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/kernels/vector_items.hpp"

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

template <class First, class... Others>
VectorDevice* device_of(const First& first, const Others&... others) {
  JETPINN_CHECK(((first.device == others.device) && ...), "vectors in different memories");
  return first.device;
}

}  // namespace

double dot(ConstRealPlace a, ConstRealPlace b, std::int64_t n) {
  if (VectorDevice* device = device_of(a, b)) return device->dot(a.there, b.there, n);
  return ordered_sum(n, [a = a.here, b = b.here](std::int64_t i) { return a[i] * b[i]; });
}

double norm(ConstRealPlace a, std::int64_t n) { return std::sqrt(dot(a, a, n)); }

double sum_of_magnitudes(ConstRealPlace a, std::int64_t n) {
  if (a.device) return a.device->sum_of_magnitudes(a.there, n);
  return ordered_sum(n, [a = a.here](std::int64_t i) { return std::fabs(a[i]); });
}

double largest_magnitude(ConstRealPlace a, std::int64_t n) {
  if (a.device) return a.device->largest_magnitude(a.there, n);
  double largest = 0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, std::fabs(a.here[i]));
  return largest;
}

void copy_vector(ConstRealPlace from, RealPlace to, std::int64_t n) {
  if (VectorDevice* device = device_of(from, to)) return device->combine(1, from.there, 0, nullptr, to.there, n);
  std::copy_n(from.here, n, to.here);
}

void negate(ConstRealPlace x, RealPlace to, std::int64_t n) {
  if (VectorDevice* device = device_of(x, to)) return device->combine(-1, x.there, 0, nullptr, to.there, n);
  for (std::int64_t i = 0; i < n; ++i) to.here[i] = -x.here[i];
}

void scale(double factor, RealPlace x, std::int64_t n) {
  if (x.device) return x.device->combine(factor, x.there, 0, nullptr, x.there, n);
  for (std::int64_t i = 0; i < n; ++i) x.here[i] *= factor;
}

void add_scaled(double factor, ConstRealPlace place, RealPlace sum, std::int64_t n) {
  if (VectorDevice* device = device_of(place, sum)) return device->combine(factor, place.there, 1, sum.there, sum.there, n);
  const double* x = place.here;
  double* y = sum.here;
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

void subtract_from(ConstRealPlace x, RealPlace y, std::int64_t n) {
  if (VectorDevice* device = device_of(x, y)) return device->combine(1, x.there, -1, y.there, y.there, n);
  for (std::int64_t i = 0; i < n; ++i) y.here[i] = x.here[i] - y.here[i];
}

void move_along(ConstRealPlace from, double step, ConstRealPlace direction, RealPlace to, std::int64_t n) {
  if (VectorDevice* device = device_of(from, direction, to))
    return device->combine(1, from.there, step, direction.there, to.there, n);
  for (std::int64_t i = 0; i < n; ++i) to.here[i] = from.here[i] + step * direction.here[i];
}

void update_adam(const AdamFactors& by, ConstRealPlace gradient, RealPlace first, RealPlace second, RealPlace parameters,
                 std::int64_t n) {
  if (VectorDevice* device = device_of(gradient, first, second, parameters))
    return device->update_adam(by, gradient.there, first.there, second.there, parameters.there, n);
  const AdamItem update{by, gradient.here, first.here, second.here, parameters.here};
  for (std::int64_t i = 0; i < n; ++i) update(i);
}

}  // namespace jetpinn
