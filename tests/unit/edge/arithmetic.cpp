#include "jetpinn/edge/arithmetic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon(), infinity = std::numeric_limits<double>::infinity();

// The largest |f - g| / max(|g|, floor) between low and high.
template <class F, class G>
double worst(F f, G g, double low, double high, double floor = 0) {
  double worst = 0;
  for (int k = 0; k <= 20000; ++k) {
    const double x = low + (high - low) * k / 20000;
    const double expected = g(x), apart = std::abs(f(x) - expected) / std::max(std::abs(expected), floor);
    if (expected != 0 || f(x) != 0) worst = std::isnan(apart) ? infinity : std::max(worst, apart);
  }
  return worst;
}

TEST(EdgeArithmetic, FunctionsAgreeWithTheStandardLibrary) {
  const auto log1p_exp = [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); };
  const auto gelu = [](double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); };
  const auto silu = [](double x) { return x / (1 + std::exp(-x)); };
  EXPECT_LT(worst([](double x) { return edge::tanh_of(x); }, [](double x) { return std::tanh(x); }, -25, 25), 4 * epsilon);
  EXPECT_LT(worst([](double x) { return edge::silu_of(x); }, silu, -30, 30), 32 * epsilon);  // the exponent's own rounding
  EXPECT_LT(worst([](double x) { return edge::softplus_of(x); }, log1p_exp, -30, 30), 32 * epsilon);
  EXPECT_LT(worst([](double x) { return edge::gelu_of(x); }, gelu, -10, 10, 1), 8 * epsilon);
  EXPECT_LT(worst(
                edge::exp_of, [](double x) { return std::exp(x); }, -700, 700),
            4 * epsilon);
  EXPECT_LT(worst([](double x) { return edge::sin_of(x); }, [](double x) { return std::sin(x); }, -1e4, 1e4, 1),
            4 * epsilon);
  EXPECT_LT(worst(
                edge::cos_of, [](double x) { return std::cos(x); }, -1e4, 1e4, 1),
            4 * epsilon);
  EXPECT_LT(worst(
                edge::tan_of, [](double x) { return std::tan(x); }, -1.5, 1.5),
            8 * epsilon);
  EXPECT_LT(worst(
                edge::log_of, [](double x) { return std::log(x); }, 1e-3, 1e3),
            4 * epsilon);
  EXPECT_LT(worst(
                edge::erf_of, [](double x) { return std::erf(x); }, -6, 6),
            8 * epsilon);
  EXPECT_LT(worst(
                edge::erfc_of, [](double x) { return std::erfc(x); }, -5, 5),
            64 * epsilon);  // e^(-x^2): x^2 is rounded
  EXPECT_LT(worst(
                edge::atan_of, [](double x) { return std::atan(x); }, -20, 20),
            8 * epsilon);
  EXPECT_LT(worst(
                edge::asin_of, [](double x) { return std::asin(x); }, -1, 1),
            8 * epsilon);
  EXPECT_LT(worst(
                edge::acos_of, [](double x) { return std::acos(x); }, -1, 1),
            8 * epsilon);
  EXPECT_LT(worst(
                edge::sinh_of, [](double x) { return std::sinh(x); }, -709, 709),
            8 * epsilon);
  EXPECT_LT(worst(
                edge::cosh_of, [](double x) { return std::cosh(x); }, -709, 709),
            8 * epsilon);
  EXPECT_LT(worst([](double x) { return edge::power_of(x, 1.7); }, [](double x) { return std::pow(x, 1.7); }, 0.1, 9),
            16 * epsilon);
  for (int n : {-3, 0, 1, 2, 3, 7})
    EXPECT_LT(worst([&](double x) { return edge::power_of(x, n); }, [&](double x) { return std::pow(x, n); }, 0.1, 3),
              8 * epsilon);
}

TEST(EdgeArithmetic, SingleFunctionsAreAccurateToTheirType) {
  constexpr double single = std::numeric_limits<float>::epsilon();
  const auto in_single = [](auto f) { return [f](double x) { return static_cast<double>(f(static_cast<float>(x))); }; };
  EXPECT_LT(worst(
                in_single([](float x) { return edge::tanh_of(x); }),
                [](double x) { return std::tanh(static_cast<double>(static_cast<float>(x))); }, -12, 12),
            4 * single);
  EXPECT_LT(worst(
                in_single([](float x) { return edge::sin_of(x); }),
                [](double x) { return std::sin(static_cast<double>(static_cast<float>(x))); }, -50, 50, 1),
            single);
}

TEST(EdgeArithmetic, EndsOfTheRange) {
  EXPECT_EQ(edge::exp_of(800), infinity);
  EXPECT_EQ(edge::exp_of(-800), 0);
  EXPECT_NEAR(edge::exp_of(-740) / std::exp(-740.0), 1, 1e-2);  // below the smallest normal number
  EXPECT_EQ(edge::tanh_of(1e300), 1);
  EXPECT_EQ(edge::tanh_of(-50.0f), -1);
  EXPECT_EQ(edge::log_of(0), -infinity);
  EXPECT_TRUE(std::isnan(edge::log_of(-1)));
  EXPECT_NEAR(edge::log_of(1e-320), std::log(1e-320), 1e-12);
  EXPECT_EQ(edge::power_of(0, 0.3), 0);
  EXPECT_TRUE(std::isnan(edge::power_of(-2, 0.3)));
  EXPECT_EQ(edge::power_of(-2, 3), -8);
  for (double y : {-2.0, 0.0, 3.0})
    for (double x : {-1.0, 0.0, 4.0}) EXPECT_NEAR(edge::atan2_of(y, x), std::atan2(y, x), 4 * epsilon) << y << " " << x;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (double value : {edge::tanh_of(nan), edge::silu_of(nan), edge::gelu_of(nan), edge::softplus_of(nan), edge::sin_of(nan),
                       edge::exp_of(nan), edge::log_of(nan), edge::erf_of(nan), edge::atan_of(nan)})
    EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace jetpinn
