#include "jetpinn/kernels/activation.hpp"

#include "reference/activation.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

template <class T, Activation A>
void derivatives_at(T z, T* out) {
  Pack<T> s[6];
  ActivationFunction<A>::template derivatives<T, 5>(ActivationFunction<A>::template memo<T>(splat<T>(z)), s);
  for (int k = 0; k < 6; ++k) {
    T lanes[pack_lanes<T>];
    store<T>(lanes, s[k]);
    out[k] = lanes[0];
  }
}

template <class T, Activation A>
void compare(T from, T to, double bound) {
  // Largest sizes of s'...s^(5) are O(10): errors relative to max(1, |s^(k)|) are in units of epsilon.
  test::Worst worst;
  T worst_at = 0;
  int worst_order = 0;
  for (int i = 0; i <= 20000; ++i) {
    const T z = from + (to - from) * static_cast<T>(i) / 20000;
    T s[6];
    derivatives_at<T, A>(z, s);
    const auto exact = reference::activation_derivatives(A, z);
    for (int k = 0; k < 6; ++k) {
      const auto e = exact[static_cast<std::size_t>(k)];
      const double error = static_cast<double>(std::abs(s[k] - e) / std::max<reference::Real>(1, std::abs(e))) /
                           std::numeric_limits<T>::epsilon();
      if (worst.take(error)) worst_at = z, worst_order = k;
    }
  }
  EXPECT_LE(worst.value(), bound) << "epsilons, at z = " << worst_at << ", derivative " << worst_order;
}

// s^(5) of tanh is a polynomial of tanh z with coefficients up to 240: a third of that times its rounding error. SiLU
// multiplies sigma's error by z. The others lose a few units in the last place.
template <class T>
void compare_all() {
  compare<T, Activation::tanh>(-12, 12, 80);
  compare<T, Activation::silu>(-20, 20, 20);
  compare<T, Activation::gelu>(-12, 12, 6);
  compare<T, Activation::softplus>(-20, 20, 3);
  compare<T, Activation::sin>(-20, 20, 2);
}

TEST(Activation, DerivativesToFifthOrder64) { compare_all<double>(); }
TEST(Activation, DerivativesToFifthOrder32) { compare_all<float>(); }

TEST(Activation, ValuesAreAccurateToAFewUnits) {
  for (double z : {1e-300, 1e-12, 3e-5, 0.1, 0.7, 2.5, 9.0, 19.0}) {
    double s[6];
    derivatives_at<double, Activation::tanh>(z, s);
    EXPECT_NEAR(s[0] / std::tanh(z), 1, 4 * std::numeric_limits<double>::epsilon()) << z;
    derivatives_at<double, Activation::sin>(100 * z, s);
    EXPECT_NEAR(s[0], std::sin(100 * z), 4 * std::numeric_limits<double>::epsilon()) << z;
  }
}

template <class T, Activation A>
void check_extremes() {
  for (T z : {T(-1e4), T(-300), T(-40), T(40), T(300), T(1e4)}) {
    T s[6];
    derivatives_at<T, A>(z, s);
    for (int k = 0; k < 6; ++k) {
      const auto exact = reference::activation_derivatives(A, z);
      EXPECT_NEAR(s[k], static_cast<double>(exact[static_cast<std::size_t>(k)]),
                  std::max<double>(1, std::abs(z)) * 8 * std::numeric_limits<T>::epsilon())
          << "z = " << z << ", derivative " << k;
    }
  }
  T s[6];
  derivatives_at<T, A>(std::numeric_limits<T>::quiet_NaN(), s);
  for (int k = 0; k < 6; ++k) EXPECT_TRUE(std::isnan(s[k])) << "derivative " << k;
}

TEST(Activation, FarValuesStayFiniteAndNanGoesThrough) {
  check_extremes<double, Activation::tanh>();
  check_extremes<double, Activation::silu>();
  check_extremes<double, Activation::gelu>();
  check_extremes<double, Activation::softplus>();
  check_extremes<double, Activation::sin>();
  check_extremes<float, Activation::tanh>();
  check_extremes<float, Activation::silu>();
  check_extremes<float, Activation::gelu>();
  check_extremes<float, Activation::softplus>();
}

}  // namespace
}  // namespace jetpinn
