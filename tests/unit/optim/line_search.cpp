#include "jetpinn/optim/line_search.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace jetpinn {
namespace {

struct Case {
  const char* name;
  std::function<double(double)> value, slope;
  double first;
};

// The functions of Moré and Thuente (ACM TOMS 20 (1994) 286), section 5, and first steps from far too short to far too long.
std::vector<Case> cases() {
  const double beta1 = 2;
  std::vector<Case> all;
  for (double first : {1e-3, 1e-1, 1e1, 1e3}) {
    all.push_back({"rational", [=](double a) { return -a / (a * a + beta1); },
                   [=](double a) { return (a * a - beta1) / ((a * a + beta1) * (a * a + beta1)); }, first});
    all.push_back({"steep", [](double a) { return std::pow(a + 0.004, 5) - 2 * std::pow(a + 0.004, 4); },
                   [](double a) { return 5 * std::pow(a + 0.004, 4) - 8 * std::pow(a + 0.004, 3); }, first});
    all.push_back({"parabola", [](double a) { return (a - 1) * (a - 1); }, [](double a) { return 2 * (a - 1); }, first});
  }
  return all;
}

TEST(LineSearch, AcceptedPointsFulfilStrongWolfe) {
  WolfeOptions options;
  options.curvature = 0.1;
  options.max_evaluations = 60;
  for (const Case& c : cases()) {
    const LinePoint start{0, c.value(0), c.slope(0), true};
    double last = -1;
    const auto result = search_wolfe(start, c.first, [&](double a) {
      last = a;
      return LinePoint{a, c.value(a), c.slope(a), true};
    }, options);
    ASSERT_TRUE(result.success) << c.name << " " << c.first;
    EXPECT_EQ(result.point.step, last) << "the accepted point is the last one evaluated";
    EXPECT_LE(result.point.value, start.value + options.decrease * result.point.step * start.slope)
        << c.name << " " << c.first;
    EXPECT_LE(std::abs(result.point.slope), -options.curvature * start.slope) << c.name << " " << c.first;
    EXPECT_LE(result.evaluations, 30) << c.name << " " << c.first;
  }
}

TEST(LineSearch, FailsOnALineThatOnlyRises) {
  const auto result = search_wolfe({0, 0, -1, true}, 1, [](double a) { return LinePoint{a, a, -1, true}; });
  EXPECT_FALSE(result.success);
  EXPECT_LE(result.evaluations, WolfeOptions{}.max_evaluations + 1);
}

}  // namespace
}  // namespace jetpinn
