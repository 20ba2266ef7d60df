// Arithmetic with the same bits from every compiler: sums, products, quotients and square roots of IEEE 754 in a written
// order, and elementary functions made of them alone, for those of the standard library differ from one library to the next.
// What a compiler may change, a product and a sum that become one rounding, is forbidden between JETPINN_EDGE_EXACT_BEGIN
// and _END. Functions are those of the program's kernels (range reduction and a polynomial); errors are a few units in the
// last place.
#pragma once

#if defined(__FAST_MATH__)
#error "jetpinn/edge promises the same bits everywhere, which -ffast-math and -Ofast break; compile this file without them"
#endif

#if defined(__clang__)
#define JETPINN_EDGE_EXACT_BEGIN _Pragma("float_control(push)") _Pragma("clang fp contract(off)")
#define JETPINN_EDGE_EXACT_END _Pragma("float_control(pop)")
#elif defined(__GNUC__)
#define JETPINN_EDGE_EXACT_BEGIN _Pragma("GCC push_options") _Pragma("GCC optimize(\"fp-contract=off\")")
#define JETPINN_EDGE_EXACT_END _Pragma("GCC pop_options")
#else
#error "jetpinn/edge is for g++ and clang++"
#endif

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace jetpinn::edge {

JETPINN_EDGE_EXACT_BEGIN

template <class To, class From>
inline To bits_as(From from) {
  static_assert(sizeof(To) == sizeof(From), "bits of one size");
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

// c[0] + c[1] x + ... by Horner's rule.
template <class T, std::size_t N>
inline T polynomial(const T (&c)[N], T x) {
  T sum = c[N - 1];
  for (std::size_t k = N - 1; k > 0; --k) sum = sum * x + c[k - 1];
  return sum;
}

template <class T>
inline T clamp(T x, T low, T high) {
  return x < low ? low : x > high ? high : x;  // what is no number stays
}

template <class T>
struct Constants;

template <>
struct Constants<double> {
  using Bits = std::int64_t;
  static constexpr double round = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer in the low bits
  static constexpr int mantissa_bits = 52;
  static constexpr Bits exponent_bias = 1023;
  static constexpr double exp_low = -708, exp_high = 709, tanh_limit = 20;
  static constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
  // (e^r - 1 - r) / r^2 on |r| <= ln2 / 2
  static constexpr double exp_tail[] = {
      0.50000000000000011,    0.16666666666666669,    0.041666666666624129,   0.0083333333333300615,  0.0013888888917213717,
      0.00019841269863053618, 2.4801521295954376e-05, 2.7557268459997064e-06, 2.7620088445409746e-07, 2.510038549551032e-08};
};

template <>
struct Constants<float> {
  using Bits = std::int32_t;
  static constexpr float round = 12582912.0f;  // 1.5 * 2^23
  static constexpr int mantissa_bits = 23;
  static constexpr Bits exponent_bias = 127;
  static constexpr float exp_low = -87, exp_high = 88, tanh_limit = 9.5f;
  static constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
  static constexpr float exp_tail[] = {0.5f, 0.166665763f, 0.0416665561f, 0.00836317893f, 0.0013926184f};
};

// x = k ln2 + r, x between exp_low and exp_high: e^r - 1, and 2^k.
template <class T>
inline T reduced_exp(T x, T& scale) {
  using C = Constants<T>;
  const T shifted = x * T(1.4426950408889634074) + C::round;
  const T k = shifted - C::round;
  const T r = (x - k * C::ln2_high) - k * C::ln2_low;
  using Unsigned = std::make_unsigned_t<typename C::Bits>;
  scale = bits_as<T>(static_cast<Unsigned>(static_cast<Unsigned>(bits_as<typename C::Bits>(shifted) + C::exponent_bias)
                                           << C::mantissa_bits));
  return r + r * r * polynomial(C::exp_tail, r);
}

// e^x for x that is brought between exp_low and exp_high: no branch, for loops over units.
template <class T>
inline T clamped_exp(T x) {
  T scale;
  const T e = reduced_exp(clamp(x, Constants<T>::exp_low, Constants<T>::exp_high), scale);
  return scale + scale * e;
}

// (e^{2x} - 1) / (e^{2x} + 1), through e^{2x} - 1 so that small x keep their relative accuracy.
template <class T>
inline T tanh_of(T x) {
  T scale;
  const T e = reduced_exp(T(2) * clamp(x, -Constants<T>::tanh_limit, Constants<T>::tanh_limit), scale);
  const T minus_one = scale * e + (scale - T(1));
  return minus_one / (minus_one + T(2));
}

template <class T>
inline T silu_of(T x) {
  return x / (T(1) + clamped_exp(-x));
}

inline double exp_of(double x) {
  using C = Constants<double>;
  if (x > C::exp_high)
    return x > 709.78271289338397 ? std::numeric_limits<double>::infinity() : 2 * exp_of(x - C::ln2_high - C::ln2_low);
  if (x < C::exp_low) return x < -745.2 ? 0.0 : clamped_exp(x + 64) * 1.6038108905486378e-28;  // e^-64
  return clamped_exp(x);
}

inline double expm1_of(double x) {
  double scale;
  if (!(x < Constants<double>::exp_high)) return exp_of(x);
  const double e = reduced_exp(clamp(x, Constants<double>::exp_low, Constants<double>::exp_high), scale);
  return scale * e + (scale - 1);
}

// x = k pi/2 + r. Accurate for |x| up to about 1e5; what is larger, or no number, gives NaN.
inline double reduced_angle(double x, std::int64_t& quadrant) {
  quadrant = 0;
  if (!(x >= -1e6 && x <= 1e6)) return std::numeric_limits<double>::quiet_NaN();
  const double shifted = x * 0.63661977236758134308 + Constants<double>::round;
  const double k = shifted - Constants<double>::round;
  quadrant = bits_as<std::int64_t>(shifted);
  return ((x - k * 1.57079632673412561417e+00) - k * 6.07710050630396597660e-11) - k * 2.02226624871116645580e-21;
}

// sin r on |r| <= pi/4
inline double sine_near_zero(double r) {
  static constexpr double tail[] = {-0.16666666666666666,   0.0083333333333309254,   -0.00019841269836722418,
                                    2.7557316083816358e-06, -2.5051127944014188e-08, 1.5917848524808262e-10};
  const double w = r * r;
  return r + r * w * polynomial(tail, w);
}

inline double cosine_near_zero(double r) {
  static constexpr double tail[] = {0.041666666666666664,    -0.0013888888888887382, 2.480158729874307e-05,
                                    -2.7557317260008837e-07, 2.0876143827993133e-09, -1.1382456778061306e-11};
  const double w = r * r;
  return 1 - 0.5 * w + w * w * polynomial(tail, w);
}

// The sine of x + turns * pi/2.
inline double turned_sine(double x, int turns) {
  std::int64_t quadrant;
  const double r = reduced_angle(x, quadrant);
  const std::int64_t q = (quadrant + turns) & 3;
  const double size = (q & 1) != 0 ? cosine_near_zero(r) : sine_near_zero(r);
  return (q & 2) != 0 ? -size : size;
}

inline double sin_of(double x) { return turned_sine(x, 0); }
inline double cos_of(double x) { return turned_sine(x, 1); }
inline float sin_of(float x) { return static_cast<float>(sin_of(static_cast<double>(x))); }

// log((1 + s) / (1 - s)) = 2 atanh s, |s| <= 1/3
inline double twice_atanh(double s) {
  static constexpr double tail[] = {0.33333333333333331,  0.20000000000007298,  0.14285714283552531, 0.11111111358900891,
                                    0.090908947086632233, 0.076927852964561214, 0.06657067775440581, 0.060005775914288892,
                                    0.044001588254343867, 0.080824690847356689};
  const double w = s * s;
  return 2 * (s + s * w * polynomial(tail, w));
}

// x = 2^k m with sqrt(1/2) <= m < sqrt(2): k ln2 + 2 atanh((m - 1) / (m + 1)).
inline double log_of(double x) {
  if (!(x > 0)) return x == 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  if (x == std::numeric_limits<double>::infinity()) return x;
  double more = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 18014398509481984.0;  // 2^54
    more = -54;
  }
  const std::int64_t exponent = (bits_as<std::int64_t>(x) - 0x3FE6A09E667F3BCD) >> 52;
  const double m = bits_as<double>(bits_as<std::int64_t>(x) - exponent * (std::int64_t{1} << 52));
  const double k = static_cast<double>(exponent) + more;
  return k * Constants<double>::ln2_high + (twice_atanh((m - 1) / (m + 1)) + k * Constants<double>::ln2_low);
}

// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)
inline double softplus_of(double x) {
  const double e = clamped_exp(x > 0 ? -x : x);
  return (x > 0 ? x : 0.0) + twice_atanh(e / (e + 2));
}
inline float softplus_of(float x) { return static_cast<float>(softplus_of(static_cast<double>(x))); }

// Phi(-y) of the normal distribution, y >= 0.
inline double normal_tail(double y) {
  static constexpr double tail[] = {0.076919304975006292,    -0.14345755526401199,    0.11606881188600281,
                                    -0.080883877264127615,   0.047855352284211852,    -0.02341390048763824,
                                    0.0089913705494794691,   -0.0023788443582171788,  0.00021955075111949754,
                                    0.00013427686243864853,  -6.0427571150967202e-05, 9.6117548732964333e-07,
                                    6.6447548098171312e-06,  -1.2695425054584449e-06, -6.7580722270567977e-07,
                                    2.4201522382351585e-07,  7.7946782872037247e-08,  -3.7176021331586603e-08,
                                    -1.1293299749381937e-08, 4.0505322825136392e-09,  1.5354210928418546e-09};
  y = y > 37 ? 37.0 : y;
  return clamped_exp(-0.5 * y * y) * polynomial(tail, (y - 5) / (y + 5));
}

// x Phi(x)
inline double gelu_of(double x) {
  const double tail = normal_tail(x < 0 ? -x : x);
  return x * (x > 0 ? 1 - tail : tail);
}
inline float gelu_of(float x) { return static_cast<float>(gelu_of(static_cast<double>(x))); }

constexpr double sqrt2 = 1.41421356237309504880, half_pi = 1.57079632679489661923, pi = 3.14159265358979323846;

// By its series to |x| < 1/2, else by the normal distribution.
inline double erf_of(double x) {
  const double size = x < 0 ? -x : x;
  if (!(size < 0.5)) return x != x ? x : x > 0 ? 1 - 2 * normal_tail(size * sqrt2) : 2 * normal_tail(size * sqrt2) - 1;
  double sum = 0, factor = 1;
  for (int n = 0; n < 13; ++n) {
    sum += factor / (2 * n + 1);
    factor *= -(x * x) / (n + 1);
  }
  return 1.12837916709551257390 * (x * sum);  // 2 / sqrt(pi)
}

inline double erfc_of(double x) {
  if (!(x > 0.5)) return 1 - erf_of(x);
  return 2 * normal_tail(x * sqrt2);
}

// The argument is halved twice, atan x = 2 atan(x / (1 + sqrt(1 + x^2))), then comes the series.
inline double atan_of(double x) {
  const double size = x < 0 ? -x : x;
  const bool inverse = size > 1;
  double t = inverse ? 1 / size : size;
  t = t / (1 + std::sqrt(1 + t * t));
  t = t / (1 + std::sqrt(1 + t * t));
  const double w = t * t;
  double sum = 0;
  for (int n = 12; n >= 0; --n) sum = 1.0 / (2 * n + 1) - w * sum;
  const double angle = 4 * (t * sum);
  const double turned = inverse ? half_pi - angle : angle;
  return x < 0 ? -turned : turned;
}

inline double atan2_of(double y, double x) {
  if (x == 0 && y == 0) return 0;
  const double inside = (x < 0 ? -x : x) >= (y < 0 ? -y : y) ? atan_of(y / (x < 0 ? -x : x)) : 0;
  if ((x < 0 ? -x : x) >= (y < 0 ? -y : y)) return x > 0 ? inside : (y < 0 ? -pi : pi) - inside;
  const double from_axis = atan_of(x / y);
  return y > 0 ? half_pi - from_axis : -half_pi - from_axis;
}

inline double asin_of(double x) { return atan2_of(x, std::sqrt((1 - x) * (1 + x))); }
inline double acos_of(double x) { return atan2_of(std::sqrt((1 - x) * (1 + x)), x); }
inline double tan_of(double x) { return sin_of(x) / cos_of(x); }

inline double sinh_of(double x) {
  const double size = x < 0 ? -x : x, half = exp_of(0.5 * size), e = expm1_of(size);
  const double value = size < 700 ? 0.5 * (e + e / (e + 1)) : 0.5 * half * half;
  return x < 0 ? -value : value;
}

inline double cosh_of(double x) {
  const double size = x < 0 ? -x : x, half = exp_of(0.5 * size);
  return size < 700 ? 0.5 * (exp_of(size) + exp_of(-size)) : 0.5 * half * half;
}

// Whole powers by products, a square root as such, others as e^(b log a), whose relative error is |b log a| epsilons.
inline double power_of(double a, double b) {
  if (b == 0.5) return std::sqrt(a);
  const double size = b < 0 ? -b : b;
  const bool whole = size == std::floor(size);
  if (whole && size <= 1024) {
    double result = 1, square = a;
    for (int n = static_cast<int>(size); n > 0; n /= 2) {
      if (n % 2 == 1) result *= square;
      square *= square;
    }
    return b < 0 ? 1 / result : result;
  }
  if (a == 0) return b > 0 ? 0.0 : std::numeric_limits<double>::infinity();
  if (a < 0 && !whole) return std::numeric_limits<double>::quiet_NaN();
  const double value = exp_of(b * log_of(a < 0 ? -a : a));
  const bool odd = whole && size < 9007199254740992.0 && 2 * std::floor(size / 2) != size;
  return a < 0 && odd ? -value : value;
}

// Whether products and sums are rounded one by one here: false where the compiler was told to join them all the same.
inline bool rounds_each_operation(double a, double b, double c) { return a * b + c == 0; }

JETPINN_EDGE_EXACT_END

}  // namespace jetpinn::edge
