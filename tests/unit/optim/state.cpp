// What an optimiser declares as its state is all that its next steps depend on, and each item matters.
#include "jetpinn/base/state.hpp"

#include "jetpinn/optim/placed_vector.hpp"
#include "support/functions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t state_size = 8, stage_steps = 40;
constexpr int steps = 24, compared = 6;

struct StateCase {
  const char* name;
  OptimizerOptions options;
  ParameterLayout layout = ParameterLayout::of_size(state_size);
};

// A schedule that moves at every step, clipping that sets in and a history that overflows: nothing may be without effect.
std::vector<StateCase> state_cases() {
  OptimizerOptions adam;
  adam.learning_rate.kind = "exponential";
  adam.learning_rate.start = 0.05;
  adam.learning_rate.every = 5;
  adam.learning_rate.warmup = 3;
  adam.clip = 50;
  OptimizerOptions by_norm = adam;
  by_norm.learning_rate.kind = "gradient_norm";
  OptimizerOptions lbfgs;
  lbfgs.kind = "lbfgs";
  lbfgs.history = 4;
  OptimizerOptions bfgs, ssbroyden, ngd;
  bfgs.kind = "bfgs";
  ssbroyden.kind = "ssbroyden";
  ngd.kind = "ngd";
  OptimizerOptions soap = adam;
  soap.kind = "soap";
  soap.precondition_frequency = 2;
  return {{"adam", adam},           {"gradient_norm", by_norm},
          {"lbfgs", lbfgs},         {"bfgs", bfgs},
          {"ssbroyden", ssbroyden}, {"ngd", ngd},
          {"soap", soap, ParameterLayout({{"weight", 2, 3, 0}, {"bias", 1, 2, 6}})}};
}

// Those that a device computes.
std::vector<StateCase> cases_on_a_device() {
  std::vector<StateCase> all = state_cases();
  all.erase(std::remove_if(all.begin(), all.end(), [](const StateCase& c) { return c.options.on_host(); }), all.end());
  return all;
}

// All that an observer of a run sees: parameters and reports, bit for bit.
using Trace = std::vector<double>;

Trace follow(Optimizer& optimizer, std::vector<double> x, int count) {
  auto objective = testing::rosenbrock(state_size);
  Trace trace;
  for (int i = 0; i < count; ++i) {
    const StepReport report = optimizer.step(objective, x.data());
    trace.insert(trace.end(), x.begin(), x.end());
    trace.insert(trace.end(), {report.loss, report.gradient_norm, report.learning_rate,
                               static_cast<double>(report.evaluations), static_cast<double>(report.finished.size())});
  }
  return trace;
}

struct Moment {
  StateValues values;
  std::vector<double> x;
};

// A run with what may happen to one: points resampled at step 9, a roll-back at step 15.
std::vector<Moment> moments_of(const StateCase& c) {
  auto optimizer = make_optimizer(c.options, c.layout, stage_steps);
  const State places = optimizer->state();   // taken once: the places stay valid while the optimiser works
  auto objective = testing::rosenbrock(state_size);
  std::vector<double> x(static_cast<std::size_t>(state_size), -0.7);
  std::vector<Moment> moments;
  for (int step = 0; step < steps; ++step) {
    if (step == 9) optimizer->objective_changed();
    if (step == 15) optimizer->restart(0.5);
    moments.push_back({capture(places), x});
    optimizer->step(objective, x.data());
  }
  return moments;
}

Trace resumed(const StateCase& c, const Moment& moment) {
  auto optimizer = make_optimizer(c.options, c.layout, stage_steps);
  restore(optimizer->state(), moment.values);
  return follow(*optimizer, moment.x, compared);
}

bool zero(StateValue& value) {   // false: it was zero already
  if (const auto* column = std::get_if<ColumnValue>(&value)) {
    const auto read = [](std::int64_t, std::int64_t count, double* out) { std::fill_n(out, count, 0.0); };
    const ColumnValue zeros = {column->rows, read};
    const bool differs = !(*column == zeros);
    value = zeros;
    return differs;
  }
  StateValue before = value;
  if (auto* numbers = std::get_if<std::vector<double>>(&value)) std::fill(numbers->begin(), numbers->end(), 0.0);
  if (auto* counter = std::get_if<std::int64_t>(&value)) *counter = 0;
  return value != before;
}

TEST(OptimizerState, WhatIsRestoredGoesOnBitForBit) {
  for (const StateCase& c : state_cases()) {
    const auto moments = moments_of(c);
    for (int n = 0; n < steps; ++n) {
      auto whole = make_optimizer(c.options, c.layout, stage_steps);
      auto objective = testing::rosenbrock(state_size);
      std::vector<double> x(static_cast<std::size_t>(state_size), -0.7);
      for (int step = 0; step <= n; ++step) {
        if (step == 9) whole->objective_changed();
        if (step == 15) whole->restart(0.5);
        if (step < n) whole->step(objective, x.data());
      }
      ASSERT_EQ(x, moments[static_cast<std::size_t>(n)].x);
      EXPECT_EQ(resumed(c, moments[static_cast<std::size_t>(n)]), follow(*whole, x, compared)) << c.name << " at step " << n;
    }
  }
}

TEST(OptimizerState, EveryItemMatters) {
  for (const StateCase& c : state_cases()) {
    std::map<std::string, int> differences;
    const auto moments = moments_of(c);
    for (std::size_t n = 0; n < moments.size(); ++n) {
      const Trace expected = resumed(c, moments[n]);
      for (const auto& [name, value] : moments[n].values) {
        differences[name] += 0;
        Moment changed = moments[n];
        if (!zero(changed.values.at(name))) continue;
        const bool differs = resumed(c, changed) != expected;
        differences[name] += differs;
        // Until the loss of the parameters is known again, what was known before is stale.
        const bool stale = c.options.searches() && std::get<std::int64_t>(moments[n].values.at("started")) == 0;
        EXPECT_TRUE(differs || stale) << c.name << ": '" << name << "' dropped at step " << n << " changes nothing";
      }
    }
    for (const auto& [name, count] : differences) EXPECT_GT(count, 0) << c.name << ": '" << name << "' is never needed";
  }
}

// Parameters after each of `count` steps from what `values` hold.
std::vector<std::vector<double>> steps_from(const StateCase& c, const StateValues* values, PlacedVector& x, int count,
                                            VectorDevice* device, StateValues* end = nullptr) {
  const auto optimizer = make_optimizer(c.options, c.layout, stage_steps, device);
  if (values) restore(optimizer->state(), *values);
  auto objective = testing::rosenbrock(state_size);
  std::vector<std::vector<double>> after;
  for (int i = 0; i < count; ++i) {
    optimizer->step(objective, x);
    after.push_back(x.values());
  }
  if (end) *end = capture(optimizer->state());
  return after;
}

PlacedVector start_on(VectorDevice* device) {
  PlacedVector x(state_size, device);
  x.open().assign(static_cast<std::size_t>(state_size), -0.7);
  return x;
}

// Sums in another order differ by roundings, which the steps carry on.
void expect_histories_near(const std::vector<std::vector<double>>& a, const std::vector<std::vector<double>>& b,
                           double tolerance, const char* what) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t step = 0; step < a.size(); ++step)
    for (std::size_t i = 0; i < a[step].size(); ++i)
      EXPECT_NEAR(a[step][i], b[step][i], tolerance) << what << ", step " << step << ", parameter " << i;
}

TEST(OptimizerOnADevice, TakesTheStepsOfTheHost) {
  const auto device = make_vector_device("emulated");
  for (const StateCase& c : cases_on_a_device()) {
    PlacedVector here = start_on(nullptr), there = start_on(device.get());
    const auto expected = steps_from(c, nullptr, here, steps, nullptr);
    EXPECT_NE(expected.front(), expected.back());
    expect_histories_near(steps_from(c, nullptr, there, steps, device.get()), expected, 1e-11, c.name);
  }
}

// What was captured on either goes on on either: to the last bit on the same, to rounding on the other.
TEST(OptimizerOnADevice, GoesOnFromWhatWasCaptured) {
  const auto device = make_vector_device("emulated");
  for (const StateCase& c : cases_on_a_device()) {
    for (VectorDevice* from : {static_cast<VectorDevice*>(nullptr), device.get()}) {
      PlacedVector x = start_on(from), whole = start_on(from);
      const auto expected = steps_from(c, nullptr, whole, steps, from);
      for (const int stop : {1, 3, 11}) {  // the history fills, is full
        x = start_on(from);
        StateValues values;
        steps_from(c, nullptr, x, stop, from, &values);
        const std::vector<std::vector<double>> rest(expected.begin() + stop, expected.end());
        for (VectorDevice* to : {static_cast<VectorDevice*>(nullptr), device.get()}) {
          PlacedVector go_on(state_size, to);
          go_on.open() = x.values();
          const auto after = steps_from(c, &values, go_on, steps - stop, to);
          if (from == to)
            EXPECT_EQ(after, rest) << c.name << " from step " << stop;
          else
            expect_histories_near(after, rest, 1e-11, c.name);
        }
      }
    }
  }
}

// A run saves between its steps: that the state was asked for changes nothing.
TEST(OptimizerOnADevice, ASaveChangesNothing) {
  const auto device = make_vector_device("emulated");
  for (const StateCase& c : cases_on_a_device()) {
    PlacedVector whole = start_on(device.get()), saved = start_on(device.get());
    const auto expected = steps_from(c, nullptr, whole, steps, device.get());
    const auto optimizer = make_optimizer(c.options, c.layout, stage_steps, device.get());
    auto objective = testing::rosenbrock(state_size);
    for (int i = 0; i < steps; ++i) {
      optimizer->step(objective, saved);
      capture(optimizer->state());
    }
    EXPECT_EQ(saved.values(), expected.back()) << c.name;
  }
}

}  // namespace
}  // namespace jetpinn
