// First derivatives of what arithmetic.hpp has: of activations, and of the operations of a program by their operands. Made
// of the same functions, so that their bits are the same from every compiler too.
#pragma once

#include "jetpinn/edge/arithmetic.hpp"

namespace jetpinn::edge {

JETPINN_EDGE_EXACT_BEGIN

template <class T>
inline T sigmoid_of(T x) {
  return T(1) / (T(1) + clamped_exp(-x));
}

// s (1 + x (1 - s)), s = sigmoid(x)
template <class T>
inline T silu_slope(T x) {
  const T s = sigmoid_of(x);
  return s * (T(1) + x * (T(1) - s));
}

// Phi(x) + x phi(x)
inline double gelu_slope(double x) {
  const double tail = normal_tail(x < 0 ? -x : x);
  return (x > 0 ? 1 - tail : tail) + x * (clamped_exp(-0.5 * x * x) * 0.39894228040143267794);  // 1 / sqrt(2 pi)
}
inline float gelu_slope(float x) { return static_cast<float>(gelu_slope(static_cast<double>(x))); }

inline double sin_slope(double x) { return cos_of(x); }
inline float sin_slope(float x) { return static_cast<float>(cos_of(static_cast<double>(x))); }

// by[n]: the derivative of an operation with this value by its n-th operand. Where there is none, that of a side; those of
// truth values are 0.
using Slope = void (*)(double a, double b, double c, double value, double* by);

inline void slope_none(double, double, double, double, double*) {}
inline void slope_add(double, double, double, double, double* by) { by[0] = by[1] = 1; }
inline void slope_multiply(double a, double b, double, double, double* by) { by[0] = b, by[1] = a; }
inline void slope_divide(double, double b, double, double value, double* by) { by[0] = 1 / b, by[1] = -value / b; }
inline void slope_power(double a, double b, double, double value, double* by) {
  by[0] = b == 0 ? 0.0 : b * power_of(a, b - 1);
  by[1] = value * log_of(a);
}
inline void slope_negative(double, double, double, double, double* by) { by[0] = -1; }
inline void slope_sin(double a, double, double, double, double* by) { by[0] = cos_of(a); }
inline void slope_cos(double a, double, double, double, double* by) { by[0] = -sin_of(a); }
inline void slope_tan(double, double, double, double value, double* by) { by[0] = 1 + value * value; }
inline void slope_asin(double a, double, double, double, double* by) { by[0] = 1 / std::sqrt((1 - a) * (1 + a)); }
inline void slope_acos(double a, double, double, double, double* by) { by[0] = -1 / std::sqrt((1 - a) * (1 + a)); }
inline void slope_atan(double a, double, double, double, double* by) { by[0] = 1 / (1 + a * a); }
inline void slope_atan2(double y, double x, double, double, double* by) {
  const double square = x * x + y * y;
  by[0] = x / square, by[1] = -y / square;
}
inline void slope_sinh(double a, double, double, double, double* by) { by[0] = cosh_of(a); }
inline void slope_cosh(double a, double, double, double, double* by) { by[0] = sinh_of(a); }
inline void slope_tanh(double, double, double, double value, double* by) { by[0] = 1 - value * value; }
inline void slope_exp(double, double, double, double value, double* by) { by[0] = value; }
inline void slope_log(double a, double, double, double, double* by) { by[0] = 1 / a; }
inline void slope_sqrt(double, double, double, double value, double* by) { by[0] = 0.5 / value; }
inline void slope_abs(double a, double, double, double, double* by) { by[0] = a > 0 ? 1.0 : a < 0 ? -1.0 : 0.0; }
inline void slope_erf(double a, double, double, double, double* by) {
  by[0] = 1.12837916709551257390 * exp_of(-a * a);  // 2 / sqrt(pi)
}
inline void slope_erfc(double a, double, double, double, double* by) { by[0] = -1.12837916709551257390 * exp_of(-a * a); }
inline void slope_minimum(double a, double b, double, double, double* by) { by[a <= b || a != a ? 0 : 1] = 1; }
inline void slope_maximum(double a, double b, double, double, double* by) { by[a >= b || a != a ? 0 : 1] = 1; }
inline void slope_mod(double a, double b, double, double, double* by) { by[0] = 1, by[1] = -std::floor(a / b); }
inline void slope_where(double a, double, double, double, double* by) { by[a != 0 ? 1 : 2] = 1; }

// Whether a derivative of 0 by an operand means that the operand was not taken, or that the operation is flat: what does not
// count must not count where its own derivative is infinite or none, as that of sqrt(x) in where(x > 0, sqrt(x), 0).
inline bool chooses(Slope slope) {
  return slope == slope_none || slope == slope_minimum || slope == slope_maximum || slope == slope_where;
}

JETPINN_EDGE_EXACT_END

}  // namespace jetpinn::edge
