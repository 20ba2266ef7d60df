// Plain twin of kernels/jet_gate.hpp: loops over points, units and monomials in double, straight from the formulas.
#pragma once

#include "reference/activation_jet.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn::reference {

struct GateArrays {
  JetArrays z;                                        // its z and slots; its adjoint: hbar in, zbar out
  std::vector<double> u, v, h, u_adjoint, v_adjoint;  // [channels, points, width]
};

// f(result, a, b, factor): every product of a value of one factor and one of the other, by the Leibniz rule.
template <class F>
void each_product(const JetProgram& program, const GateArrays& g, const F& f) {
  const auto at = [&](int c, std::int64_t p, std::int64_t j) {
    return static_cast<std::size_t>((c * g.z.points + p) * g.z.width + j);
  };
  for (std::int64_t p = 0; p < g.z.points; ++p) {
    for (std::int64_t j = 0; j < g.z.width; ++j) {
      f(at(0, p, j), at(0, p, j), at(0, p, j), 1.0);
      for (int c = 1; c < program.channels; ++c) {
        f(at(c, p, j), at(0, p, j), at(c, p, j), 1.0);
        f(at(c, p, j), at(c, p, j), at(0, p, j), 1.0);
      }
      for (const JetMonomial& m : program.monomials) {
        if (m.degree != 2) continue;
        f(at(m.target, p, j), at(m.factor[0], p, j), at(m.factor[1], p, j), coefficient(m, g.z, p));
        f(at(m.target, p, j), at(m.factor[1], p, j), at(m.factor[0], p, j), coefficient(m, g.z, p));
      }
    }
  }
}

// h = u + z (v - u)
inline void gate_forward(const JetProgram& program, GateArrays& g) {
  g.h = g.u;
  each_product(program, g,
               [&](std::size_t to, std::size_t a, std::size_t b, double k) { g.h[to] += k * g.z.z[a] * (g.v[b] - g.u[b]); });
}

inline void gate_reverse(const JetProgram& program, GateArrays& g) {
  const std::vector<double> hbar = g.z.adjoint;
  g.z.adjoint.assign(hbar.size(), 0);
  for (std::size_t i = 0; i < hbar.size(); ++i) g.u_adjoint[i] += hbar[i];
  each_product(program, g, [&](std::size_t from, std::size_t a, std::size_t b, double k) {
    g.z.adjoint[a] += k * hbar[from] * (g.v[b] - g.u[b]);
    g.v_adjoint[b] += k * hbar[from] * g.z.z[a];
    g.u_adjoint[b] -= k * hbar[from] * g.z.z[a];
  });
}

}  // namespace jetpinn::reference
