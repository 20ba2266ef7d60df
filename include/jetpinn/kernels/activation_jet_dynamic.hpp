// The interpreter: any jet program, `group` points of a pack of units at a time so that reading the program is paid once per
// group. On a device P is a number, and the group one point.
#pragma once

#include "jetpinn/kernels/activation_function.hpp"
#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/kernels/jet_view.hpp"

#include <Kokkos_Macros.hpp>
#include <cstdint>

namespace jetpinn {

template <class T, Activation A, class P>
struct DynamicSweep {
  static constexpr int group = 4;
  JetSweep<T> sweep;
  DynamicJetView program;

  template <int Points>
  struct Slopes {
    P s[Points][slope_count];
  };

  template <int Points>
  KOKKOS_FORCEINLINE_FUNCTION void derivatives(const P* memo, Slopes<Points>& slopes, int degree) const {
    for (int u = 0; u < Points; ++u) {
      switch (degree) {  // the same for every point: well predicted
        case 1: ActivationFunction<A>::template derivatives<T, 1>(memo[u], slopes.s[u]); break;
        case 2: ActivationFunction<A>::template derivatives<T, 2>(memo[u], slopes.s[u]); break;
        case 3: ActivationFunction<A>::template derivatives<T, 3>(memo[u], slopes.s[u]); break;
        case 4: ActivationFunction<A>::template derivatives<T, 4>(memo[u], slopes.s[u]); break;
        case 5:
          ActivationFunction<A>::template derivatives<T, 5>(memo[u], slopes.s[u]);
          break;
        case 6:
          ActivationFunction<A>::template derivatives<T, 6>(memo[u], slopes.s[u]);
          break;
        default:
          ActivationFunction<A>::template derivatives<T, 7>(memo[u], slopes.s[u]);
          break;
      }
    }
  }

  template <int Points>
  KOKKOS_FORCEINLINE_FUNCTION void forward(std::int64_t p, std::int64_t at, P bias) const {
    const std::int64_t width = sweep.tile.width, stride = sweep.tile.points * width;
    T *z = sweep.z + p * width + at, *h = sweep.h + p * width + at;
    const T* k = sweep.coefficients + p * sweep.coefficient_stride;
    Slopes<Points> slopes;
    P memo[Points];
    for (int u = 0; u < Points; ++u) memo[u] = ActivationFunction<A>::template memo<T>(load<T, P>(z + u * width) + bias);
    derivatives<Points>(memo, slopes, program.degree);
    for (int u = 0; u < Points; ++u) {
      store<T>(z + u * width, memo[u]);
      store<T>(h + u * width, slopes.s[u][0]);
    }
    for (int c = 1; c < program.channels; ++c) {
      P sum[Points];
      for (int u = 0; u < Points; ++u) sum[u] = slopes.s[u][1] * load<T, P>(z + c * stride + u * width);
      for (int i = program.first[c]; i < program.first[c + 1]; ++i) {
        const auto& m = program.monomials[i];
        for (int u = 0; u < Points; ++u) {
          P product = k[u * sweep.coefficient_stride + i] * slopes.s[u][m.degree];
          for (int f = 0; f < m.degree; ++f) product = product * load<T, P>(z + m.factor[f] * stride + u * width);
          sum[u] += product;
        }
      }
      for (int u = 0; u < Points; ++u) store<T>(h + c * stride + u * width, sum[u]);
    }
  }

  template <int Points>
  KOKKOS_FORCEINLINE_FUNCTION void reverse(std::int64_t p, std::int64_t at, P& bias_gradient) const {
    const std::int64_t width = sweep.tile.width, stride = sweep.tile.points * width;
    const T *z = sweep.z + p * width + at, *k = sweep.coefficients + p * sweep.coefficient_stride;
    T *a = sweep.adjoint + p * width + at, *h = sweep.h ? sweep.h + p * width + at : nullptr;
    Slopes<Points> slopes;
    P memo[Points], value[Points];
    for (int u = 0; u < Points; ++u) memo[u] = load<T, P>(z + u * width);
    derivatives<Points>(memo, slopes, program.degree + 1);
    for (int u = 0; u < Points; ++u) {
      value[u] = slopes.s[u][1] * load<T, P>(a + u * width);
      if (h) store<T>(h + u * width, slopes.s[u][0]);
    }
    // h again, and zbar_0 by Q_n
    for (int c = 1; c < program.channels; ++c) {
      P sum[Points], hbar[Points];
      for (int u = 0; u < Points; ++u) {
        const P zc = load<T, P>(z + c * stride + u * width);
        hbar[u] = load<T, P>(a + c * stride + u * width);
        sum[u] = slopes.s[u][1] * zc;
        value[u] += slopes.s[u][2] * hbar[u] * zc;
      }
      for (int i = program.first[c]; i < program.first[c + 1]; ++i) {
        const auto& m = program.monomials[i];
        for (int u = 0; u < Points; ++u) {
          P product = splat<T, P>(k[u * sweep.coefficient_stride + i]);
          for (int f = 0; f < m.degree; ++f) product = product * load<T, P>(z + m.factor[f] * stride + u * width);
          sum[u] += slopes.s[u][m.degree] * product;
          value[u] += slopes.s[u][m.degree + 1] * hbar[u] * product;
        }
      }
      if (h) {
        for (int u = 0; u < Points; ++u) store<T>(h + c * stride + u * width, sum[u]);
      }
    }
    for (int u = 0; u < Points; ++u) {
      store<T>(a + u * width, value[u]);
      bias_gradient += value[u];
    }
    // zbar_c in place: what a channel's adjoint enters comes before it in `order`
    for (int i = 0; i < program.channels - 1; ++i) {
      const int c = program.order[i];
      P sum[Points];
      for (int u = 0; u < Points; ++u) sum[u] = slopes.s[u][1] * load<T, P>(a + c * stride + u * width);
      for (int j = program.first_partial[c]; j < program.first_partial[c + 1]; ++j) {
        const auto& partial = program.partials[j];
        for (int u = 0; u < Points; ++u) {
          P product = T(partial.multiplicity) * k[u * sweep.coefficient_stride + partial.monomial] *
                            slopes.s[u][partial.degree] * load<T, P>(a + partial.target * stride + u * width);
          for (int f = 0; f < partial.others; ++f) product = product * load<T, P>(z + partial.other[f] * stride + u * width);
          sum[u] += product;
        }
      }
      for (int u = 0; u < Points; ++u) store<T>(a + c * stride + u * width, sum[u]);
    }
  }
};

}  // namespace jetpinn
