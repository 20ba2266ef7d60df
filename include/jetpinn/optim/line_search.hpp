// Line search for the strong Wolfe conditions: bracketing and zoom with safeguarded cubic interpolation
// (Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 3.5 and 3.6).
#pragma once

#include <functional>

namespace jetpinn {

// phi(a) = f(x + a p) and its slope.
struct LinePoint {
  double step = 0, value = 0, slope = 0;
  bool finite = true;
};

struct WolfeOptions {
  double decrease = 1e-4;       // c1
  double curvature = 0.9;       // c2
  int max_evaluations = 25;
};

struct LineSearchResult {
  LinePoint point;              // the last point evaluated when success
  bool success = false;         // both conditions hold, or the value is lower and the search is out of evaluations or digits
  int evaluations = 0;
};

// start: phi at 0 (slope < 0). evaluate(a) may return finite = false: the step is then taken to be too long.
LineSearchResult search_wolfe(const LinePoint& start, double first_step, const std::function<LinePoint(double)>& evaluate,
                              const WolfeOptions& options = {});

}  // namespace jetpinn
