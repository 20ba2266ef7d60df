#include "jetpinn/gate/rate_controller.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace jetpinn {
namespace {

// Rates of so many steps with samples whose rate follows from the threshold alone.
std::vector<double> rates_of(RateController& controller, int steps, const std::function<double(double)>& plant) {
  std::vector<double> rates;
  for (int n = 0; n < steps; ++n) {
    rates.push_back(plant(controller.threshold()));
    controller.account(rates.back());
  }
  return rates;
}

// mean of min(1, S / threshold) over S = -log u, u in (0, 1): threshold (1 - exp(-1/.)) turned round.
double exponential_rate(double threshold) { return 0.012 + 0.8 / threshold * (1 - std::exp(-threshold / 0.8)); }

TEST(RateController, StepResponseComesFromAllActiveToTheTargetAndStays) {
  RateController controller(0.06, {});
  const std::vector<double> rates = rates_of(controller, 60, exponential_rate);
  EXPECT_GT(rates.front(), 0.5);
  EXPECT_TRUE(std::any_of(rates.begin(), rates.begin() + 10, [](double rate) { return rate <= 0.10; }));
  for (std::size_t n = 20; n < rates.size(); ++n) EXPECT_NEAR(rates[n], 0.06, 0.005) << "step " << n;
  EXPECT_NEAR(rates.back(), 0.06, 1e-4);  // no offset is left: the integral sees to it
}

TEST(RateController, FollowsANewTargetFromWhereItIs) {
  RateController controller(0.06, {});
  rates_of(controller, 60, exponential_rate);
  const double before = controller.threshold();
  controller.aim(0.2);
  EXPECT_EQ(controller.threshold(), before);
  EXPECT_NEAR(rates_of(controller, 60, exponential_rate).back(), 0.2, 1e-4);
}

TEST(RateController, StaysWithinItsBounds) {
  ControllerOptions options;
  options.lowest = 0.5, options.highest = 4;
  RateController controller(0.06, options);
  for (int n = 0; n < 20; ++n) {
    controller.account(1);
    EXPECT_LE(controller.threshold(), 4 * (1 + 1e-12));
  }
  EXPECT_NEAR(controller.threshold(), 4, 1e-12);
  for (int n = 0; n < 20; ++n) controller.account(0);
  EXPECT_NEAR(controller.threshold(), 0.5, 1e-12);
}

// What a thousand steps on a bound add up to is not to be worked off: one step inwards leaves the bound.
TEST(RateController, DoesNotWindUpOnABound) {
  ControllerOptions options;
  options.highest = 4;
  RateController shortly(0.06, options), long_time(0.06, options);
  for (int n = 0; n < 20; ++n) shortly.account(1);
  for (int n = 0; n < 1000; ++n) long_time.account(1);
  EXPECT_EQ(shortly.threshold(), long_time.threshold());
  long_time.account(0.03);
  EXPECT_LT(long_time.threshold(), 4 * 0.8);  // e = log(1/2): exp((k_i + k_p) e) = 0.62 of the integral, which is below 4
}

TEST(RateController, BeginsWithinBoundsThatLeaveOutOne) {
  ControllerOptions options;
  options.lowest = 2, options.highest = 8;
  EXPECT_NEAR(RateController(0.06, options).threshold(), 2, 1e-12);
}

TEST(RateController, ARestoredOneGoesOnAsTheFirst) {
  RateController first(0.06, {}), second(0.06, {});
  rates_of(first, 7, exponential_rate);
  restore(second.state(), capture(first.state()));
  EXPECT_EQ(first.threshold(), second.threshold());
  EXPECT_EQ(rates_of(first, 5, exponential_rate), rates_of(second, 5, exponential_rate));
}

}  // namespace
}  // namespace jetpinn
