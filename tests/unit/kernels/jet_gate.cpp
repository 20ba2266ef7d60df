#include "jetpinn/kernels/jet_gate.hpp"

#include "jetpinn/kernels/pack.hpp"
#include "reference/jet_gate.hpp"
#include "support/jet_programs.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

template <class T>
struct GateCase {
  std::vector<T> z, u, v, h, h_again, adjoint, u_adjoint, v_adjoint, slots, coefficients;
  reference::GateArrays exact;
};

template <class T>
GateCase<T> make_gate_case(const JetProgram& program, std::int64_t points, std::int64_t units) {
  GateCase<T> c;
  std::mt19937 generator(3);
  std::uniform_real_distribution<double> uniform(-1.2, 1.2);
  const std::int64_t width = padded<T>(units);
  const auto fill = [&](std::int64_t count) {
    std::vector<T> values(static_cast<std::size_t>(count));
    for (T& value : values) value = static_cast<T>(uniform(generator));
    return values;
  };
  const auto widen = [](const std::vector<T>& values) { return std::vector<double>(values.begin(), values.end()); };
  for (std::vector<T>* values : {&c.z, &c.u, &c.v, &c.adjoint, &c.u_adjoint, &c.v_adjoint})
    *values = fill(program.channels * points * width);
  c.h = c.h_again = std::vector<T>(c.z.size());
  c.slots = fill(program.slots * points);
  c.exact.z.points = points, c.exact.z.width = width;
  c.exact.z.z = widen(c.z), c.exact.z.adjoint = widen(c.adjoint), c.exact.z.slots = widen(c.slots);
  c.exact.u = widen(c.u), c.exact.v = widen(c.v), c.exact.u_adjoint = widen(c.u_adjoint),
  c.exact.v_adjoint = widen(c.v_adjoint);
  return c;
}

template <class T>
void run_gate(GateCase<T>& c, const JetGate<T>& gate, bool writes) {
  const JetCoefficients<T>& coefficients = gate.coefficients();
  c.coefficients.resize(static_cast<std::size_t>(coefficients.monomials() * c.exact.z.points));
  coefficients.fill(c.exact.z.points, c.slots.data(), c.exact.z.points, c.coefficients.data());
  GateSweep<T> sweep;
  sweep.tile = {c.exact.z.points, c.exact.z.width};
  sweep.coefficients = coefficients.per_point() ? c.coefficients.data() : coefficients.constant();
  sweep.coefficient_stride = coefficients.per_point() ? coefficients.monomials() : 0;
  sweep.z = c.z.data(), sweep.u = c.u.data(), sweep.v = c.v.data(), sweep.h = c.h.data();
  gate.forward({}, sweep);
  sweep.h = c.h_again.data();
  sweep.adjoint = c.adjoint.data(), sweep.u_adjoint = c.u_adjoint.data(), sweep.v_adjoint = c.v_adjoint.data();
  sweep.writes = writes;
  gate.reverse({}, sweep);
}

template <class T>
double worst_gate_error(const std::vector<T>& got, const std::vector<double>& exact) {
  test::Worst worst;
  for (std::size_t i = 0; i < exact.size(); ++i) worst.take(std::abs(got[i] - exact[i]) / std::max(1.0, std::abs(exact[i])));
  return worst.value() / std::numeric_limits<T>::epsilon();
}

// Sums of at most 60 products of factors up to 8 * 1.2^2 each; a rounding for each summand.
constexpr double gate_roundings = 60 * 8;

template <class T>
void expect_twins_agree(bool use_static) {
  for (const test::NamedProgram& named : test::programs()) {
    for (const auto& [points, units] : {std::pair{1, 1}, {7, 19}, {12, 32}}) {
      for (const bool writes : {false, true}) {
        SCOPED_TRACE(named.name + (writes ? ", overwritten" : ", added"));
        GateCase<T> c = make_gate_case<T>(named.program, points, units);
        if (writes) {
          std::fill(c.exact.u_adjoint.begin(), c.exact.u_adjoint.end(), 0.0);
          std::fill(c.exact.v_adjoint.begin(), c.exact.v_adjoint.end(), 0.0);
        }
        const JetGate<T> gate(named.program, use_static);
        EXPECT_EQ(gate.coefficients().compiled(), use_static && named.compiled);
        run_gate(c, gate, writes);
        reference::gate_forward(named.program, c.exact);
        reference::gate_reverse(named.program, c.exact);
        EXPECT_LE(worst_gate_error(c.h, c.exact.h), gate_roundings);
        EXPECT_EQ(c.h, c.h_again);
        EXPECT_LE(worst_gate_error(c.adjoint, c.exact.z.adjoint), gate_roundings);
        EXPECT_LE(worst_gate_error(c.u_adjoint, c.exact.u_adjoint), gate_roundings);
        EXPECT_LE(worst_gate_error(c.v_adjoint, c.exact.v_adjoint), gate_roundings);
      }
    }
  }
}

TEST(JetGate, CompiledStructuresAreTheFormulas) {
  expect_twins_agree<double>(true);
  expect_twins_agree<float>(true);
}

TEST(JetGate, TheInterpreterIsTheFormulas) {
  expect_twins_agree<double>(false);
  expect_twins_agree<float>(false);
}

}  // namespace
}  // namespace jetpinn
