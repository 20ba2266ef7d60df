#include "jetpinn/kernels/coefficient_adjoint.hpp"

#include "jetpinn/kernels/device_coefficients.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "reference/jet_gate.hpp"
#include "support/all_activations.hpp"
#include "support/jet_programs.hpp"
#include "support/on_device.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace jetpinn {
namespace {

// The program with a slot for every second of its monomials, two slots in turn, so that monomials share them.
JetProgram with_slots(JetProgram program) {
  program.slots = 2;
  for (std::size_t m = 0; m < program.monomials.size(); ++m)
    program.monomials[m].slot = m % 3 == 2 ? -1 : static_cast<int>(m % 2);
  return program;
}

std::vector<JetMonomial> wanted(const JetProgram& program) {
  std::vector<JetMonomial> monomials;
  for (const JetMonomial& m : program.monomials)
    if (m.slot >= 0) monomials.push_back(m);
  return monomials;
}

struct AdjointCase {
  reference::GateArrays exact;
  std::int64_t stride = 0;

  AdjointCase(const JetProgram& program, std::int64_t points, std::int64_t width) : stride(points + 3) {
    std::mt19937 generator(5);
    // Halves of fp32 numbers, exact in both types.
    std::uniform_int_distribution<int> uniform(-64, 64);
    const auto fill = [&](std::vector<double>& values, std::int64_t count) {
      values.resize(static_cast<std::size_t>(count));
      for (double& value : values) value = uniform(generator) / 64.0;
    };
    const std::int64_t size = program.channels * points * width;
    exact.z.points = points, exact.z.width = width;
    for (std::vector<double>* values : {&exact.z.z, &exact.z.adjoint, &exact.u, &exact.v}) fill(*values, size);
    exact.z.bias.assign(static_cast<std::size_t>(width), 0.0);
    exact.z.slots.assign(static_cast<std::size_t>(program.slots * points), 0.0);
  }

  // Jets are linear in each slot, so that its adjoint is what the slot changes from 0 to 1: hbar . (h(1) - h(0)).
  template <class Forward>
  std::vector<double> adjoints(const JetProgram& program, const Forward& forward) {
    const std::int64_t points = exact.z.points, width = exact.z.width;
    std::vector<double> result(static_cast<std::size_t>(program.slots * stride), 0.25);
    const std::vector<double> without = forward();
    for (int s = 0; s < program.slots; ++s) {
      std::fill_n(exact.z.slots.begin() + s * points, points, 1.0);
      const std::vector<double> with = forward();
      std::fill_n(exact.z.slots.begin() + s * points, points, 0.0);
      for (std::size_t i = 0; i < with.size(); ++i) {
        const std::int64_t p = static_cast<std::int64_t>(i) / width % points;
        result[static_cast<std::size_t>(s * stride + p)] += exact.z.adjoint[i] * (with[i] - without[i]);
      }
    }
    return result;
  }
};

template <class T>
std::vector<T> narrow(const std::vector<double>& values) {
  return std::vector<T>(values.begin(), values.end());
}

// Units times monomials addends of up to 2 * 8, their factors accurate to some 10 epsilons.
template <class T>
void expect_adjoint_near(const std::vector<double>& got, const std::vector<double>& exact, std::int64_t width) {
  test::Worst worst;
  for (std::size_t i = 0; i < exact.size(); ++i) worst.take(std::abs(got[i] - exact[i]));
  EXPECT_LE(worst.value(), 10 * 16 * 16.0 * static_cast<double>(width) * std::numeric_limits<T>::epsilon());
}

// The slots' adjoints, from what they have before, as `reverse` leaves them on a device.
template <class T, class Reverse>
std::vector<double> on_device(const CoefficientSweep<T>& sweep, const std::vector<T>& z, const std::vector<T>& adjoint,
                              const std::vector<T>& u, const std::vector<T>& v, std::size_t slots, const Reverse& reverse) {
  test::OnDevice device;
  CoefficientSweep<T, EmulatedSpace> there;
  there.tile = sweep.tile;
  there.stride = sweep.stride;
  there.z = device.put(z), there.adjoint = device.put(adjoint), there.u = device.put(u), there.v = device.put(v);
  const auto sums = device.put(std::vector<double>(slots, 0.25));
  there.slots = sums;
  there.partial = device.room<double>(coefficient_scratch(sweep.tile));
  reverse(device.stream(), there);
  return device.get(sums, slots);
}

template <class T>
void check_activation(Activation activation, const JetProgram& program, std::int64_t points, std::int64_t width) {
  AdjointCase c(program, points, width);
  const auto expected = c.adjoints(program, [&] {
    reference::activation_forward(activation, program, c.exact.z);
    return c.exact.z.h;
  });
  // The kernel reads the memo that a forward sweep leaves.
  std::vector<T> z = narrow<T>(c.exact.z.z), h(z.size()), bias(static_cast<std::size_t>(width));
  const std::vector<T> adjoint = narrow<T>(c.exact.z.adjoint);
  const ActivationJet<T> jet(activation, program);
  std::vector<T> coefficients(static_cast<std::size_t>(jet.coefficients().monomials() * points));
  JetSweep<T> forward;
  forward.tile = {points, width};
  forward.coefficients = coefficients.data();
  forward.coefficient_stride = jet.coefficients().monomials();
  forward.bias = bias.data(), forward.z = z.data(), forward.h = h.data();
  jet.forward({}, forward);

  std::vector<double> slots(expected.size(), 0.25);
  CoefficientSweep<T> sweep;
  sweep.tile = {points, width};
  sweep.adjoint = adjoint.data(), sweep.z = z.data(), sweep.slots = slots.data(), sweep.stride = c.stride;
  activation_coefficients_reverse<T>({}, activation, wanted(program), sweep);
  expect_adjoint_near<T>(slots, expected, width);
  expect_adjoint_near<T>(on_device(sweep, z, adjoint, {}, {}, expected.size(),
                                   [&](Stream stream, const auto& there) {
                                     activation_coefficients_reverse(stream, activation, wanted(program), there);
                                   }),
                         expected, width);
}

template <class T>
void check_gate(const JetProgram& program, std::int64_t points, std::int64_t width) {
  AdjointCase c(program, points, width);
  const auto expected = c.adjoints(program, [&] {
    reference::gate_forward(program, c.exact);
    return c.exact.h;
  });
  const std::vector<T> z = narrow<T>(c.exact.z.z), u = narrow<T>(c.exact.u), v = narrow<T>(c.exact.v),
                       adjoint = narrow<T>(c.exact.z.adjoint);
  std::vector<double> slots(expected.size(), 0.25);
  CoefficientSweep<T> sweep;
  sweep.tile = {points, width};
  sweep.adjoint = adjoint.data(), sweep.z = z.data(), sweep.u = u.data(), sweep.v = v.data();
  sweep.slots = slots.data(), sweep.stride = c.stride;
  gate_coefficients_reverse<T>({}, monomials_of_degree_two(wanted(program)), sweep);
  expect_adjoint_near<T>(slots, expected, width);
  expect_adjoint_near<T>(on_device(sweep, z, adjoint, u, v, expected.size(),
                                   [&](Stream stream, const auto& there) {
                                     gate_coefficients_reverse(stream, monomials_of_degree_two(wanted(program)), there);
                                   }),
                         expected, width);
}

TEST(CoefficientAdjoint, IsWhatASlotChanges) {
  for (const test::NamedProgram& named : test::programs()) {
    SCOPED_TRACE(named.name);
    const JetProgram program = with_slots(named.program);
    for (const Activation activation : test::all_activations()) {
      check_activation<double>(activation, program, 1, 8);
      check_activation<double>(activation, program, 7, 24);
      check_activation<float>(activation, program, 5, 32);
    }
    check_gate<double>(program, 1, 8);
    check_gate<double>(program, 7, 24);
    check_gate<float>(program, 5, 32);
  }
}

template <class T>
void check_features(std::int64_t points, std::int64_t width) {
  const std::vector<int> channel{0, 1, 1, 3}, feature{2, 0, 1, 2};
  const std::int64_t stride = points + 2;
  std::mt19937 generator(9);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<T> weights(static_cast<std::size_t>(3 * width)), adjoint(static_cast<std::size_t>(4 * points * width)),
      xbar(static_cast<std::size_t>(4 * stride), T(-7));
  for (std::vector<T>* values : {&weights, &adjoint})
    for (T& value : *values) value = static_cast<T>(uniform(generator));
  features_reverse<T>({}, {points, width}, channel, feature, weights.data(), adjoint.data(), xbar.data(), stride);
  for (std::size_t e = 0; e < channel.size(); ++e)
    for (std::int64_t p = 0; p < stride; ++p) {
      const double got = xbar[e * static_cast<std::size_t>(stride) + static_cast<std::size_t>(p)];
      double exact = p < points ? 0 : -7;
      for (std::int64_t j = 0; p < points && j < width; ++j)
        exact += double(weights[static_cast<std::size_t>(feature[e] * width + j)]) *
                 adjoint[static_cast<std::size_t>((channel[e] * points + p) * width + j)];
      ASSERT_NEAR(got, exact, static_cast<double>(width) * std::numeric_limits<T>::epsilon()) << e << ", " << p;
    }
}

// One channel and one feature, over more units than a run of a sum has.
template <class T>
void check_feature_on_device(std::int64_t points, std::int64_t width) {
  std::vector<T> weights(static_cast<std::size_t>(width)), adjoint(static_cast<std::size_t>(points * width));
  for (std::size_t j = 0; j < weights.size(); ++j) weights[j] = static_cast<T>(std::sin(0.7 * static_cast<double>(j)));
  for (std::size_t i = 0; i < adjoint.size(); ++i) adjoint[i] = static_cast<T>(std::cos(1.9 * static_cast<double>(i)));
  const JetTile tile{points, width};
  test::OnDevice device;
  const auto xbar = device.put(std::vector<double>(static_cast<std::size_t>(points), 5.0));
  feature_reverse<T, EmulatedSpace>(device.stream(), tile, device.put(weights), device.put(adjoint),
                                    device.room<double>(coefficient_scratch(tile)), xbar);
  const std::vector<double> got = device.get(xbar, static_cast<std::size_t>(points));
  for (std::int64_t p = 0; p < points; ++p) {
    double exact = 0;
    for (std::int64_t j = 0; j < width; ++j)
      exact += double(weights[static_cast<std::size_t>(j)]) * adjoint[static_cast<std::size_t>(p * width + j)];
    EXPECT_NEAR(got[static_cast<std::size_t>(p)], exact, static_cast<double>(width) * 1e-16) << p;
  }
}

TEST(CoefficientAdjoint, FeaturesMatchPlainLoops) {
  check_feature_on_device<double>(7, 300);
  check_feature_on_device<float>(2, 129);
  check_features<double>(1, 8);
  check_features<double>(63, 40);
  check_features<float>(5, 64);
}

}  // namespace
}  // namespace jetpinn
