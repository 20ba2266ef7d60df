#include "jetpinn/sampling/gauss_legendre.hpp"

#include "jetpinn/base/error.hpp"

#include <cmath>
#include <cstddef>
#include <string>

namespace jetpinn {
namespace {

struct Legendre {
  long double value, slope;
};

// P_n and its derivative: (k + 1) P_{k+1} = (2k + 1) x P_k - k P_{k-1}, (x^2 - 1) P_n' = n (x P_n - P_{n-1}). |x| < 1
Legendre legendre(std::int64_t n, long double x) {
  long double before = 1, value = x;
  for (std::int64_t k = 1; k < n; ++k) {
    const auto of = static_cast<long double>(k);
    const long double next = ((2 * of + 1) * x * value - of * before) / (of + 1);
    before = value;
    value = next;
  }
  return {value, static_cast<long double>(n) * (x * value - before) / (x * x - 1)};
}

// The zero number i of P_n, from the largest down. Newton's iteration converges quadratically: four steps are enough from
// an estimate that is good to 1 / n^4, the others serve small n.
long double zero(std::int64_t n, std::int64_t i) {
  const auto of = static_cast<long double>(n);
  const long double pi = std::acos(-1.0L);
  long double x = (1 - (1 - 1 / of) / (8 * of * of)) * std::cos(pi * (4 * static_cast<long double>(i) + 3) / (4 * of + 2));
  for (int step = 0; step < 10; ++step) {
    const Legendre at = legendre(n, x);
    const long double change = at.value / at.slope;
    x -= change;
    if (std::abs(change) < 1e-18L) break;
  }
  return x;
}

}  // namespace

QuadratureRule gauss_legendre(std::int64_t n) {
  JETPINN_CHECK(n >= 1 && n <= most_panel_nodes, "a rule of " + std::to_string(n) + " nodes");
  QuadratureRule rule;
  rule.nodes.resize(static_cast<std::size_t>(n));
  rule.weights.resize(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; 2 * i < n; ++i) {
    const long double x = 2 * i + 1 == n ? 0 : zero(n, i);  // the middle one of an odd number is 0
    const long double slope = legendre(n, x).slope;
    const auto low = static_cast<std::size_t>(i), high = static_cast<std::size_t>(n - 1 - i);
    rule.nodes[low] = static_cast<double>(-x);
    rule.nodes[high] = static_cast<double>(x);
    rule.weights[low] = rule.weights[high] = static_cast<double>(2 / ((1 - x * x) * slope * slope));
  }
  return rule;
}

QuadratureAxis::QuadratureAxis(double lower, double upper, std::int64_t nodes)
    : lower_(lower), upper_(upper), nodes_(nodes), panels_((nodes + most_panel_nodes - 1) / most_panel_nodes) {
  JETPINN_CHECK(nodes >= 1, "an axis of " + std::to_string(nodes) + " nodes");
  shorter_ = nodes_ / panels_;
  longer_panels_ = nodes_ % panels_;
  short_ = gauss_legendre(shorter_);
  if (longer_panels_ > 0) long_ = gauss_legendre(shorter_ + 1);
}

QuadratureAxis::Panel QuadratureAxis::panel_of(std::int64_t i) const {
  const std::int64_t of_longer = longer_panels_ * (shorter_ + 1);
  const std::int64_t begin = i < of_longer ? 0 : of_longer, count = i < of_longer ? shorter_ + 1 : shorter_;
  const std::int64_t place = (i - begin) % count;
  return {i - place, count, place};
}

double QuadratureAxis::node(std::int64_t i) const {
  const Panel panel = panel_of(i);
  const double within = 0.5 * (1 + rule_of(panel).nodes[static_cast<std::size_t>(panel.place)]);
  const double fraction =
      (static_cast<double>(panel.before) + static_cast<double>(panel.count) * within) / static_cast<double>(nodes_);
  return lower_ + (upper_ - lower_) * fraction;
}

double QuadratureAxis::weight(std::int64_t i) const {
  const Panel panel = panel_of(i);
  const double length = static_cast<double>(panel.count) / static_cast<double>(nodes_);
  return 0.5 * length * rule_of(panel).weights[static_cast<std::size_t>(panel.place)];
}

}  // namespace jetpinn
