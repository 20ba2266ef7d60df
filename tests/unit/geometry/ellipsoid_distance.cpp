#include "jetpinn/geometry/ellipsoid_distance.hpp"

#include "jetpinn/geometry/shape.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace jetpinn {
namespace {

using Numbers = std::vector<double>;

// Longest axis 1, ratios up to `ratio`; places inside, outside, on planes and axes, on the border's tips and on the evolute,
// where several points of the border are nearest.
struct Cases {
  explicit Cases(double ratio) : exponent(std::log10(ratio)) {}
  double exponent;
  std::mt19937_64 random{3};
  double uniform() { return std::uniform_real_distribution<double>(0, 1)(random); }
  Numbers axes(std::size_t n) {
    Numbers axes(n);
    for (double& axis : axes) axis = std::pow(10, -exponent * uniform());
    axes[random() % n] = 1;
    if (n == 3 && random() % 4 == 0) axes[1] = axes[0];
    return axes;
  }
  Numbers place(const Numbers& axes) {
    const double least = *std::min_element(axes.begin(), axes.end()), size = std::pow(10, 2 * uniform() - 1.7);
    Numbers place(axes.size());
    for (std::size_t d = 0; d < place.size(); ++d) {
      place[d] = size * (2 * uniform() - 1) * (random() % 2 == 0 ? 1 : axes[d]);
      if (random() % 3 == 0) place[d] = 0;
      if (random() % 7 == 0) place[d] *= 1e-12;
      if (random() % 11 == 0) place[d] = axes[d];
      if (random() % 13 == 0) place[d] = (axes[d] - least) * (axes[d] + least) / axes[d];
    }
    return place;
  }
};

// The nearest of points of an ellipse that lie as densely as wished about the best of many.
double nearest_of_many(const Numbers& axes, const Numbers& place) {
  const auto distance = [&](double angle) {
    return std::hypot(axes[0] * std::cos(angle) - std::abs(place[0]), axes[1] * std::sin(angle) - std::abs(place[1]));
  };
  const int many = 4000;
  const double step = M_PI / 2 / many;
  double best = 0;
  for (int i = 1; i <= many; ++i)
    if (distance(i * step) < distance(best)) best = i * step;
  for (double width = step; width > 1e-17; width *= 0.7)
    for (const double at : {best - width, best + width})
      if (at >= 0 && at <= M_PI / 2 && distance(at) < distance(best)) best = at;
  return distance(best);
}

TEST(EllipsoidDistance, IsThatToTheNearestOfManyPoints) {
  for (const double ratio : {3.0, 1e3}) {
    Cases cases(ratio);
    for (int c = 0; c < 1000; ++c) {
      const Numbers axes = cases.axes(2), place = cases.place(axes);
      const double distance = ellipsoid_distance(axes, place), expected = nearest_of_many(axes, place);
      EXPECT_NEAR(std::abs(distance), expected, 1e-12 * std::max(1.0, expected))
          << "axes " << axes[0] << ", " << axes[1] << ", place " << place[0] << ", " << place[1];
    }
  }
}

// By bisection for s (ellipsoid_distance.cpp) in numbers of eleven more bits. It ends where s is a number of any size, and
// the point is checked to lie on the border.
std::vector<long double> nearest_point(const Numbers& axes, const Numbers& place) {
  using Long = long double;
  const Long least = *std::min_element(axes.begin(), axes.end()), smallest = std::numeric_limits<Long>::min();
  std::vector<Long> y(axes.size()), gap(axes.size()), point(axes.size());
  Long high = 0, low = 0;
  for (std::size_t d = 0; d < axes.size(); ++d) {
    y[d] = std::abs(place[d]);
    gap[d] = (axes[d] - least) * (axes[d] + least);
    high += axes[d] * y[d];
  }
  const auto above = [&](Long s) {
    Long sum = 0;
    for (std::size_t d = 0; d < axes.size(); ++d) {
      const Long term = y[d] == 0 ? 0 : axes[d] * y[d] / (gap[d] + s);
      sum += term * term;
    }
    return sum > 1;
  };
  if (!above(smallest)) high = 0;
  while (high > smallest) {
    const Long middle = low == 0 ? high * 1e-30L : high > 2 * low ? std::sqrt(low) * std::sqrt(high) : (low + high) / 2;
    if (middle <= low || middle >= high) break;
    (above(middle) ? low : high) = middle;
  }
  Long left = 1;
  std::size_t across = axes.size();
  for (std::size_t d = 0; d < axes.size(); ++d) {
    if (gap[d] == 0 && high == 0) {
      across = d;
      continue;
    }
    point[d] = y[d] == 0 ? 0 : axes[d] * (axes[d] * y[d] / (gap[d] + high));
    left -= point[d] / axes[d] * (point[d] / axes[d]);
  }
  if (across < axes.size()) point[across] = least * std::sqrt(std::max<Long>(left, 0));
  return point;
}

// Some point of the border lies at that distance, and of many others none lies nearer.
TEST(EllipsoidDistance, IsThatToAPointOfTheBorderInSpace) {
  for (const double ratio : {3.0, 1e3, 1e6}) {
    Cases cases(ratio);
    for (int c = 0; c < 400; ++c) {
      const Numbers axes = cases.axes(3), place = cases.place(axes);
      const std::vector<long double> nearest = nearest_point(axes, place);
      long double square = 0, level = -1;
      for (std::size_t d = 0; d < 3; ++d) {
        const long double way = nearest[d] - std::abs(place[d]);
        square += way * way;
        level += nearest[d] / axes[d] * (nearest[d] / axes[d]);
      }
      ASSERT_LT(std::abs(level), 1e-15L);
      const double distance = std::abs(ellipsoid_distance(axes, place));
      const auto expected = static_cast<double>(std::sqrt(square));
      EXPECT_NEAR(distance, expected, 10 * std::numeric_limits<double>::epsilon() * std::max(1.0, expected));
      for (int i = 0; i < 400; ++i) {
        const double along = M_PI / 2 * cases.uniform(), up = M_PI / 2 * cases.uniform();
        const double unit[3] = {std::cos(along) * std::cos(up), std::sin(along) * std::cos(up), std::sin(up)};
        double own = 0;
        for (std::size_t d = 0; d < 3; ++d) own += std::pow(axes[d] * unit[d] - std::abs(place[d]), 2);
        EXPECT_GE(std::sqrt(own), distance * (1 - 1e-14));
      }
    }
  }
}

// Where the body is long and thin, the border lies beside a place, wherever on the long axis.
TEST(EllipsoidDistance, OnTheLongAxis) {
  const ShapePointer needle = make_ellipsoid({5, 0}, {1, 1e-3});
  for (const double x : {0.0, 0.1, 0.5, 0.9, 0.99}) {
    const double way = x / (1 - 1e-6);  // of the nearest point
    const Numbers place = {5 + x, 0};
    EXPECT_NEAR(needle->distance(place.data()), -std::hypot(way - x, 1e-3 * std::sqrt(1 - way * way)), 1e-14) << x;
  }
  EXPECT_NEAR(needle->distance(Numbers{6, 0}.data()), 0, 1e-15);
  EXPECT_NEAR(needle->distance(Numbers{8, 0}.data()), 2, 1e-15);
  EXPECT_NEAR(needle->distance(Numbers{5, 2}.data()), 2 - 1e-3, 1e-15);
  EXPECT_EQ(needle->distance(Numbers{5, 0}.data()), -1e-3);
}

}  // namespace
}  // namespace jetpinn
