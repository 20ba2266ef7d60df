#include "jetpinn/kernels/jet_gate.hpp"

#include "jetpinn/kernels/activation_jet_kernels.hpp"
#include "jetpinn/kernels/jet_gate_dynamic.hpp"
#include "jetpinn/kernels/strips.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

// f(c, a, b, k) for every monomial of degree 2 of a structure.
template <class Structure, class T, class F>
KOKKOS_FORCEINLINE_FUNCTION void each_cross_term(const T* k, F&& f) {
  unroll<static_cast<int>(Structure::monomials.size())>([&](auto i) {
    constexpr StaticMonomial m = Structure::monomials[i];
    if constexpr (m.degree == 2) f(m.target, m.factor[0], m.factor[1], k[i]);
  });
}

// product = f g
template <class Structure, class T>
KOKKOS_FORCEINLINE_FUNCTION void multiply(const Pack<T>* f, const Pack<T>* g, const T* k, Pack<T>* product) {
  product[0] = f[0] * g[0];
  unroll<Structure::channels - 1>([&](auto i) { product[i + 1] = f[0] * g[i + 1] + f[i + 1] * g[0]; });
  each_cross_term<Structure>(k, [&](int c, int a, int b, T km) { product[c] += km * (f[a] * g[b] + f[b] * g[a]); });
}

// fbar = d(f g)/df transposed, applied to pbar
template <class Structure, class T>
KOKKOS_FORCEINLINE_FUNCTION void adjoint_of_factor(const Pack<T>* pbar, const Pack<T>* g, const T* k, Pack<T>* fbar) {
  fbar[0] = pbar[0] * g[0];
  unroll<Structure::channels - 1>([&](auto i) {
    fbar[0] += pbar[i + 1] * g[i + 1];
    fbar[i + 1] = pbar[i + 1] * g[0];
  });
  each_cross_term<Structure>(k, [&](int c, int a, int b, T km) {
    const Pack<T> slope = km * pbar[c];
    fbar[a] += slope * g[b];
    fbar[b] += slope * g[a];
  });
}

// z, u and d = v - u of one point of a column.
template <int V, class T>
KOKKOS_FORCEINLINE_FUNCTION void load_factors(const GateSweep<T>& sweep, std::int64_t at, Pack<T>* z, Pack<T>* u,
                                              Pack<T>* d) {
  const std::int64_t stride = sweep.tile.points * sweep.tile.width;
  unroll<V>([&](auto c) {
    z[c] = load(sweep.z + at + c * stride), u[c] = load(sweep.u + at + c * stride);
    d[c] = load(sweep.v + at + c * stride) - u[c];
  });
}

// Reads 3 V and writes V values.
template <class T, class Structure>
struct StaticGateForward {
  GateSweep<T> sweep;
  KOKKOS_FUNCTION void operator()(const Strip<T>& strip) const {
    constexpr int V = Structure::channels;
    const std::int64_t stride = sweep.tile.points * sweep.tile.width;
    strip.each(sweep.tile.points, [&](std::int64_t p, std::int64_t, std::int64_t at) {
      const T* k = sweep.coefficients + p * sweep.coefficient_stride;
      Pack<T> z[V], u[V], d[V], h[V];
      load_factors<V>(sweep, at, z, u, d);
      unroll<V>([&](auto c) { fetch_line(sweep.h + at + c * stride); });
      multiply<Structure, T>(z, d, k, h);
      unroll<V>([&](auto c) { store<T>(sweep.h + at + c * stride, u[c] + h[c]); });
    });
  }
};

// Reads 6 V and writes 3 V values, 4 V where H is restored.
template <class T, class Structure>
struct StaticGateReverse {
  GateSweep<T> sweep;
  KOKKOS_FUNCTION void operator()(const Strip<T>& strip) const {
    constexpr int V = Structure::channels;
    const std::int64_t stride = sweep.tile.points * sweep.tile.width;
    strip.each(sweep.tile.points, [&](std::int64_t p, std::int64_t, std::int64_t at) {
      const T* k = sweep.coefficients + p * sweep.coefficient_stride;
      Pack<T> z[V], u[V], d[V], hbar[V], bar[V];
      load_factors<V>(sweep, at, z, u, d);
      unroll<V>([&](auto c) { hbar[c] = load(sweep.adjoint + at + c * stride); });
      if (sweep.writes)
        unroll<V>(
            [&](auto c) { fetch_line(sweep.u_adjoint + at + c * stride), fetch_line(sweep.v_adjoint + at + c * stride); });
      if (sweep.h) {
        unroll<V>([&](auto c) { fetch_line(sweep.h + at + c * stride); });
        multiply<Structure, T>(z, d, k, bar);
        unroll<V>([&](auto c) { store<T>(sweep.h + at + c * stride, u[c] + bar[c]); });
      }
      adjoint_of_factor<Structure, T>(hbar, d, k, bar);
      unroll<V>([&](auto c) { store<T>(sweep.adjoint + at + c * stride, bar[c]); });
      adjoint_of_factor<Structure, T>(hbar, z, k, bar);
      unroll<V>([&](auto c) {
        T *ubar = sweep.u_adjoint + at + c * stride, *vbar = sweep.v_adjoint + at + c * stride;
        store<T>(ubar, sweep.writes ? hbar[c] - bar[c] : load(ubar) + (hbar[c] - bar[c]));
        store<T>(vbar, sweep.writes ? bar[c] : load(vbar) + bar[c]);
      });
    });
  }
};

// The interpreter, one point of a pack of units at a time.
template <class T>
struct DynamicGateForward : DynamicGate<T, Pack<T>> {
  KOKKOS_FUNCTION void operator()(const Strip<T>& strip) const {
    strip.each(this->sweep.tile.points, [&](std::int64_t p, std::int64_t, std::int64_t at) {
      this->forward(at, this->sweep.coefficients + p * this->sweep.coefficient_stride);
    });
  }
};

template <class T>
struct DynamicGateReverse : DynamicGate<T, Pack<T>> {
  KOKKOS_FUNCTION void operator()(const Strip<T>& strip) const {
    strip.each(this->sweep.tile.points, [&](std::int64_t p, std::int64_t, std::int64_t at) {
      const T* k = this->sweep.coefficients + p * this->sweep.coefficient_stride;
      if (this->sweep.h) this->forward(at, k);
      this->reverse(at, k);
    });
  }
};

const std::string forward_label = "jetpinn::gate_forward", reverse_label = "jetpinn::gate_reverse";

template <class T>
struct GateKernels {
  void (*forward)(const GateSweep<T>&, const DynamicJetTables&);
  void (*reverse)(const GateSweep<T>&, const DynamicJetTables&);
};

template <class T, class... Structure>
std::vector<GateKernels<T>> list_kernels(JetStructureList<Structure...>) {
  using Tables = DynamicJetTables;
  return {{[](const GateSweep<T>& s, const Tables&) {
             over_strips<T>(forward_label, s.tile.width, StaticGateForward<T, Structure>{s});
           },
           [](const GateSweep<T>& s, const Tables&) {
             over_strips<T>(reverse_label, s.tile.width, StaticGateReverse<T, Structure>{s});
           }}...,
          {[](const GateSweep<T>& s, const Tables& t) {
             over_strips<T>(forward_label, s.tile.width, DynamicGateForward<T>{{s, DynamicJetView(t)}});
           },
           [](const GateSweep<T>& s, const Tables& t) {
             over_strips<T>(reverse_label, s.tile.width, DynamicGateReverse<T>{{s, DynamicJetView(t)}});
           }}};
}

// Structures in their order, then the interpreter.
template <class T>
const GateKernels<T>& kernels_of(std::size_t structure) {
  static const std::vector<GateKernels<T>> kernels = list_kernels<T>(JetStructures{});
  return kernels[structure];
}

double cross_terms(const JetProgram& program) {
  return static_cast<double>(
      std::count_if(program.monomials.begin(), program.monomials.end(), [](const JetMonomial& m) { return m.degree == 2; }));
}

}  // namespace

template <class T>
JetGate<T>::JetGate(const JetProgram& program, bool use_static) : coefficients_(program, use_static) {}

template <class T>
void JetGate<T>::forward(Stream, const GateSweep<T>& sweep) const {
  kernels_of<T>(coefficients_.structure()).forward(sweep, coefficients_.tables());
}

template <class T>
void JetGate<T>::reverse(Stream, const GateSweep<T>& sweep) const {
  kernels_of<T>(coefficients_.structure()).reverse(sweep, coefficients_.tables());
}

template class JetGate<float>;
template class JetGate<double>;

// d, the product and u: V + 1 + 3 (V - 1) + V, and 5 for each cross term.
double gate_forward_flop(const JetProgram& program) { return 5.0 * program.channels - 2 + 5 * cross_terms(program); }

// The same again for H; both factors' adjoints: 1 + 3 (V - 1) and 5 a cross term each; three additions a channel.
double gate_reverse_flop(const JetProgram& program) {
  return gate_forward_flop(program) + 2 * (3.0 * program.channels - 2 + 5 * cross_terms(program)) + 3.0 * program.channels;
}

}  // namespace jetpinn
