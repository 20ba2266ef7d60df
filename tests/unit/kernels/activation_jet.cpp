#include "jetpinn/kernels/activation_jet.hpp"

#include "jetpinn/kernels/pack.hpp"
#include "reference/activation_jet.hpp"
#include "support/all_activations.hpp"
#include "support/jet_programs.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using test::NamedProgram, test::monomial, test::programs;

template <class T>
struct Case {
  reference::JetArrays exact;
  std::vector<T> z, h, h_again, adjoint, bias, bias_gradient, slots, coefficients;
  JetSweep<T> sweep;
};

template <class T>
Case<T> make_case(const JetProgram& program, std::int64_t points, std::int64_t units) {
  Case<T> c;
  std::mt19937 generator(7);
  std::uniform_real_distribution<double> uniform(-1.2, 1.2);
  const std::int64_t width = padded<T>(units);
  const auto fill = [&](std::int64_t count) {
    std::vector<T> values(static_cast<std::size_t>(count));
    for (T& v : values) v = static_cast<T>(uniform(generator));
    return values;
  };
  const auto widen = [](const std::vector<T>& v) { return std::vector<double>(v.begin(), v.end()); };
  c.z = fill(program.channels * points * width);
  c.h = c.h_again = std::vector<T>(c.z.size());
  c.adjoint = fill(program.channels * points * width);
  c.bias = fill(width);
  c.bias_gradient = fill(width);
  c.slots = fill(program.slots * points);
  c.exact = {points, width, widen(c.z), {}, widen(c.adjoint), widen(c.bias), widen(c.bias_gradient), widen(c.slots)};
  return c;
}

template <class T>
void run(Case<T>& c, const ActivationJet<T>& jet) {
  JetSweep<T> sweep;
  sweep.tile = {c.exact.points, c.exact.width};
  c.coefficients.resize(static_cast<std::size_t>(jet.coefficients().monomials() * c.exact.points));
  jet.coefficients().fill(c.exact.points, c.slots.data(), c.exact.points, c.coefficients.data());
  sweep.coefficients = jet.coefficients().per_point() ? c.coefficients.data() : jet.coefficients().constant();
  sweep.coefficient_stride = jet.coefficients().per_point() ? jet.coefficients().monomials() : 0;
  sweep.bias = c.bias.data();
  sweep.z = c.z.data();
  sweep.h = c.h.data();
  jet.forward({}, sweep);
  sweep.h = c.h_again.data();
  sweep.adjoint = c.adjoint.data();
  sweep.bias_gradient = c.bias_gradient.data();
  jet.reverse({}, sweep);
}

template <class T>
double worst_error(const std::vector<T>& got, const std::vector<double>& exact) {
  test::Worst worst;
  for (std::size_t i = 0; i < exact.size(); ++i) worst.take(std::abs(got[i] - exact[i]) / std::max(1.0, std::abs(exact[i])));
  return worst.value() / std::numeric_limits<T>::epsilon();
}

// Products of up to four factors near 1 with derivatives accurate to some 10 epsilons
// (activation.cpp), summed over the monomials.
template <class T>
void compare_with_twin(Activation activation, const NamedProgram& named, std::int64_t points, std::int64_t units) {
  SCOPED_TRACE(named.name + ", " + std::to_string(points) + " points, " + std::to_string(units) + " units, activation " +
               std::to_string(static_cast<int>(activation)));
  Case<T> fast = make_case<T>(named.program, points, units), any = fast;
  const ActivationJet<T> compiled(activation, named.program), interpreted(activation, named.program, false);
#ifndef JETPINN_FEW_JET_STRUCTURES   // sanitizers: most structures are left to the interpreter
  EXPECT_EQ(compiled.compiled(), named.compiled);
#endif
  EXPECT_FALSE(interpreted.compiled());
  run(fast, compiled);
  run(any, interpreted);
  reference::activation_forward(activation, named.program, fast.exact);
  reference::activation_reverse(activation, named.program, fast.exact);
  const double bound = 20.0 * (2.0 + static_cast<double>(named.program.monomials.size()));
  const double sum_bound = bound * std::sqrt(static_cast<double>(points));
  for (const Case<T>* c : {&fast, &any}) {
    EXPECT_LE(worst_error(c->h, fast.exact.h), bound);
    EXPECT_LE(worst_error(c->h_again, fast.exact.h), bound);
    EXPECT_LE(worst_error(c->adjoint, fast.exact.adjoint), bound);
    EXPECT_LE(worst_error(c->bias_gradient, fast.exact.bias_gradient), sum_bound);
  }
}

TEST(ActivationJet, EveryProgramMatchesItsTwin) {
  for (const auto& named : programs()) {
    compare_with_twin<double>(Activation::tanh, named, 7, 20);
    compare_with_twin<float>(Activation::tanh, named, 7, 20);
  }
}

TEST(ActivationJet, EveryActivationMatchesItsTwin) {
  for (auto activation : test::all_activations()) {
    for (const auto& named : programs()) {
      compare_with_twin<double>(activation, named, 5, 9);
      compare_with_twin<float>(activation, named, 5, 9);
    }
  }
}

TEST(ActivationJet, AwkwardSizes) {
  for (const auto& named : {programs()[2], programs().back()}) {
    for (auto [points, units] : {std::pair{1, 1}, {1, 63}, {63, 1}, {63, 63}, {597, 43}}) {
      compare_with_twin<double>(Activation::tanh, named, points, units);
      compare_with_twin<float>(Activation::tanh, named, points, units);
    }
  }
}

TEST(ActivationJet, ReverseWithoutRecomputedActivationsGivesTheSameAdjoints) {
  for (const auto& named : programs()) {
    Case<double> with = make_case<double>(named.program, 9, 16), without = with;
    const ActivationJet<double> jet(Activation::tanh, named.program);
    run(with, jet);
    JetSweep<double> sweep;
    sweep.tile = {9, 16};
    std::vector<double> k(static_cast<std::size_t>(jet.coefficients().monomials() * 9));
    jet.coefficients().fill(9, without.slots.data(), 9, k.data());
    sweep.coefficients = k.data();
    sweep.coefficient_stride = jet.coefficients().monomials();
    sweep.bias = without.bias.data();
    sweep.z = without.z.data();
    sweep.h = without.h.data();
    jet.forward({}, sweep);
    sweep.h = nullptr;
    sweep.adjoint = without.adjoint.data();
    sweep.bias_gradient = without.bias_gradient.data();
    jet.reverse({}, sweep);
    EXPECT_EQ(with.adjoint, without.adjoint) << named.name;
  }
}

}  // namespace
}  // namespace jetpinn
