#include "jetpinn/optim/broyden_update.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace jetpinn {

BroydenFactors self_scaled_bfgs(const Curvatures& c) { return {std::min(1.0, c.sy / c.sbs), 1}; }

BroydenFactors self_scaled_broyden(const Curvatures& c, std::int64_t parameters) {
  const double b = c.sbs / c.sy, h = c.yhy / c.sy, a = b * h - 1;
  // Where y lies along H⁻¹s, u is zero, and all members are one.
  if (!(parameters > 1 && a > 16 * std::numeric_limits<double>::epsilon())) return self_scaled_bfgs(c);
  // 1 - sqrt(a / (a + 1)) without its cancellation where a is large.
  const double r = std::min(1.0, h / ((a + 1) * (1 + std::sqrt(a / (a + 1)))));
  const double theta = std::max((r - 1) / a, std::min(1 / r, (1 - b) / b));
  const double sigma = 1 + theta * a, t = std::min(1.0, 1 / b);
  const double q = std::pow(sigma, 1 / (1 - static_cast<double>(parameters)));
  return {theta > 0 ? t * std::min(q, 1 / theta) : std::min(t * q, sigma), (1 - theta) / sigma};
}

// In ŝ = s / sqrt(s·y) and v̂ = v / sqrt(y·v), with g = sqrt(h), what is added to H / tau is ŝ and v̂ times the matrix
//   [1 + phi h / tau,  -phi g / tau]
//   [-phi g / tau,     (phi - 1) / tau],
// whose eigenvectors, by a rotation of Jacobi (Golub and Van Loan, Matrix Computations, section 8.5), make two squares of
// it.
RankTwo rank_two(const BroydenFactors& factors, const Curvatures& c) {
  const double keep = 1 / factors.tau, h = c.yhy / c.sy;
  const double ss = 1 + keep * factors.phi * h, sv = -keep * factors.phi * std::sqrt(h), vv = keep * (factors.phi - 1);
  double cosine = 1, sine = 0, tangent = 0;
  if (sv != 0) {
    const double theta = (vv - ss) / (2 * sv);
    tangent = std::copysign(1 / (std::abs(theta) + std::hypot(1.0, theta)), theta);
    cosine = 1 / std::hypot(1.0, tangent);
    sine = tangent * cosine;
  }
  const double values[2] = {ss - tangent * sv, vv + tangent * sv};
  const double vectors[2][2] = {{cosine, -sine}, {sine, cosine}};
  RankTwo update;
  update.keep = keep;
  for (int k = 0; k < 2; ++k) {
    const double length = std::sqrt(std::abs(values[k]));
    update.sign[k] = values[k] < 0 ? -1 : 1;
    update.along_s[k] = length * vectors[k][0] / std::sqrt(c.sy);
    update.along_v[k] = length * vectors[k][1] / std::sqrt(c.yhy);
  }
  return update;
}

}  // namespace jetpinn
