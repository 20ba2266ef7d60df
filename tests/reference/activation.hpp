// Plain twin of kernels/activation.hpp: activations and their derivatives in extended precision,
// written from their definitions.
#pragma once

#include "jetpinn/kernels/activation_kind.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace jetpinn::reference {

using Real = long double;

// Derivatives 0..7 of sigma(z) = 1 / (1 + e^-z), by polynomials of sigma with recurrence p_{k+1} = p_k' (s - s^2). Where
// sigma is near 1 their terms cancel; its derivatives there are those at -z, every other one negated.
inline std::array<Real, 8> sigmoid_derivatives(Real z) {
  if (z > 0) {
    std::array<Real, 8> mirrored = sigmoid_derivatives(-z);
    mirrored[0] = 1 / (1 + std::exp(-z));
    for (std::size_t k = 2; k < mirrored.size(); k += 2) mirrored[k] = -mirrored[k];
    return mirrored;
  }
  const Real s = std::exp(z) / (1 + std::exp(z));
  std::array<Real, 10> p{0, 1};  // polynomial in s, lowest first
  std::array<Real, 8> out{};
  for (int k = 0; k < 8; ++k) {
    Real power = 1;
    for (Real c : p) out[static_cast<std::size_t>(k)] += c * power, power *= s;
    std::array<Real, 10> next{};
    for (int i = 1; i < 10; ++i) {
      const Real slope = static_cast<Real>(i) * p[static_cast<std::size_t>(i)];
      next[static_cast<std::size_t>(i)] += slope;
      if (i + 1 < 10) next[static_cast<std::size_t>(i + 1)] -= slope;
    }
    p = next;
  }
  return out;
}

inline std::array<Real, 8> activation_derivatives(Activation activation, Real z) {
  const auto sigma = sigmoid_derivatives(z);
  std::array<Real, 8> s{};
  switch (activation) {
    case Activation::tanh: {  // tanh z = 2 sigma(2z) - 1
      const auto twice = sigmoid_derivatives(2 * z);
      Real factor = 2;
      for (std::size_t k = 0; k < 8; ++k, factor *= 2) s[k] = factor * twice[k];
      s[0] = std::tanh(z);
      return s;
    }
    case Activation::sin:
      return {std::sin(z), std::cos(z), -std::sin(z), -std::cos(z), std::sin(z), std::cos(z), -std::sin(z), -std::cos(z)};
    case Activation::silu:
      s[0] = z * sigma[0];
      for (std::size_t k = 1; k < 8; ++k) s[k] = z * sigma[k] + static_cast<Real>(k) * sigma[k - 1];
      return s;
    case Activation::softplus:
      s[0] = std::max<Real>(z, 0) + std::log1p(std::exp(-std::abs(z)));
      for (std::size_t k = 1; k < 8; ++k) s[k] = sigma[k - 1];
      return s;
    case Activation::gelu: {  // Hermite polynomials: phi^(n) = (-1)^n He_n phi
      const Real phi = std::exp(-z * z / 2) * 0.39894228040143267793994605993438L;
      const Real cdf = std::erfc(-z * 0.70710678118654752440084436210485L) / 2;
      std::array<Real, 7> he{1, z};
      for (std::size_t n = 1; n + 1 < he.size(); ++n) he[n + 1] = z * he[n] - static_cast<Real>(n) * he[n - 1];
      const auto density = [&](int n) { return (n % 2 ? -1 : 1) * he[static_cast<std::size_t>(n)] * phi; };
      s[0] = z * cdf;
      s[1] = cdf + z * phi;
      for (int k = 2; k < 8; ++k)
        s[static_cast<std::size_t>(k)] = z * density(k - 1) + static_cast<Real>(k) * density(k - 2);
      return s;
    }
  }
  return s;
}

}  // namespace jetpinn::reference
