#include "jetpinn/geometry/ellipsoid_distance.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace jetpinn {
namespace {

constexpr int most_steps = 200;  // a dozen are usual

}  // namespace

// The nearest point of the border is a^2 y / (a^2 + t), a the semi-axes and y the place, for the largest root t of
//   |a y / (a^2 + t)|^2 = 1
// (Eberly, Distance from a point to an ellipse, an ellipsoid, or a hyperellipsoid). With s = t + b^2, b the least of the
// axes, and gap = a^2 - b^2 no difference of large numbers is left in it: G(s) = |a y / (gap + s)|^2 = 1 for s >= 0. 1 /
// sqrt(G) grows, and is concave, so that Newton's method for 1 / sqrt(G) = 1 comes to the root from below, once one term of
// G alone is 1 (Conn, Gould, Toint, Trust region methods, 7.3). There is no root where y has nothing along the least axis
// and the other terms stay below 1 at s = 0: the nearest point then has there what the ellipsoid has left.
double ellipsoid_distance(const std::vector<double>& semi_axes, const std::vector<double>& place) {
  const std::size_t n = semi_axes.size();
  const double least = *std::min_element(semi_axes.begin(), semi_axes.end());
  std::vector<double> gap(n), y(n);
  double level = -1, along = 0, rest = 0, s = 0;  // along: |y| along the least axes; rest: the other terms of G at s = 0
  for (std::size_t d = 0; d < n; ++d) {
    const double a = semi_axes[d];
    gap[d] = (a - least) * (a + least);
    y[d] = std::abs(place[d]);
    level += y[d] / a * (y[d] / a);
    if (gap[d] == 0) {
      along = std::hypot(along, y[d]);
    } else {
      const double term = a * y[d] / gap[d];
      rest += term * term;
      s = std::max(s, a * y[d] - gap[d]);
    }
  }
  s = std::max(s, least * along);
  double square = 0;
  if (least * along == 0 && rest <= 1) {
    s = 0;
    square = least * least * (1 - rest);
  } else {
    for (int step = 0; step < most_steps; ++step) {
      double g = 0, slope = 0;  // G, and -G' / 2
      for (std::size_t d = 0; d < n; ++d) {
        if (y[d] == 0) continue;
        const double term = semi_axes[d] * y[d] / (gap[d] + s);
        g += term * term;
        slope += term * term / (gap[d] + s);
      }
      const double by = g * (std::sqrt(g) - 1) / slope;
      if (!(by > 0.5 * std::numeric_limits<double>::epsilon() * s)) break;
      s += by;
    }
  }
  const double t = s - least * least;
  for (std::size_t d = 0; d < n; ++d) {
    if (y[d] == 0 || gap[d] + s == 0) continue;
    const double way = y[d] * t / (gap[d] + s);  // y - a^2 y / (a^2 + t)
    square += way * way;
  }
  return level > 0 ? std::sqrt(square) : -std::sqrt(square);
}

}  // namespace jetpinn
