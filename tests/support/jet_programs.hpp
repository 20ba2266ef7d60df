// Jet programs of many equations, for tests of kernels: with a compiled structure and without.
#pragma once

#include "jetpinn/kernels/jet_program.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace jetpinn::test {

inline JetMonomial monomial(int target, std::vector<int> factors, double coefficient, int slot = -1) {
  JetMonomial m;
  m.target = target;
  m.degree = static_cast<int>(factors.size());
  for (std::size_t f = 0; f < factors.size(); ++f) m.factor[f] = factors[f];
  m.coefficient = coefficient;
  m.slot = slot;
  return m;
}

struct NamedProgram {
  std::string name;
  JetProgram program;
  bool compiled;
};

inline std::vector<NamedProgram> programs() {
  return {
      {"value", {1, 0, 0, {}}, true},
      {"value and slope", {2, 1, 0, {}}, true},
      {"Burgers", {3, 2, 0, {monomial(2, {1, 1}, -0.3)}}, true},
      {"Navier-Stokes 2-D", {4, 2, 0, {monomial(3, {2, 2}, 0.5), monomial(3, {1, 1}, -0.3)}}, true},
      {"Poisson 3-D", {5, 2, 0, {monomial(4, {1, 1}, 1), monomial(4, {2, 2}, 1.5), monomial(4, {3, 3}, -0.5)}}, true},
      {"KdV", {4, 3, 0, {monomial(2, {1, 1}, 1), monomial(3, {1, 2}, 0.6), monomial(3, {1, 1, 1}, 0.2)}}, true},
      {"Kuramoto-Sivashinsky",
       {5,
        4,
        0,
        {monomial(2, {1, 1}, 1), monomial(3, {1, 2}, 3), monomial(3, {1, 1, 1}, 1), monomial(4, {1, 3}, 2),
         monomial(4, {2, 2}, 1.5), monomial(4, {1, 1, 2}, 3), monomial(4, {1, 1, 1, 1}, 0.5)}},
       true},
      // fewer monomials than the structure they run on
      {"Boussinesq 2-D", {5, 2, 0, {monomial(4, {2, 2}, 0.4), monomial(4, {3, 3}, 1.4)}}, true},
      {"nonlinear Schroedinger", {4, 2, 0, {monomial(3, {2, 2}, 1)}}, true},
      {"anisotropic", {5, 2, 1, {monomial(4, {1, 3}, 0.4), monomial(4, {3, 3}, 1.4, 0)}}, true},
      {"Monge-Ampere", {6, 2, 0, {monomial(3, {1, 1}, 1), monomial(4, {1, 2}, 1), monomial(5, {2, 2}, 1)}}, true},
      {"Poisson 10-D", {12, 2, 0, {monomial(11, {1, 1}, 1), monomial(11, {7, 7}, 1), monomial(11, {10, 10}, -0.5)}}, true},
      {"beam",
       {6,
        4,
        0,
        {monomial(3, {2, 2}, 1), monomial(4, {2, 3}, 3), monomial(4, {2, 2, 2}, 1), monomial(5, {1, 1}, 1),
         monomial(5, {2, 4}, 2), monomial(5, {3, 3}, 1.5), monomial(5, {2, 2, 3}, 3), monomial(5, {2, 2, 2, 2}, 0.5)}},
       true},
      {"biharmonic",
       {9, 4, 0, {monomial(3, {1, 1}, 1),       monomial(4, {1, 2}, 1),       monomial(5, {2, 2}, 1),
                  monomial(6, {1, 1, 1}, 1),    monomial(6, {1, 3}, 3),       monomial(6, {1, 2, 2}, 1),
                  monomial(6, {1, 5}, 1),       monomial(6, {2, 4}, 2),       monomial(7, {1, 1, 2}, 1),
                  monomial(7, {1, 4}, 2),       monomial(7, {2, 3}, 1),       monomial(7, {2, 2, 2}, 1),
                  monomial(7, {2, 5}, 3),       monomial(8, {1, 1, 1, 1}, 1), monomial(8, {1, 1, 3}, 6),
                  monomial(8, {1, 6}, 4),       monomial(8, {3, 3}, 3),       monomial(8, {1, 1, 2, 2}, 2),
                  monomial(8, {1, 1, 5}, 2),    monomial(8, {1, 2, 4}, 8),    monomial(8, {2, 2, 3}, 2),
                  monomial(8, {2, 7}, 4),       monomial(8, {3, 5}, 2),       monomial(8, {4, 4}, 4),
                  monomial(8, {2, 2, 2, 2}, 1), monomial(8, {2, 2, 5}, 6),    monomial(8, {5, 5}, 3)}},
       true},
      {"sixth order",
       {7,
        6,
        1,
        {monomial(2, {1, 1}, 1),
         monomial(3, {1, 2}, 3),
         monomial(3, {1, 1, 1}, 1),
         monomial(4, {1, 3}, 4),
         monomial(4, {2, 2}, 3),
         monomial(4, {1, 1, 2}, 6),
         monomial(4, {1, 1, 1, 1}, 1),
         monomial(5, {1, 4}, 5),
         monomial(5, {2, 3}, 10),
         monomial(5, {1, 1, 3}, 10),
         monomial(5, {1, 2, 2}, 15),
         monomial(5, {1, 1, 1, 2}, 10),
         monomial(5, {1, 1, 1, 1, 1}, 1),
         monomial(6, {1, 5}, 6),
         monomial(6, {2, 4}, 15),
         monomial(6, {3, 3}, 10),
         monomial(6, {1, 1, 4}, 15),
         monomial(6, {1, 2, 3}, 60, 0),
         monomial(6, {2, 2, 2}, 15),
         monomial(6, {1, 1, 1, 3}, 20),
         monomial(6, {1, 1, 2, 2}, 45),
         monomial(6, {1, 1, 1, 1, 2}, 15),
         monomial(6, {1, 1, 1, 1, 1, 1}, 1)}},
       false},
      {"varying coefficients", {3, 2, 2, {monomial(2, {1, 1}, -0.3, 1)}}, true},
      // mixed derivatives 1, x, y, xx, xy, yy, xxy and an operator over them; targets need not come after their factors
      {"mixed third order",
       {8,
        4,
        1,
        {monomial(4, {2, 2}, 1), monomial(5, {2, 3}, 1), monomial(6, {3, 3}, 1), monomial(7, {3, 4}, 1),
         monomial(7, {2, 5}, 2), monomial(7, {2, 2, 3}, 1), monomial(1, {2, 7}, 0.7, 0), monomial(1, {4, 5}, 0.2),
         monomial(1, {2, 2, 3, 3}, 0.4)}},
       false},
  };
}

}  // namespace jetpinn::test
