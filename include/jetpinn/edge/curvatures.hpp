// Second derivatives of what arithmetic.hpp has, as slopes.hpp has the first ones.
#pragma once

#include "jetpinn/edge/slopes.hpp"

namespace jetpinn::edge {

JETPINN_EDGE_EXACT_BEGIN

// s (1 - s) (2 + x (1 - 2 s)), s = sigmoid(x)
template <class T>
inline T silu_curvature(T x) {
  const T s = sigmoid_of(x);
  return s * (T(1) - s) * (T(2) + x * (T(1) - T(2) * s));
}

// phi(x) (2 - x^2)
inline double gelu_curvature(double x) {
  return clamped_exp(-0.5 * x * x) * 0.39894228040143267794 * (2 - x * x);  // 1 / sqrt(2 pi)
}
inline float gelu_curvature(float x) { return static_cast<float>(gelu_curvature(static_cast<double>(x))); }

template <class T>
inline T softplus_curvature(T x) {
  const T s = sigmoid_of(x);
  return s * (T(1) - s);
}

// by[0], by[1], by[2]: the second derivatives of an operation with this value by its first operand twice, by the first and
// the second one, and by the second one twice. Operations without an entry have none: they are linear, or choose.
using Curvature = void (*)(double a, double b, double value, double* by);

inline void curvature_multiply(double, double, double, double* by) { by[1] = 1; }
inline void curvature_divide(double, double b, double value, double* by) {
  by[1] = -1 / (b * b), by[2] = 2 * value / (b * b);
}
inline void curvature_power(double a, double b, double value, double* by) {
  const double logarithm = log_of(a);
  by[0] = b == 0 || b == 1 ? 0.0 : b * (b - 1) * power_of(a, b - 2);
  by[1] = power_of(a, b - 1) * (1 + b * logarithm);
  by[2] = value * logarithm * logarithm;
}
inline void curvature_wave(double, double, double value, double* by) { by[0] = -value; }        // sin, cos
inline void curvature_exponential(double, double, double value, double* by) { by[0] = value; }  // exp, sinh, cosh
inline void curvature_tan(double, double, double value, double* by) { by[0] = 2 * value * (1 + value * value); }
inline void curvature_asin(double a, double, double, double* by) {
  const double square = (1 - a) * (1 + a);
  by[0] = a / (square * std::sqrt(square));
}
inline void curvature_acos(double a, double, double, double* by) {
  const double square = (1 - a) * (1 + a);
  by[0] = -a / (square * std::sqrt(square));
}
inline void curvature_atan(double a, double, double, double* by) {
  const double square = 1 + a * a;
  by[0] = -2 * a / (square * square);
}
inline void curvature_atan2(double y, double x, double, double* by) {
  const double square = x * x + y * y, fourth = square * square;
  by[0] = -2 * x * y / fourth, by[1] = (y - x) * (y + x) / fourth, by[2] = 2 * x * y / fourth;
}
inline void curvature_tanh(double, double, double value, double* by) { by[0] = -2 * value * (1 - value * value); }
inline void curvature_log(double a, double, double, double* by) { by[0] = -1 / (a * a); }
inline void curvature_sqrt(double a, double, double value, double* by) { by[0] = -0.25 / (a * value); }
inline void curvature_erf(double a, double, double, double* by) {
  by[0] = -2.25675833419102514779 * a * exp_of(-a * a);  // 4 / sqrt(pi)
}
inline void curvature_erfc(double a, double, double, double* by) { by[0] = 2.25675833419102514779 * a * exp_of(-a * a); }

// What a point's numbers are that go through the layers together: the value, and ...
inline constexpr std::size_t lanes = 4;

// ... its derivatives by three inputs that follow one another, ...
struct AlongThree {
  std::size_t first;
  static constexpr bool twice = false;
  bool has(std::size_t lane, std::size_t input) const { return lane > 0 && input == first + lane - 1; }
};

// ... or by one input, by another or the same one, and by both: a hyper-dual number (Fike and Alonso, AIAA 2011-886).
struct AlongTwo {
  std::size_t one, other;
  static constexpr bool twice = true;
  bool has(std::size_t lane, std::size_t input) const {
    return (lane == 1 && input == one) || (lane == 2 && input == other);
  }
};

JETPINN_EDGE_EXACT_END

}  // namespace jetpinn::edge
