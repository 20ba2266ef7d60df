// The functions of the expression language, a row each. Parser, simplifier, differentiator, tape, reference engine, costs
// and network files read it (docs/developing.md, "A new function").
//
// A row is a struct, defaults in function_row.hpp:
//   name, numpy   in configs and in docs/load.py
//   value(a)      one value: what constants fold to, and what the tape computes point by point; on devices too
//   pack(a)       the same a pack at a time, where `packed` says so
//   adjoint(r)    the tape's reverse sweep: adds the value's adjoint, times the slope, to the adjoints of the operands; r is
//                 rows of packs on a host (TapeRows), one point on a device (TapePoint)
//   derivative    the symbolic rule: h' from the nodes of a call h = f(a, b, c) and of the derivatives of its operands
//   libtorch(a)   the reference engine's spelling: another way to the value and to all derivatives
//   flop, adjoint_flop   what value and adjoint cost
#pragma once

#include "jetpinn/kernels/function_row.hpp"
#include "jetpinn/kernels/tape_math.hpp"
#include "jetpinn/kernels/tape_rows.hpp"

#include <cmath>

namespace jetpinn::functions {

template <class Graph>
auto one_minus_square(Graph& g, std::int32_t x) {
  return g.subtract(g.constant(1), g.power(x, 2));
}

struct Sine : FunctionRow<1> {
  static constexpr const char *name = "sin", *numpy = "sin";
  static constexpr Parity parity = Parity::odd;
  static constexpr bool packed = true;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::sin(a); }
  template <class T> static constexpr double flop() { return PackFlop<T>::sincos; }
  template <class T> static constexpr double adjoint_flop(int) { return PackFlop<T>::sincos + 2; }
  template <class T> static Pack<T> pack(const T* a) { return tape_sin_pack<T>(a); }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add(r.ga, [&](int i) { return r.at(r.g, i) * r.cosine(r.a, i); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) { return g.multiply(g.call("cos", n.a), n.da); }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.sin(); }
};

struct Cosine : FunctionRow<1> {
  static constexpr const char *name = "cos", *numpy = "cos";
  static constexpr Parity parity = Parity::even;
  static constexpr bool packed = true;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::cos(a); }
  template <class T> static constexpr double flop() { return PackFlop<T>::sincos; }
  template <class T> static constexpr double adjoint_flop(int) { return PackFlop<T>::sincos + 2; }
  template <class T> static Pack<T> pack(const T* a) { return tape_cos_pack<T>(a); }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add(r.ga, [&](int i) { return -(r.at(r.g, i) * r.sine(r.a, i)); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.negate(g.multiply(g.call("sin", n.a), n.da));
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.cos(); }
};

struct Tangent : FunctionRow<1> {
  static constexpr const char *name = "tan", *numpy = "tan";
  static constexpr Parity parity = Parity::odd;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::tan(a); }
  template <class T> static constexpr double adjoint_flop(int) { return 4; }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    using T = typename R::Value;
    r.add(r.ga, [&](int i) { return r.at(r.g, i) * (T(1) + r.at(r.h, i) * r.at(r.h, i)); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.multiply(g.add(g.constant(1), g.power(n.h, 2)), n.da);
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.tan(); }
};

struct ArcSine : FunctionRow<1> {
  static constexpr const char *name = "asin", *numpy = "arcsin";
  static constexpr Parity parity = Parity::odd;
  static constexpr const char* outside = "keep {} between -1 and 1";
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::asin(a); }
  template <class T> static constexpr double adjoint_flop(int) { return 5; }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add_scalar(r.ga, [&](int i) { return r.g[i] / std::sqrt(1 - r.a[i] * r.a[i]); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.divide(n.da, g.call("sqrt", one_minus_square(g, n.a)));
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.asin(); }
};

struct ArcCosine : FunctionRow<1> {
  static constexpr const char *name = "acos", *numpy = "arccos";
  static constexpr const char* outside = "keep {} between -1 and 1";
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::acos(a); }
  template <class T> static constexpr double adjoint_flop(int) { return 5; }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add_scalar(r.ga, [&](int i) { return -r.g[i] / std::sqrt(1 - r.a[i] * r.a[i]); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.negate(g.divide(n.da, g.call("sqrt", one_minus_square(g, n.a))));
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.acos(); }
};

struct ArcTangent : FunctionRow<1> {
  static constexpr const char *name = "atan", *numpy = "arctan";
  static constexpr Parity parity = Parity::odd;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::atan(a); }
  template <class T> static constexpr double adjoint_flop(int) { return 4; }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    using T = typename R::Value;
    r.add(r.ga, [&](int i) { return r.at(r.g, i) / (T(1) + r.at(r.a, i) * r.at(r.a, i)); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.divide(n.da, g.add(g.constant(1), g.power(n.a, 2)));
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.atan(); }
};

// atan2(y, x)' = (x y' - y x') / (x^2 + y^2)
struct ArcTangent2 : FunctionRow<2> {
  static constexpr const char *name = "atan2", *numpy = "arctan2";
  template <class T> KOKKOS_FUNCTION static T value(T a, T b) { return std::atan2(a, b); }
  template <class T> static constexpr double adjoint_flop(int) { return 6; }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    const auto radius = [&](int i) { return r.at(r.a, i) * r.at(r.a, i) + r.at(r.b, i) * r.at(r.b, i); };
    r.add(r.ga, [&](int i) { return r.at(r.g, i) * r.at(r.b, i) / radius(i); });
    r.add(r.gb, [&](int i) { return -(r.at(r.g, i) * r.at(r.a, i) / radius(i)); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.divide(g.subtract(g.multiply(n.b, n.da), g.multiply(n.a, n.db)), g.add(g.power(n.a, 2), g.power(n.b, 2)));
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a, const Tensor& b) { return a.atan2(b); }
};

struct HyperbolicSine : FunctionRow<1> {
  static constexpr const char *name = "sinh", *numpy = "sinh";
  static constexpr Parity parity = Parity::odd;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::sinh(a); }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add_scalar(r.ga, [&](int i) { return r.g[i] * std::cosh(r.a[i]); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) { return g.multiply(g.call("cosh", n.a), n.da); }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.sinh(); }
};

struct HyperbolicCosine : FunctionRow<1> {
  static constexpr const char *name = "cosh", *numpy = "cosh";
  static constexpr Parity parity = Parity::even;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::cosh(a); }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add_scalar(r.ga, [&](int i) { return r.g[i] * std::sinh(r.a[i]); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) { return g.multiply(g.call("sinh", n.a), n.da); }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.cosh(); }
};

struct HyperbolicTangent : FunctionRow<1> {
  static constexpr const char *name = "tanh", *numpy = "tanh";
  static constexpr Parity parity = Parity::odd;
  static constexpr bool packed = true;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::tanh(a); }
  template <class T> static constexpr double flop() { return PackFlop<T>::tanh; }
  template <class T> static constexpr double adjoint_flop(int) { return 4; }
  template <class T> static Pack<T> pack(const T* a) { return pack_tanh<T>(load<T>(a)); }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    using T = typename R::Value;
    r.add(r.ga, [&](int i) { return r.at(r.g, i) * (T(1) - r.at(r.h, i) * r.at(r.h, i)); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.multiply(one_minus_square(g, n.h), n.da);
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.tanh(); }
};

struct Exponential : FunctionRow<1> {
  static constexpr const char *name = "exp", *numpy = "exp";
  static constexpr bool packed = true;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::exp(a); }
  template <class T> static constexpr double flop() { return PackFlop<T>::exp; }
  template <class T> static constexpr double adjoint_flop(int) { return 2; }
  template <class T> static Pack<T> pack(const T* a) { return tape_exp_pack<T>(a); }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add(r.ga, [&](int i) { return r.at(r.g, i) * r.at(r.h, i); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) { return g.multiply(n.h, n.da); }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.exp(); }
};

struct Logarithm : FunctionRow<1> {
  static constexpr const char *name = "log", *numpy = "log";
  static constexpr bool packed = true;
  static constexpr const char* outside =
      "a negative number has no logarithm: keep {} positive, for instance by network.output";
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::log(a); }
  template <class T> static constexpr double flop() { return PackFlop<T>::log; }
  template <class T> static constexpr double adjoint_flop(int) { return 2; }
  template <class T> static Pack<T> pack(const T* a) { return tape_log_pack<T>(a); }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add(r.ga, [&](int i) { return r.at(r.g, i) / r.at(r.a, i); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) { return g.divide(n.da, n.a); }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.log(); }
};

struct SquareRoot : FunctionRow<1> {
  static constexpr const char *name = "sqrt", *numpy = "sqrt";
  static constexpr const char* outside =
      "a negative number has no square root: write max({}, 0), or keep it positive by network.output";
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::sqrt(a); }
  template <class T> static constexpr double flop() { return 1; }
  template <class T> static constexpr double adjoint_flop(int) { return 3; }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add(r.ga, [&](int i) { return r.at(r.g, i) / (r.at(r.h, i) + r.at(r.h, i)); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.divide(n.da, g.multiply(g.constant(2), n.h));
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.sqrt(); }
};

struct Absolute : FunctionRow<1> {
  static constexpr const char *name = "abs", *numpy = "abs";
  static constexpr Parity parity = Parity::even;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::abs(a); }
  template <class T> static constexpr double flop() { return 0; }
  template <class T> static constexpr double adjoint_flop(int) { return 2; }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    using T = typename R::Value;
    r.add(r.ga, [&](int i) {
      const auto x = r.at(r.a, i);
      return r.at(r.g, i) * (x > T(0) ? r.number(1) : x < T(0) ? r.number(-1) : x);
    });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) { return g.multiply(g.call("sign", n.a), n.da); }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.abs(); }
};

// NaN passes through what follows: a diverged value must not turn into a sound one.
struct Sign : FunctionRow<1> {
  static constexpr const char *name = "sign", *numpy = "sign";
  static constexpr Parity parity = Parity::odd;
  static constexpr bool packed = true, jumps = true;
  static constexpr int passes = 0;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return a > T(0) ? T(1) : a < T(0) ? T(-1) : a; }
  template <class T> static constexpr double flop() { return 0; }
  template <class T> static Pack<T> pack(const T* a) {
    const Pack<T> x = load<T>(a);
    return x > T(0) ? splat<T>(1) : x < T(0) ? splat<T>(-1) : x;
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.sign(); }
};

struct ErrorFunction : FunctionRow<1> {
  static constexpr const char *name = "erf", *numpy = "erf";
  static constexpr Parity parity = Parity::odd;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::erf(a); }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    using T = typename R::Value;
    r.add_scalar(r.ga, [&](int i) { return r.g[i] * T(1.1283791670955126) * std::exp(-r.a[i] * r.a[i]); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.multiply(g.multiply(g.constant(2 / std::sqrt(std::acos(-1.0))), g.call("exp", g.negate(g.power(n.a, 2)))),
                      n.da);
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.erf(); }
};

// 1 - erf(a), to the last digit where that difference has none left.
struct ComplementaryErrorFunction : FunctionRow<1> {
  static constexpr const char *name = "erfc", *numpy = "erfc";
  template <class T> KOKKOS_FUNCTION static T value(T a) { return std::erfc(a); }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    using T = typename R::Value;
    r.add_scalar(r.ga, [&](int i) { return -r.g[i] * T(1.1283791670955126) * std::exp(-r.a[i] * r.a[i]); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.multiply(g.multiply(g.constant(-2 / std::sqrt(std::acos(-1.0))), g.call("exp", g.negate(g.power(n.a, 2)))),
                      n.da);
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return a.erfc(); }
};

struct Minimum : FunctionRow<2> {
  static constexpr const char *name = "min", *numpy = "minimum";
  static constexpr bool more = true, symmetric = true, packed = true;
  template <class T> KOKKOS_FUNCTION static T value(T a, T b) { return a < b || a != a ? a : b; }
  template <class T> static constexpr double flop() { return 0; }
  template <class T> static constexpr double adjoint_flop(int) { return 1; }
  template <class T> static Pack<T> pack(const T* a, const T* b) {
    const Pack<T> x = load<T>(a), y = load<T>(b);
    return ((x < y) | (x != x)) ? x : y;
  }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add(r.ga, [&](int i) { return r.at(r.a, i) <= r.at(r.b, i) ? r.at(r.g, i) : r.number(0); });
    r.add(r.gb, [&](int i) { return r.at(r.a, i) <= r.at(r.b, i) ? r.number(0) : r.at(r.g, i); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.call("where", g.less_equal(n.a, n.b), n.da, n.db);
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a, const Tensor& b) { return a.minimum(b); }
};

struct Maximum : FunctionRow<2> {
  static constexpr const char *name = "max", *numpy = "maximum";
  static constexpr bool more = true, symmetric = true, packed = true;
  template <class T> KOKKOS_FUNCTION static T value(T a, T b) { return a > b || a != a ? a : b; }
  template <class T> static constexpr double flop() { return 0; }
  template <class T> static constexpr double adjoint_flop(int) { return 1; }
  template <class T> static Pack<T> pack(const T* a, const T* b) {
    const Pack<T> x = load<T>(a), y = load<T>(b);
    return ((x > y) | (x != x)) ? x : y;
  }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add(r.ga, [&](int i) { return r.at(r.b, i) <= r.at(r.a, i) ? r.at(r.g, i) : r.number(0); });
    r.add(r.gb, [&](int i) { return r.at(r.b, i) <= r.at(r.a, i) ? r.number(0) : r.at(r.g, i); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.call("where", g.less_equal(n.b, n.a), n.da, n.db);
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a, const Tensor& b) { return a.maximum(b); }
};

struct Modulo : FunctionRow<2> {
  static constexpr const char *name = "mod", *numpy = "mod";
  static constexpr bool jumps = true;
  template <class T> KOKKOS_FUNCTION static T value(T a, T b) { return a - b * std::floor(a / b); }
  template <class T> static constexpr double flop() { return 3; }
  template <class T> static constexpr double adjoint_flop(int operand) { return operand == 0 ? 1 : 4; }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    r.add(r.ga, [&](int i) { return r.at(r.g, i); });
    r.add_scalar(r.gb, [&](int i) { return -r.g[i] * std::floor(r.a[i] / r.b[i]); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) {
    return g.subtract(n.da, g.multiply(n.db, g.divide(g.subtract(n.a, n.h), n.b)));
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a, const Tensor& b) { return a.remainder(b); }
};

struct Step : FunctionRow<1> {
  static constexpr const char *name = "step", *numpy = "step";
  static constexpr bool packed = true, jumps = true;
  static constexpr int passes = 0;
  template <class T> KOKKOS_FUNCTION static T value(T a) { return a >= T(0) ? T(1) : a < T(0) ? T(0) : a; }
  template <class T> static constexpr double flop() { return 0; }
  template <class T> static Pack<T> pack(const T* a) {
    const Pack<T> x = load<T>(a);
    return x >= T(0) ? splat<T>(1) : x < T(0) ? splat<T>(0) : x;
  }
  template <class Tensor> static Tensor libtorch(const Tensor& a) { return (a >= 0).to(a.scalar_type()); }
};

// The condition is not differentiated.
struct Where : FunctionRow<3> {
  static constexpr const char *name = "where", *numpy = "where";
  static constexpr bool packed = true, jumps = true;
  static constexpr int passes = 0b110;
  template <class T> KOKKOS_FUNCTION static T value(T a, T b, T c) { return a != T(0) ? b : c; }
  template <class T> static constexpr double flop() { return 0; }
  template <class T> static constexpr double adjoint_flop(int) { return 1; }
  template <class T> static Pack<T> pack(const T* a, const T* b, const T* c) {
    return load<T>(a) != T(0) ? load<T>(b) : load<T>(c);
  }
  template <class R> KOKKOS_FUNCTION static void adjoint(const R& r) {
    using T = typename R::Value;
    r.add(r.gb, [&](int i) { return r.at(r.a, i) != T(0) ? r.at(r.g, i) : r.number(0); });
    r.add(r.gc, [&](int i) { return r.at(r.a, i) != T(0) ? r.number(0) : r.at(r.g, i); });
  }
  template <class G> static auto derivative(G& g, const FunctionNodes& n) { return g.call("where", n.a, n.db, n.dc); }
  template <class Tensor> static Tensor libtorch(const Tensor& a, const Tensor& b, const Tensor& c) {
    return b.where(a != 0, c);
  }
};

// A function's number is its place in this list.
using All = FunctionList<Sine, Cosine, Tangent, ArcSine, ArcCosine, ArcTangent, ArcTangent2, HyperbolicSine,
                         HyperbolicCosine, HyperbolicTangent, Exponential, Logarithm, SquareRoot, Absolute, Sign,
                         ErrorFunction, ComplementaryErrorFunction, Minimum, Maximum, Modulo, Step, Where>;

}  // namespace jetpinn::functions
