// The kernels behind ActivationJet: compile-time structures and the interpreter.
//
// Work item: one pack of units (column j) over all points of the tile, so that bias and its gradient stay in registers.
// Traffic per unit and point: forward reads V and writes V + 1 values, reverse reads 2 V and
// writes V (2 V when h is recomputed).
#pragma once

#include "jetpinn/kernels/activation_function.hpp"
#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/kernels/jet_structures.hpp"

#include <Kokkos_Core.hpp>
#include <string>
#include <utility>

namespace jetpinn {

template <class F, int... I>
KOKKOS_FORCEINLINE_FUNCTION void unroll_each(F&& f, std::integer_sequence<int, I...>) {
  (f(std::integral_constant<int, I>{}), ...);
}
// f(0), f(1), ..., f(N - 1) with compile-time arguments.
template <int N, class F>
KOKKOS_FORCEINLINE_FUNCTION void unroll(F&& f) {
  unroll_each(f, std::make_integer_sequence<int, N>{});
}

// prod of all factors of monomial M but the one at position Left (-1: all).
template <class T, class Structure, int M, int Left>
KOKKOS_FORCEINLINE_FUNCTION Pack<T> factor_product(const Pack<T>* z) {
  constexpr StaticMonomial m = Structure::monomials[M];
  constexpr int begin = Left == 0 ? 1 : 0;
  Pack<T> product = z[m.factor[begin]];
  unroll<m.degree - 1>([&](auto i) {
    constexpr int at = i + 1;
    if constexpr (at != Left && at != begin) product = product * z[m.factor[at]];
  });
  return product;
}

// of a factor, counted at its first place; 0 at later places
constexpr int multiplicity(const StaticMonomial& m, int position) {
  int count = 0;
  for (int i = 0; i < m.degree; ++i) {
    if (m.factor[i] != m.factor[position]) continue;
    if (i < position) return 0;
    ++count;
  }
  return count;
}

template <class Structure>
constexpr bool has_monomial(int target, int degree) {
  for (const StaticMonomial& m : Structure::monomials) {
    if (m.target == target && m.degree == degree) return true;
  }
  return false;
}

// sum over the monomials of one target and degree of k_m prod_f z_f.
template <class T, class Structure, int Target, int Degree>
KOKKOS_FORCEINLINE_FUNCTION Pack<T> monomial_sum(const Pack<T>* z, const T* k) {
  Pack<T> sum{};
  unroll<static_cast<int>(Structure::monomials.size())>([&](auto i) {
    constexpr StaticMonomial m = Structure::monomials[i];
    if constexpr (m.target == Target && m.degree == Degree) sum += k[i] * factor_product<T, Structure, i, -1>(z);
  });
  return sum;
}

// h_c = s' z_c + sum_n s^(n) (sum of the monomials of degree n); at(c, n, sum) sees each of these sums.
template <class T, class Structure, class At>
KOKKOS_FORCEINLINE_FUNCTION void activate(const Pack<T>* z, const Pack<T> (&s)[slope_count], const T* k, Pack<T>* h,
                                          At&& at) {
  h[0] = s[0];
  unroll<Structure::channels - 1>([&](auto i) {
    constexpr int c = i + 1;
    h[c] = s[1] * z[c];
    unroll<3>([&](auto j) {
      constexpr int degree = j + 2;
      if constexpr (has_monomial<Structure>(c, degree)) {
        const Pack<T> sum = monomial_sum<T, Structure, c, degree>(z, k);
        h[c] += s[degree] * sum;
        at(c, degree, sum);
      }
    });
  });
}

template <class T, Activation A, class Structure>
struct StaticForward {
  JetSweep<T> sweep;
  KOKKOS_FUNCTION void operator()(std::int64_t column) const {
    constexpr int V = Structure::channels;
    const std::int64_t width = sweep.tile.width, stride = sweep.tile.points * width, at = column * pack_lanes<T>;
    T *zp = sweep.z + at, *hp = sweep.h + at;
    const T* k = sweep.coefficients;
    const Pack<T> bias = load(sweep.bias + at);
    for (std::int64_t p = 0; p < sweep.tile.points; ++p, zp += width, hp += width, k += sweep.coefficient_stride) {
      Pack<T> z[V], h[V], s[slope_count];
      unroll<V>([&](auto c) { z[c] = load(zp + c * stride); });
      const Pack<T> memo = ActivationFunction<A>::template memo<T>(z[0] + bias);
      ActivationFunction<A>::template derivatives<T, Structure::degree>(memo, s);
      activate<T, Structure>(z, s, k, h, [](int, int, Pack<T>) {});
      store<T>(zp, memo);
      unroll<V>([&](auto c) { store<T>(hp + c * stride, h[c]); });
    }
  }
};

template <class T, Activation A, class Structure, bool WithH>
struct StaticReverse {
  JetSweep<T> sweep;
  KOKKOS_FUNCTION void operator()(std::int64_t column) const {
    constexpr int V = Structure::channels, D = Structure::degree, M = static_cast<int>(Structure::monomials.size());
    const std::int64_t width = sweep.tile.width, stride = sweep.tile.points * width, at = column * pack_lanes<T>;
    const T *zp = sweep.z + at, *k = sweep.coefficients;
    T *ap = sweep.adjoint + at, *hp = WithH ? sweep.h + at : nullptr;
    Pack<T> bias_gradient{};
    for (std::int64_t p = 0; p < sweep.tile.points; ++p, zp += width, ap += width, k += sweep.coefficient_stride) {
      Pack<T> z[V], s[slope_count], h[V], hbar[V], zbar[V], q[5] = {};
      unroll<V>([&](auto c) { z[c] = load(zp + c * stride), hbar[c] = load(ap + c * stride); });
      ActivationFunction<A>::template derivatives<T, D + 1>(z[0], s);
      activate<T, Structure>(z, s, k, h, [&](int c, int degree, Pack<T> sum) { q[degree] += hbar[c] * sum; });
      if constexpr (WithH) {
        unroll<V>([&](auto c) { store<T>(hp + c * stride, h[c]); });
        hp += width;
      }
      unroll<V>([&](auto c) { zbar[c] = s[1] * hbar[c]; });
      if constexpr (V > 1) {
        unroll<V - 1>([&](auto c) { q[1] += z[c + 1] * hbar[c + 1]; });
        unroll<D>([&](auto n) { zbar[0] += s[n + 2] * q[n + 1]; });
      }
      unroll<M>([&](auto i) {
        constexpr StaticMonomial m = Structure::monomials[i];
        const Pack<T> slope = hbar[m.target] * s[m.degree];   // the compiler computes it once per target and degree
        unroll<m.degree>([&](auto at) {
          constexpr int times = multiplicity(m, at);
          if constexpr (times > 0) zbar[m.factor[at]] += T(times) * k[i] * (slope * factor_product<T, Structure, i, at>(z));
        });
      });
      bias_gradient += zbar[0];
      unroll<V>([&](auto c) { store<T>(ap + c * stride, zbar[c]); });
    }
    store<T>(sweep.bias_gradient + at, load(sweep.bias_gradient + at) + bias_gradient);
  }
};

template <class Functor, class T>
void run_columns(const std::string& label, const JetSweep<T>& sweep) {
  Kokkos::parallel_for(label, Kokkos::RangePolicy<std::int64_t>(0, sweep.tile.width / pack_lanes<T>), Functor{sweep});
}

template <class T, Activation A, class Structure>
void static_forward(const JetSweep<T>& sweep, const DynamicJetTables*) {
  static const std::string label = "jetpinn::activation_jet_forward";
  run_columns<StaticForward<T, A, Structure>>(label, sweep);
}

template <class T, Activation A, class Structure>
void static_reverse(const JetSweep<T>& sweep, const DynamicJetTables*) {
  static const std::string label = "jetpinn::activation_jet_reverse";
  if (sweep.h) {
    run_columns<StaticReverse<T, A, Structure, true>>(label, sweep);
  } else {
    run_columns<StaticReverse<T, A, Structure, false>>(label, sweep);
  }
}

}  // namespace jetpinn
