#include "jetpinn/ablate/small_svd.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace jetpinn {
namespace {

// y += factor x
template <class T>
void add_scaled(T factor, const T* x, T* y, std::int64_t length) {
  for (std::int64_t i = 0; i < length; ++i) y[i] += factor * x[i];
}

template <class T>
void turn(T* x, T* y, T c, T s, std::int64_t length) {
  for (std::int64_t i = 0; i < length; ++i) {
    const T before = x[i];
    x[i] = c * before - s * y[i];
    y[i] = s * before + c * y[i];
  }
}

// Makes two columns orthogonal; false: they are already.
template <class T>
bool turn_pair(T* x, T* y, T* turns_x, T* turns_y, std::int64_t count, std::int64_t length) {
  const T xx = dot(x, x, length), yy = dot(y, y, length), xy = dot(x, y, length);
  if (!(std::abs(xy) > 4 * std::numeric_limits<T>::epsilon() * std::sqrt(xx * yy))) return false;
  const T zeta = (yy - xx) / (2 * xy);
  const T t = (zeta >= 0 ? T(1) : T(-1)) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
  const T c = 1 / std::sqrt(1 + t * t), s = c * t;
  turn(x, y, c, s, length);
  turn(turns_x, turns_y, c, s, count);
  return true;
}

template <class T>
void sort_columns(T* columns, std::int64_t count, std::int64_t length, T* turns, T* values) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](auto i, auto j) { return values[i] != values[j] ? values[i] > values[j] : i < j; });
  const std::vector<T> old_columns(columns, columns + count * length), old_turns(turns, turns + count * count),
      old_values(values, values + count);
  for (std::int64_t k = 0; k < count; ++k) {
    const std::int64_t from = order[static_cast<std::size_t>(k)];
    std::copy_n(old_columns.data() + from * length, length, columns + k * length);
    std::copy_n(old_turns.data() + from * count, count, turns + k * count);
    values[k] = old_values[static_cast<std::size_t>(from)];
  }
}

}  // namespace

template <class T>
T dot(const T* x, const T* y, std::int64_t length) {
  constexpr std::int64_t lanes = 8;
  std::array<T, lanes> sums{};
  std::int64_t i = 0;
  for (; i + lanes <= length; i += lanes)
    for (std::int64_t lane = 0; lane < lanes; ++lane) sums[static_cast<std::size_t>(lane)] += x[i + lane] * y[i + lane];
  T rest = 0;
  for (; i < length; ++i) rest += x[i] * y[i];
  for (const T sum : sums) rest += sum;
  return rest;
}

template <class T>
void orthonormalise(T* vectors, std::int64_t count, std::int64_t length, T* r) {
  std::fill_n(r, count * count, T(0));
  for (std::int64_t j = 0; j < count; ++j) {
    T* v = vectors + j * length;
    const T before = std::sqrt(dot(v, v, length));
    for (int pass = 0; pass < 2; ++pass)
      for (std::int64_t i = 0; i < j; ++i) {
        const T* q = vectors + i * length;
        const T share = dot(q, v, length);
        r[i * count + j] += share;
        add_scaled(-share, q, v, length);
      }
    const T left = std::sqrt(dot(v, v, length));
    const bool dependent = !(left > 16 * std::numeric_limits<T>::epsilon() * before);
    r[j * count + j] = dependent ? T(0) : left;
    const T scale = dependent ? T(0) : 1 / left;
    for (std::int64_t i = 0; i < length; ++i) v[i] *= scale;
  }
}

template <class T>
void rotate_to_singular(T* columns, std::int64_t count, std::int64_t length, T* turns, T* values) {
  std::fill_n(turns, count * count, T(0));
  for (std::int64_t k = 0; k < count; ++k) turns[k * count + k] = 1;
  constexpr int most_sweeps = 30;  // 6 to 8 are usual
  bool turned = true;
  for (int sweep = 0; turned && sweep < most_sweeps; ++sweep) {
    turned = false;
    for (std::int64_t p = 0; p < count; ++p)
      for (std::int64_t q = p + 1; q < count; ++q)
        turned |= turn_pair(columns + p * length, columns + q * length, turns + p * count, turns + q * count, count, length);
  }
  for (std::int64_t k = 0; k < count; ++k) values[k] = std::sqrt(dot(columns + k * length, columns + k * length, length));
  sort_columns(columns, count, length, turns, values);
}

template float dot(const float*, const float*, std::int64_t);
template double dot(const double*, const double*, std::int64_t);
template void orthonormalise(float*, std::int64_t, std::int64_t, float*);
template void orthonormalise(double*, std::int64_t, std::int64_t, double*);
template void rotate_to_singular(float*, std::int64_t, std::int64_t, float*, float*);
template void rotate_to_singular(double*, std::int64_t, std::int64_t, double*, double*);

}  // namespace jetpinn
