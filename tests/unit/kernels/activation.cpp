#include "jetpinn/kernels/activation.hpp"

#include "reference/activation.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

template <class T, Activation A>
void derivatives_at(T z, T* out) {
  Pack<T> s[slope_count];
  ActivationFunction<A>::template derivatives<T, slope_count - 1>(ActivationFunction<A>::template memo<T>(splat<T>(z)), s);
  for (int k = 0; k < slope_count; ++k) {
    T lanes[pack_lanes<T>];
    store<T>(lanes, s[k]);
    out[k] = lanes[0];
  }
}

// Largest sizes of s'...s^(5) are O(10): errors relative to max(1, |s^(k)|) are in units of epsilon; `high` bounds those of
// the orders above.
template <class T, Activation A>
void compare_derivatives(T from, T to, double bound, double high) {
  struct {
    test::Worst error;
    T at = 0;
    int order = 0;
  } low_orders, high_orders;
  for (int i = 0; i <= 20000; ++i) {
    const T z = from + (to - from) * static_cast<T>(i) / 20000;
    T s[slope_count];
    derivatives_at<T, A>(z, s);
    const auto exact = reference::activation_derivatives(A, z);
    for (int k = 0; k < slope_count; ++k) {
      const auto e = exact[static_cast<std::size_t>(k)];
      const double error = static_cast<double>(std::abs(s[k] - e) / std::max<reference::Real>(1, std::abs(e))) /
                           std::numeric_limits<T>::epsilon();
      auto& worst = k <= 5 ? low_orders : high_orders;
      if (worst.error.take(error)) worst.at = z, worst.order = k;
    }
  }
  EXPECT_LE(low_orders.error.value(), bound)
      << "epsilons, at z = " << low_orders.at << ", derivative " << low_orders.order;
  EXPECT_LE(high_orders.error.value(), high)
      << "epsilons, at z = " << high_orders.at << ", derivative " << high_orders.order;
}

// s^(5) of tanh is a polynomial of tanh z with coefficients up to 240: a third of that times its rounding error. SiLU
// multiplies sigma's error by z. The others lose a few units in the last place. s^(7) of tanh changes with its tanh by up to
// 2000 times the rounding of that; gelu's is a polynomial with addends up to 800 phi(z) z.
template <class T>
void compare_all() {
  compare_derivatives<T, Activation::tanh>(-12, 12, 80, 700);
  compare_derivatives<T, Activation::silu>(-20, 20, 20, 20);
  compare_derivatives<T, Activation::gelu>(-12, 12, 6, 30);
  compare_derivatives<T, Activation::softplus>(-20, 20, 3, 3);
  compare_derivatives<T, Activation::sin>(-20, 20, 2, 2);
}

TEST(Activation, DerivativesToSeventhOrder64) { compare_all<double>(); }
TEST(Activation, DerivativesToSeventhOrder32) { compare_all<float>(); }

TEST(Activation, ValuesAreAccurateToAFewUnits) {
  for (double z : {1e-300, 1e-12, 3e-5, 0.1, 0.7, 2.5, 9.0, 19.0}) {
    double s[slope_count];
    derivatives_at<double, Activation::tanh>(z, s);
    EXPECT_NEAR(s[0] / std::tanh(z), 1, 4 * std::numeric_limits<double>::epsilon()) << z;
    derivatives_at<double, Activation::sin>(100 * z, s);
    EXPECT_NEAR(s[0], std::sin(100 * z), 4 * std::numeric_limits<double>::epsilon()) << z;
  }
}

template <class T, Activation A>
void check_extremes() {
  for (T z : {T(-1e4), T(-300), T(-40), T(40), T(300), T(1e4)}) {
    T s[slope_count];
    derivatives_at<T, A>(z, s);
    for (int k = 0; k < slope_count; ++k) {
      const auto exact = reference::activation_derivatives(A, z);
      EXPECT_NEAR(s[k], static_cast<double>(exact[static_cast<std::size_t>(k)]),
                  std::max<double>(1, std::abs(z)) * 8 * std::numeric_limits<T>::epsilon())
          << "z = " << z << ", derivative " << k;
    }
  }
  T s[slope_count];
  derivatives_at<T, A>(std::numeric_limits<T>::quiet_NaN(), s);
  for (int k = 0; k < slope_count; ++k) EXPECT_TRUE(std::isnan(s[k])) << "derivative " << k;
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
