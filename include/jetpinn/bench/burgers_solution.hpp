// The exact solution of u_t + u u_x = nu u_xx on [-1, 1] with u(0, x) = -sin(pi x) and u(t, -1) = u(t, 1) = 0.
#pragma once

#include <string>

namespace jetpinn {

// By the transformation of Cole and Hopf (Basdevant et al., Computers & Fluids 14, 1986), integrated by the trapezoidal
// rule, which converges exponentially here: exact to about 1e-12 for nu >= 0.01/pi, t in [0, 1].
double burgers_solution(double t, double x, double nu);

// A point table of t, x and u on an even grid over [0, 1] x [-1, 1], both ends included. Throws Error (storage).
void write_burgers_table(const std::string& path, double nu, int times, int places);

}  // namespace jetpinn
