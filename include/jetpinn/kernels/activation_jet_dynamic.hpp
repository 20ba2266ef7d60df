// The interpreter: any jet program, `group` points of a pack of units at a time so that reading the
// program is paid once per group.
#pragma once

#include "jetpinn/kernels/activation_function.hpp"
#include "jetpinn/kernels/activation_jet.hpp"

#include <Kokkos_Core.hpp>
#include <string>

namespace jetpinn {

// The program's tables as plain pointers, which a kernel may capture.
struct DynamicJetView {
  explicit DynamicJetView(const DynamicJetTables& t)
      : channels(t.channels), degree(t.degree), monomials(t.monomials.data()), first(t.first.data()), order(t.order.data()),
        partials(t.partials.data()), first_partial(t.first_partial.data()) {}
  int channels, degree;
  const DynamicJetTables::Monomial* monomials;
  const int *first, *order;
  const DynamicJetTables::Partial* partials;
  const int* first_partial;
};

template <class T, Activation A>
struct DynamicSweep {
  static constexpr int group = 4;
  JetSweep<T> sweep;
  DynamicJetView program;

  struct Slopes {
    Pack<T> s[group][6];
  };

  template <int Points>
  KOKKOS_FORCEINLINE_FUNCTION void derivatives(const Pack<T>* memo, Slopes& slopes, int degree) const {
    for (int u = 0; u < Points; ++u) {
      switch (degree) {  // the same for every point: well predicted
        case 1: ActivationFunction<A>::template derivatives<T, 1>(memo[u], slopes.s[u]); break;
        case 2: ActivationFunction<A>::template derivatives<T, 2>(memo[u], slopes.s[u]); break;
        case 3: ActivationFunction<A>::template derivatives<T, 3>(memo[u], slopes.s[u]); break;
        case 4: ActivationFunction<A>::template derivatives<T, 4>(memo[u], slopes.s[u]); break;
        default: ActivationFunction<A>::template derivatives<T, 5>(memo[u], slopes.s[u]); break;
      }
    }
  }

  template <int Points>
  KOKKOS_FORCEINLINE_FUNCTION void forward(std::int64_t p, std::int64_t at, Pack<T> bias) const {
    const std::int64_t width = sweep.tile.width, stride = sweep.tile.points * width;
    T *z = sweep.z + p * width + at, *h = sweep.h + p * width + at;
    const T* k = sweep.coefficients + p * sweep.coefficient_stride;
    Slopes slopes;
    Pack<T> memo[Points];
    for (int u = 0; u < Points; ++u) memo[u] = ActivationFunction<A>::template memo<T>(load(z + u * width) + bias);
    derivatives<Points>(memo, slopes, program.degree);
    for (int u = 0; u < Points; ++u) {
      store<T>(z + u * width, memo[u]);
      store<T>(h + u * width, slopes.s[u][0]);
    }
    for (int c = 1; c < program.channels; ++c) {
      Pack<T> sum[Points];
      for (int u = 0; u < Points; ++u) sum[u] = slopes.s[u][1] * load(z + c * stride + u * width);
      for (int i = program.first[c]; i < program.first[c + 1]; ++i) {
        const auto& m = program.monomials[i];
        for (int u = 0; u < Points; ++u) {
          Pack<T> product = k[u * sweep.coefficient_stride + i] * slopes.s[u][m.degree];
          for (int f = 0; f < m.degree; ++f) product = product * load(z + m.factor[f] * stride + u * width);
          sum[u] += product;
        }
      }
      for (int u = 0; u < Points; ++u) store<T>(h + c * stride + u * width, sum[u]);
    }
  }

  template <int Points>
  KOKKOS_FORCEINLINE_FUNCTION void reverse(std::int64_t p, std::int64_t at, Pack<T>& bias_gradient) const {
    const std::int64_t width = sweep.tile.width, stride = sweep.tile.points * width;
    const T *z = sweep.z + p * width + at, *k = sweep.coefficients + p * sweep.coefficient_stride;
    T *a = sweep.adjoint + p * width + at, *h = sweep.h ? sweep.h + p * width + at : nullptr;
    Slopes slopes;
    Pack<T> memo[Points], value[Points];
    for (int u = 0; u < Points; ++u) memo[u] = load(z + u * width);
    derivatives<Points>(memo, slopes, program.degree + 1);
    for (int u = 0; u < Points; ++u) {
      value[u] = slopes.s[u][1] * load(a + u * width);
      if (h) store<T>(h + u * width, slopes.s[u][0]);
    }
    // h again, and zbar_0 by Q_n
    for (int c = 1; c < program.channels; ++c) {
      Pack<T> sum[Points], hbar[Points];
      for (int u = 0; u < Points; ++u) {
        const Pack<T> zc = load(z + c * stride + u * width);
        hbar[u] = load(a + c * stride + u * width);
        sum[u] = slopes.s[u][1] * zc;
        value[u] += slopes.s[u][2] * hbar[u] * zc;
      }
      for (int i = program.first[c]; i < program.first[c + 1]; ++i) {
        const auto& m = program.monomials[i];
        for (int u = 0; u < Points; ++u) {
          Pack<T> product = splat<T>(k[u * sweep.coefficient_stride + i]);
          for (int f = 0; f < m.degree; ++f) product = product * load(z + m.factor[f] * stride + u * width);
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
      Pack<T> sum[Points];
      for (int u = 0; u < Points; ++u) sum[u] = slopes.s[u][1] * load(a + c * stride + u * width);
      for (int j = program.first_partial[c]; j < program.first_partial[c + 1]; ++j) {
        const auto& partial = program.partials[j];
        for (int u = 0; u < Points; ++u) {
          Pack<T> product = T(partial.multiplicity) * k[u * sweep.coefficient_stride + partial.monomial] *
                            slopes.s[u][partial.degree] * load(a + partial.target * stride + u * width);
          for (int f = 0; f < partial.others; ++f) product = product * load(z + partial.other[f] * stride + u * width);
          sum[u] += product;
        }
      }
      for (int u = 0; u < Points; ++u) store<T>(a + c * stride + u * width, sum[u]);
    }
  }
};

template <class T, Activation A>
struct DynamicForward : DynamicSweep<T, A> {
  KOKKOS_FUNCTION void operator()(std::int64_t column) const {
    const std::int64_t at = column * pack_lanes<T>, points = this->sweep.tile.points;
    const Pack<T> bias = load(this->sweep.bias + at);
    std::int64_t p = 0;
    for (; p + this->group <= points; p += this->group) this->template forward<DynamicSweep<T, A>::group>(p, at, bias);
    for (; p < points; ++p) this->template forward<1>(p, at, bias);
  }
};

template <class T, Activation A>
struct DynamicReverse : DynamicSweep<T, A> {
  KOKKOS_FUNCTION void operator()(std::int64_t column) const {
    const std::int64_t at = column * pack_lanes<T>, points = this->sweep.tile.points;
    Pack<T> bias_gradient{};
    std::int64_t p = 0;
    for (; p + this->group <= points; p += this->group)
      this->template reverse<DynamicSweep<T, A>::group>(p, at, bias_gradient);
    for (; p < points; ++p) this->template reverse<1>(p, at, bias_gradient);
    T* total = this->sweep.bias_gradient + at;
    store<T>(total, load(total) + bias_gradient);
  }
};

template <class T, Activation A>
void dynamic_forward(const JetSweep<T>& sweep, const DynamicJetTables* tables) {
  static const std::string label = "jetpinn::activation_jet_forward_any";
  Kokkos::parallel_for(label, Kokkos::RangePolicy<std::int64_t>(0, sweep.tile.width / pack_lanes<T>),
                       DynamicForward<T, A>{{sweep, DynamicJetView(*tables)}});
}

template <class T, Activation A>
void dynamic_reverse(const JetSweep<T>& sweep, const DynamicJetTables* tables) {
  static const std::string label = "jetpinn::activation_jet_reverse_any";
  Kokkos::parallel_for(label, Kokkos::RangePolicy<std::int64_t>(0, sweep.tile.width / pack_lanes<T>),
                       DynamicReverse<T, A>{{sweep, DynamicJetView(*tables)}});
}

}  // namespace jetpinn
