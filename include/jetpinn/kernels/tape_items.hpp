// What a thread of a device does with a tape: all instructions for one point. Registers lie in the device's memory,
// [instructions, points], so that the threads of neighbouring points read neighbouring places.
#pragma once

#include "jetpinn/kernels/function_table.hpp"
#include "jetpinn/kernels/tape.hpp"
#include "jetpinn/kernels/tape_operators.hpp"
#include "jetpinn/kernels/tape_point.hpp"

#include <Kokkos_Macros.hpp>

#include <cmath>
#include <cstdint>

namespace jetpinn {

// A tape and its registers, by addresses on the device.
template <class T>
struct TapeView {
  const TapeInstruction* instructions = nullptr;
  const std::int32_t* outputs = nullptr;
  const std::int32_t* slot = nullptr;  // as in TapeAdjointPlan; null: forward only
  std::int32_t length = 0, results = 0, slots = 0;
  std::int64_t stride = 0;  // how far apart a point's registers are
  T *values = nullptr, *adjoints = nullptr;

  KOKKOS_FUNCTION T* value(std::int32_t i, std::int64_t p) const { return i < 0 ? nullptr : values + i * stride + p; }
  // Null where nothing wanted depends on the register.
  KOKKOS_FUNCTION T* adjoint(std::int32_t i, std::int64_t p) const {
    return i < 0 || slot[i] < 0 ? nullptr : adjoints + slot[i] * stride + p;
  }

  KOKKOS_FUNCTION void forward(const Column<const T>* inputs, std::int64_t p) const {
    for (std::int32_t i = 0; i < length; ++i) {
      const TapeInstruction& in = instructions[i];
      T* out = value(i, p);
      if (in.op == TapeOp::constant)
        *out = static_cast<T>(in.value);
      else if (in.op == TapeOp::input)
        *out = inputs[in.a].data[p * inputs[in.a].stride];
      else
        *out = result(in, value(in.a, p), value(in.b, p), value(in.c, p));
    }
  }

  KOKKOS_FUNCTION static T result(const TapeInstruction& in, const T* a, const T* b, const T* c) {
    switch (in.op) {
      case TapeOp::add:
        return *a + *b;
      case TapeOp::subtract:
        return *a - *b;
      case TapeOp::multiply:
        return *a * *b;
      case TapeOp::divide:
        return *a / *b;
      case TapeOp::negate:
        return -*a;
      case TapeOp::square:
        return *a * *a;
      case TapeOp::power:
        return std::pow(*a, *b);
      case TapeOp::less:
        return T(*a < *b);
      case TapeOp::less_equal:
        return T(*a <= *b);
      case TapeOp::equal:
        return T(*a == *b);
      case TapeOp::not_equal:
        return T(*a != *b);
      case TapeOp::logical_and:
        return T(*a != T(0) && *b != T(0));
      case TapeOp::logical_or:
        return T(*a != T(0) || *b != T(0));
      case TapeOp::logical_not:
        return T(*a == T(0));
      default:
        break;
    }
    T result = 0;
    functions::All::visit(function_of(in.op), [&](auto row) {
      using F = decltype(row);
      if constexpr (F::operands == 1) result = F::value(*a);
      if constexpr (F::operands == 2) result = F::value(*a, *b);
      if constexpr (F::operands == 3) result = F::value(*a, *b, *c);
    });
    return result;
  }

  KOKKOS_FUNCTION void clear_adjoints(std::int64_t p) const {
    for (std::int32_t s = 0; s < slots; ++s) adjoints[s * stride + p] = 0;
  }

  KOKKOS_FUNCTION void reverse(std::int64_t p) const {
    for (std::int32_t i = length - 1; i >= 0; --i) {
      const TapeInstruction& in = instructions[i];
      if (slot[i] < 0 || in.op == TapeOp::constant || in.op == TapeOp::input) continue;
      const TapePoint<T> point{value(in.a, p), value(in.b, p),   value(in.c, p),   value(i, p),
                               adjoint(i, p),  adjoint(in.a, p), adjoint(in.b, p), adjoint(in.c, p)};
      operator_adjoint(in.op, point);
      functions::All::visit(function_of(in.op), [&](auto row) {
        using F = decltype(row);
        if constexpr (F::passes != 0) F::adjoint(point);
      });
    }
  }

  KOKKOS_FUNCTION void store_adjoints(const Column<T>* columns, int inputs, std::int64_t p) const {
    for (int j = 0; j < inputs; ++j)
      if (columns[j].data) columns[j].data[p * columns[j].stride] = 0;
    for (std::int32_t i = 0; i < length; ++i) {
      if (instructions[i].op != TapeOp::input || slot[i] < 0) continue;
      const Column<T>& column = columns[instructions[i].a];
      if (column.data) column.data[p * column.stride] += *adjoint(i, p);
    }
  }
};

template <class T>
struct TapeForwardItem {
  TapeView<T> tape;
  const Column<const T>* inputs;
  const Column<T>* outputs;
  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    tape.forward(inputs, p);
    for (std::int32_t k = 0; k < tape.results; ++k)
      if (outputs[k].data) outputs[k].data[p * outputs[k].stride] = *tape.value(tape.outputs[k], p);
  }
};

template <class T>
struct TapeReverseItem {
  TapeView<T> tape;
  int inputs_count;
  const Column<const T>*inputs, *cotangents;
  const Column<T>* adjoints;
  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    tape.forward(inputs, p);
    tape.clear_adjoints(p);
    for (std::int32_t k = 0; k < tape.results; ++k) {
      T* seed = tape.adjoint(tape.outputs[k], p);
      if (seed && cotangents[k].data) *seed += cotangents[k].data[p * cotangents[k].stride];
    }
    tape.reverse(p);
    tape.store_adjoints(adjoints, inputs_count, p);
  }
};

// Squares of a point's residuals, [points, 2] weighted and by quadrature alone, and the adjoints of its inputs.
template <class T>
struct TapeResidualItem {
  TapeView<T> tape;
  int inputs_count;
  double scale;
  const Column<const T>*inputs, *weights;
  const Column<T>*residuals, *adjoints;  // null: not wanted
  Column<const T> quadrature;            // null data: 1
  double* squares;
  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    tape.forward(inputs, p);
    if (adjoints) tape.clear_adjoints(p);
    double weighted = 0, unweighted = 0;
    for (std::int32_t k = 0; k < tape.results; ++k) {
      const T r = *tape.value(tape.outputs[k], p);
      const double w = weights[k].data ? static_cast<double>(weights[k].data[p * weights[k].stride]) : 1.0;
      const double value = static_cast<double>(r), square = value * value;
      weighted += w * square;
      unweighted += square;
      T* seed = adjoints ? tape.adjoint(tape.outputs[k], p) : nullptr;
      if (seed) *seed += static_cast<T>(2 * scale * w * value);
      if (residuals && residuals[k].data) residuals[k].data[p * residuals[k].stride] = r;
    }
    squares[2 * p] = weighted;
    if (quadrature.data) unweighted *= static_cast<double>(quadrature.data[p * quadrature.stride]);
    squares[2 * p + 1] = unweighted;
    if (!adjoints) return;
    tape.reverse(p);
    tape.store_adjoints(adjoints, inputs_count, p);
  }
};

// To be summed over points: column 0 the weighted squares, column 1 the others.
struct SquaresTerm {
  const double* squares;
  KOKKOS_FUNCTION double operator()(std::int64_t p, std::int64_t column) const { return squares[2 * p + column]; }
};

}  // namespace jetpinn
