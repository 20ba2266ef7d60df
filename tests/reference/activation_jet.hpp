// Plain twin of kernels/activation_jet.hpp: loops over points, units and monomials in double, straight from the formulas.
#pragma once

#include "jetpinn/kernels/jet_program.hpp"
#include "reference/activation.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn::reference {

struct JetArrays {
  std::int64_t points = 0, width = 0;
  std::vector<double> z, h, adjoint, bias, bias_gradient;   // [channels, points, width], [width]
  std::vector<double> slots;                                // [slots, points]
};

inline double coefficient(const JetMonomial& m, const JetArrays& a, std::int64_t p) {
  return m.coefficient * (m.slot < 0 ? 1.0 : a.slots[static_cast<std::size_t>(m.slot * a.points + p)]);
}

// h from z (without bias).
inline void activation_forward(Activation activation, const JetProgram& program, JetArrays& a) {
  a.h.assign(a.z.size(), 0);
  const auto at = [&](int c, std::int64_t p, std::int64_t j) {
    return static_cast<std::size_t>((c * a.points + p) * a.width + j);
  };
  for (std::int64_t p = 0; p < a.points; ++p) {
    for (std::int64_t j = 0; j < a.width; ++j) {
      const auto s = activation_derivatives(activation, a.z[at(0, p, j)] + a.bias[static_cast<std::size_t>(j)]);
      a.h[at(0, p, j)] = static_cast<double>(s[0]);
      for (int c = 1; c < program.channels; ++c) a.h[at(c, p, j)] = static_cast<double>(s[1]) * a.z[at(c, p, j)];
      for (const JetMonomial& m : program.monomials) {
        double product = coefficient(m, a, p) * static_cast<double>(s[static_cast<std::size_t>(m.degree)]);
        for (int f = 0; f < m.degree; ++f) product *= a.z[at(m.factor[f], p, j)];
        a.h[at(m.target, p, j)] += product;
      }
    }
  }
}

// adjoint: hbar in, zbar out; bias_gradient += sum over points of zbar_0.
inline void activation_reverse(Activation activation, const JetProgram& program, JetArrays& a) {
  const std::vector<double> hbar = a.adjoint;
  const auto at = [&](int c, std::int64_t p, std::int64_t j) {
    return static_cast<std::size_t>((c * a.points + p) * a.width + j);
  };
  for (std::int64_t p = 0; p < a.points; ++p) {
    for (std::int64_t j = 0; j < a.width; ++j) {
      const auto extended = activation_derivatives(activation, a.z[at(0, p, j)] + a.bias[static_cast<std::size_t>(j)]);
      const auto s = [&](int k) { return static_cast<double>(extended[static_cast<std::size_t>(k)]); };
      for (int c = 0; c < program.channels; ++c) a.adjoint[at(c, p, j)] = s(1) * hbar[at(c, p, j)];
      for (int c = 1; c < program.channels; ++c) a.adjoint[at(0, p, j)] += s(2) * a.z[at(c, p, j)] * hbar[at(c, p, j)];
      for (const JetMonomial& m : program.monomials) {
        const double weight = coefficient(m, a, p) * hbar[at(m.target, p, j)];
        double product = weight;
        for (int f = 0; f < m.degree; ++f) product *= a.z[at(m.factor[f], p, j)];
        a.adjoint[at(0, p, j)] += s(m.degree + 1) * product;
        for (int left = 0; left < m.degree; ++left) {
          double others = weight * s(m.degree);
          for (int f = 0; f < m.degree; ++f) {
            if (f != left) others *= a.z[at(m.factor[f], p, j)];
          }
          a.adjoint[at(m.factor[left], p, j)] += others;
        }
      }
      a.bias_gradient[static_cast<std::size_t>(j)] += a.adjoint[at(0, p, j)];
    }
  }
}

}  // namespace jetpinn::reference
