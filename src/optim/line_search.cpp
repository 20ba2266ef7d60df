#include "jetpinn/optim/line_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

// Minimiser of the cubic through two points with their slopes, kept inside the interval by a
// tenth of its length on each side.
double interpolate(const LinePoint& a, const LinePoint& b) {
  const double lower = std::min(a.step, b.step), upper = std::max(a.step, b.step), margin = 0.1 * (upper - lower);
  double best = 0.5 * (lower + upper);
  if (a.finite && b.finite) {
    const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step);
    const double square = d1 * d1 - a.slope * b.slope;
    if (square >= 0) {
      const double d2 = std::copysign(std::sqrt(square), b.step - a.step);
      const double cubic = b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
      if (std::isfinite(cubic)) best = cubic;
    }
  }
  return std::clamp(best, lower + margin, upper - margin);
}

class Search {
 public:
  Search(const LinePoint& start, const std::function<LinePoint(double)>& evaluate, const WolfeOptions& options)
      : start_(start), evaluate_(evaluate), options_(options) {}

  LineSearchResult run(double first_step) {
    LinePoint previous = start_;
    double step = first_step;
    while (left()) {
      const LinePoint point = at(step);
      if (!point.finite) return shrink(previous, point);
      if (!decreased(point) || (previous.step > 0 && point.value >= previous.value)) return zoom(previous, point);
      if (flat(point)) return done(point);
      if (point.slope >= 0) return zoom(point, previous);
      previous = point;
      step *= 2.5;
    }
    return give_up(previous);
  }

 private:
  bool left() const { return evaluations_ < options_.max_evaluations; }
  LinePoint at(double step) {
    ++evaluations_;
    return last_ = evaluate_(step);
  }
  // f has a rounding error of its own: near the minimum a decrease below it cannot be asked for (Hager and Zhang's
  // approximate Wolfe condition, SIAM J. Optim. 16 (2005) 170, with the slopes in place of the values).
  bool decreased(const LinePoint& p) const {
    if (!p.finite) return false;
    if (p.value <= start_.value + options_.decrease * p.step * start_.slope) return true;
    const double noise = 8 * std::numeric_limits<double>::epsilon() * std::abs(start_.value);
    return std::abs(p.value - start_.value) <= noise && p.slope <= (2 * options_.decrease - 1) * start_.slope;
  }
  bool flat(const LinePoint& p) const { return std::abs(p.slope) <= -options_.curvature * start_.slope; }

  // The caller wants the last evaluated point to be the accepted one: its gradient is at hand.
  LineSearchResult done(LinePoint point) { return finish(point, true); }
  // Out of evaluations or of digits: good enough when it is a real decrease.
  LineSearchResult give_up(LinePoint low) { return finish(low, low.step > 0 && low.value < start_.value); }
  LineSearchResult finish(LinePoint point, bool success) {
    if (success && point.step != last_.step) point = at(point.step);
    return {point, success, evaluations_};
  }

  // Not finite at `beyond`: come back until it is, then bracket from there.
  LineSearchResult shrink(const LinePoint& low, LinePoint beyond) {
    while (left()) {
      const LinePoint point = at(low.step + 0.25 * (beyond.step - low.step));
      if (point.finite) {
        if (!decreased(point) || (low.step > 0 && point.value >= low.value)) return zoom(low, point);
        if (flat(point)) return done(point);
        return zoom(point, point.slope >= 0 ? low : beyond);
      }
      beyond = point;
    }
    return give_up(low);
  }

  // Invariant: low satisfies the decrease condition with the lowest value so far, its slope points to high.
  LineSearchResult zoom(LinePoint low, LinePoint high) {
    while (left() && std::abs(high.step - low.step) > 1e-14 * std::max(low.step, high.step)) {
      const LinePoint point = at(interpolate(low, high));
      if (!decreased(point) || point.value > low.value) {
        high = point;
        continue;
      }
      if (flat(point)) return done(point);
      if (point.slope * (high.step - low.step) >= 0) high = low;
      low = point;
    }
    return give_up(low);
  }

  LinePoint start_, last_;
  const std::function<LinePoint(double)>& evaluate_;
  WolfeOptions options_;
  int evaluations_ = 0;
};

}  // namespace

LineSearchResult search_wolfe(const LinePoint& start, double first_step, const std::function<LinePoint(double)>& evaluate,
                              const WolfeOptions& options) {
  return Search(start, evaluate, options).run(first_step);
}

}  // namespace jetpinn
