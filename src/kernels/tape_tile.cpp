#include "jetpinn/kernels/tape_tile.hpp"

#include "jetpinn/kernels/pack_math.hpp"
#include "jetpinn/kernels/tape_math.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

namespace {

bool is_leaf(TapeOp op) { return op == TapeOp::constant || op == TapeOp::input; }

// Operations whose derivative is zero wherever it exists.
bool is_piecewise_constant(TapeOp op) {
  switch (op) {
    case TapeOp::sign: case TapeOp::step: case TapeOp::less: case TapeOp::less_equal: case TapeOp::equal: case TapeOp::not_equal:
    case TapeOp::logical_and: case TapeOp::logical_or: case TapeOp::logical_not:
      return true;
    default:
      return false;
  }
}

template <class T, class Function>
inline void map(int length, T* out, const T* a, Function f) {
  for (int i = 0; i < length; i += pack_lanes<T>) store<T>(out + i, f(load<T>(a + i)));
}
template <class T, class Function>
inline void map(int length, T* out, const T* a, const T* b, Function f) {
  for (int i = 0; i < length; i += pack_lanes<T>) store<T>(out + i, f(load<T>(a + i), load<T>(b + i)));
}
// Functions without a packed version here, point by point.
template <class T, class Function>
inline void map_scalar(int length, T* __restrict out, const T* a, Function f) {
#pragma omp simd
  for (int i = 0; i < length; ++i) out[i] = f(a[i]);
}
template <class T, class Function>
inline void map_scalar(int length, T* __restrict out, const T* a, const T* b, Function f) {
#pragma omp simd
  for (int i = 0; i < length; ++i) out[i] = f(a[i], b[i]);
}
// to[i] += f(i), where there is somebody to add to.
template <class T, class Function>
inline void accumulate(int length, T* to, Function f) {
  if (!to) return;
  for (int i = 0; i < length; i += pack_lanes<T>) store<T>(to + i, load<T>(to + i) + f(i));
}
template <class T, class Function>
inline void accumulate_scalar(int length, T* to, Function f) {
  if (!to) return;
#pragma omp simd
  for (int i = 0; i < length; ++i) to[i] += f(i);
}

template <class T>
Pack<T> truth(PackBits<T> condition) {
  return condition ? splat<T>(1) : splat<T>(0);
}

}  // namespace

TapeAdjointPlan plan_adjoints(const TapeProgram& program, const std::vector<bool>& wanted_inputs) {
  const auto& instructions = program.instructions;
  std::vector<bool> depends(instructions.size(), false), leads(instructions.size(), false);
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    const TapeInstruction& instruction = instructions[i];
    if (instruction.op == TapeOp::input) {
      depends[i] = wanted_inputs[static_cast<std::size_t>(instruction.a)];
    } else if (!is_leaf(instruction.op) && !is_piecewise_constant(instruction.op)) {
      const std::int32_t first = instruction.op == TapeOp::where ? -1 : instruction.a;  // the condition passes nothing on
      for (std::int32_t operand : {first, instruction.b, instruction.c}) {
        if (operand >= 0 && depends[static_cast<std::size_t>(operand)]) depends[i] = true;
      }
    }
  }
  for (std::int32_t output : program.outputs) leads[static_cast<std::size_t>(output)] = true;
  TapeAdjointPlan plan;
  plan.slot.assign(instructions.size(), -1);
  for (std::size_t i = instructions.size(); i-- > 0;) {
    if (!leads[i] || !depends[i]) continue;
    plan.slot[i] = plan.slots++;
    const TapeInstruction& instruction = instructions[i];
    if (is_leaf(instruction.op)) continue;
    for (std::int32_t operand : {instruction.a, instruction.b, instruction.c}) {
      if (operand >= 0) leads[static_cast<std::size_t>(operand)] = true;
    }
  }
  return plan;
}

template <class T>
TapeTile<T>::TapeTile(const TapeProgram& program, T* values, const TapeAdjointPlan* adjoint_plan, T* adjoints)
    : program_(program), plan_(adjoint_plan), values_(values), adjoints_(adjoints), at_(program.instructions.size()) {
  for (std::size_t i = 0; i < at_.size(); ++i) {
    T* own = values_ + static_cast<std::int64_t>(i) * tape_tile;
    at_[i] = own;
    const TapeInstruction& instruction = program_.instructions[i];
    if (instruction.op == TapeOp::constant) std::fill(own, own + tape_tile, static_cast<T>(instruction.value));
  }
}

template <class T>
void TapeTile<T>::load_input(T* to, const Column<const T>& column, std::int64_t first, int count) {
  const T* from = column.data + first * column.stride;
  for (int i = 0; i < count; ++i) to[i] = from[i * column.stride];
  for (int i = count; i < length_; ++i) to[i] = to[count - 1];  // pad with a sound value: nobody reads the results
}

template <class T>
void TapeTile<T>::forward(const Column<const T>* inputs, std::int64_t first, int count) {
  length_ = static_cast<int>(padded<T>(count));
  for (std::size_t i = 0; i < at_.size(); ++i) {
    const TapeInstruction& instruction = program_.instructions[i];
    T* own = values_ + static_cast<std::int64_t>(i) * tape_tile;
    if (instruction.op == TapeOp::constant) continue;
    if (instruction.op == TapeOp::input) {
      const Column<const T>& column = inputs[instruction.a];
      const bool in_place = column.stride == 1 && count == length_;
      if (!in_place) load_input(own, column, first, count);
      at_[i] = in_place ? column.data + first : own;
    } else {
      forward_instruction(instruction, own);
    }
  }
}

template <class T>
void TapeTile<T>::forward_instruction(const TapeInstruction& instruction, T* out) {
  using P = Pack<T>;
  const auto operand = [this](std::int32_t index) { return index < 0 ? nullptr : at_[static_cast<std::size_t>(index)]; };
  const T *a = operand(instruction.a), *b = operand(instruction.b), *c = operand(instruction.c);
  const int n = length_;
  switch (instruction.op) {
    case TapeOp::constant: case TapeOp::input: return;
    case TapeOp::add: return map<T>(n, out, a, b, [](P x, P y) { return x + y; });
    case TapeOp::subtract: return map<T>(n, out, a, b, [](P x, P y) { return x - y; });
    case TapeOp::multiply: return map<T>(n, out, a, b, [](P x, P y) { return x * y; });
    case TapeOp::divide: return map<T>(n, out, a, b, [](P x, P y) { return x / y; });
    case TapeOp::negate: return map<T>(n, out, a, [](P x) { return -x; });
    case TapeOp::square: return map<T>(n, out, a, [](P x) { return x * x; });
    case TapeOp::sin: return tape_sin(n, out, a);
    case TapeOp::cos: return tape_cos(n, out, a);
    case TapeOp::tanh: return map<T>(n, out, a, [](P x) { return pack_tanh<T>(x); });
    case TapeOp::exp: return tape_exp(n, out, a);
    case TapeOp::log: return tape_log(n, out, a);
    case TapeOp::power: return map_scalar<T>(n, out, a, b, [](T x, T y) { return std::pow(x, y); });
    case TapeOp::tan: return map_scalar<T>(n, out, a, [](T x) { return std::tan(x); });
    case TapeOp::asin: return map_scalar<T>(n, out, a, [](T x) { return std::asin(x); });
    case TapeOp::acos: return map_scalar<T>(n, out, a, [](T x) { return std::acos(x); });
    case TapeOp::atan: return map_scalar<T>(n, out, a, [](T x) { return std::atan(x); });
    case TapeOp::atan2: return map_scalar<T>(n, out, a, b, [](T y, T x) { return std::atan2(y, x); });
    case TapeOp::sinh: return map_scalar<T>(n, out, a, [](T x) { return std::sinh(x); });
    case TapeOp::cosh: return map_scalar<T>(n, out, a, [](T x) { return std::cosh(x); });
    case TapeOp::erf: return map_scalar<T>(n, out, a, [](T x) { return std::erf(x); });
    case TapeOp::sqrt: return map_scalar<T>(n, out, a, [](T x) { return std::sqrt(x); });
    case TapeOp::modulo: return map_scalar<T>(n, out, a, b, [](T x, T y) { return x - y * std::floor(x / y); });
    case TapeOp::abs: return map_scalar<T>(n, out, a, [](T x) { return std::abs(x); });
    // NaN goes through what follows: a diverged value must not turn into a sound one.
    case TapeOp::sign: return map<T>(n, out, a, [](P x) { return x > T(0) ? splat<T>(1) : x < T(0) ? splat<T>(-1) : x; });
    case TapeOp::step: return map<T>(n, out, a, [](P x) { return x >= T(0) ? splat<T>(1) : x < T(0) ? splat<T>(0) : x; });
    case TapeOp::minimum: return map<T>(n, out, a, b, [](P x, P y) { return (x < y) | (x != x) ? x : y; });
    case TapeOp::maximum: return map<T>(n, out, a, b, [](P x, P y) { return (x > y) | (x != x) ? x : y; });
    case TapeOp::less: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>(x < y); });
    case TapeOp::less_equal: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>(x <= y); });
    case TapeOp::equal: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>(x == y); });
    case TapeOp::not_equal: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>(x != y); });
    case TapeOp::logical_and: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>((x != T(0)) & (y != T(0))); });
    case TapeOp::logical_or: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>((x != T(0)) | (y != T(0))); });
    case TapeOp::logical_not: return map<T>(n, out, a, [](P x) { return truth<T>(x == T(0)); });
    case TapeOp::where:
      for (int i = 0; i < n; i += pack_lanes<T>) store<T>(out + i, load<T>(a + i) != T(0) ? load<T>(b + i) : load<T>(c + i));
      return;
  }
}

template <class T>
void TapeTile<T>::clear_adjoints() {
  for (std::int32_t slot = 0; slot < plan_->slots; ++slot) {
    T* row = adjoints_ + static_cast<std::int64_t>(slot) * tape_tile;
    std::fill(row, row + length_, T(0));
  }
}

template <class T>
void TapeTile<T>::reverse() {
  for (auto i = static_cast<std::int32_t>(program_.instructions.size()) - 1; i >= 0; --i) {
    if (plan_->slot[static_cast<std::size_t>(i)] >= 0) reverse_instruction(i);
  }
}

// With h = f(a, b, c) and its adjoint g: ga += g df/da and so on.
template <class T>
void TapeTile<T>::reverse_instruction(std::int32_t index) {
  using P = Pack<T>;
  const TapeInstruction& instruction = program_.instructions[static_cast<std::size_t>(index)];
  if (is_leaf(instruction.op)) return;
  const auto value = [this](std::int32_t i) { return i < 0 ? nullptr : at_[static_cast<std::size_t>(i)]; };
  const auto adjoint_of = [this](std::int32_t i) { return i < 0 ? nullptr : adjoint(i); };
  const T *a = value(instruction.a), *b = value(instruction.b), *h = value(index), *g = adjoint(index);
  T *ga = adjoint_of(instruction.a), *gb = adjoint_of(instruction.b), *gc = adjoint_of(instruction.c);
  const int n = length_;
  const auto L = [](const T* from, int i) { return load<T>(from + i); };
  switch (instruction.op) {
    case TapeOp::add:
      accumulate(n, ga, [&](int i) { return L(g, i); });
      return accumulate(n, gb, [&](int i) { return L(g, i); });
    case TapeOp::subtract:
      accumulate(n, ga, [&](int i) { return L(g, i); });
      return accumulate(n, gb, [&](int i) { return -L(g, i); });
    case TapeOp::multiply:
      accumulate(n, ga, [&](int i) { return L(g, i) * L(b, i); });
      return accumulate(n, gb, [&](int i) { return L(g, i) * L(a, i); });
    case TapeOp::divide:
      accumulate(n, ga, [&](int i) { return L(g, i) / L(b, i); });
      return accumulate(n, gb, [&](int i) { return -(L(g, i) * L(h, i) / L(b, i)); });
    case TapeOp::negate: return accumulate(n, ga, [&](int i) { return -L(g, i); });
    case TapeOp::square: return accumulate(n, ga, [&](int i) { return L(g, i) * (L(a, i) + L(a, i)); });
    case TapeOp::power:
      accumulate_scalar(n, ga, [&](int i) { return g[i] * b[i] * std::pow(a[i], b[i] - 1); });
      return accumulate_scalar(n, gb, [&](int i) { return g[i] * h[i] * std::log(a[i]); });
    case TapeOp::sin: return accumulate(n, ga, [&](int i) { return L(g, i) * tape_cos_pack<T>(a + i); });
    case TapeOp::cos: return accumulate(n, ga, [&](int i) { return -(L(g, i) * tape_sin_pack<T>(a + i)); });
    case TapeOp::tan: return accumulate(n, ga, [&](int i) { return L(g, i) * (T(1) + L(h, i) * L(h, i)); });
    case TapeOp::asin: return accumulate_scalar(n, ga, [&](int i) { return g[i] / std::sqrt(1 - a[i] * a[i]); });
    case TapeOp::acos: return accumulate_scalar(n, ga, [&](int i) { return -g[i] / std::sqrt(1 - a[i] * a[i]); });
    case TapeOp::atan: return accumulate(n, ga, [&](int i) { return L(g, i) / (T(1) + L(a, i) * L(a, i)); });
    case TapeOp::atan2: {
      const auto radius = [&](int i) { return L(a, i) * L(a, i) + L(b, i) * L(b, i); };
      accumulate(n, ga, [&](int i) { return L(g, i) * L(b, i) / radius(i); });
      return accumulate(n, gb, [&](int i) { return -(L(g, i) * L(a, i) / radius(i)); });
    }
    case TapeOp::sinh: return accumulate_scalar(n, ga, [&](int i) { return g[i] * std::cosh(a[i]); });
    case TapeOp::cosh: return accumulate_scalar(n, ga, [&](int i) { return g[i] * std::sinh(a[i]); });
    case TapeOp::tanh: return accumulate(n, ga, [&](int i) { return L(g, i) * (T(1) - L(h, i) * L(h, i)); });
    case TapeOp::exp: return accumulate(n, ga, [&](int i) { return L(g, i) * L(h, i); });
    case TapeOp::log: return accumulate(n, ga, [&](int i) { return L(g, i) / L(a, i); });
    case TapeOp::sqrt: return accumulate(n, ga, [&](int i) { return L(g, i) / (L(h, i) + L(h, i)); });
    case TapeOp::abs:
      return accumulate(n, ga, [&](int i) {
        const P x = L(a, i);
        return L(g, i) * (x > T(0) ? splat<T>(1) : x < T(0) ? splat<T>(-1) : x);
      });
    case TapeOp::erf:
      return accumulate_scalar(n, ga, [&](int i) { return g[i] * T(1.1283791670955126) * std::exp(-a[i] * a[i]); });
    case TapeOp::minimum:
      accumulate(n, ga, [&](int i) { return L(a, i) <= L(b, i) ? L(g, i) : splat<T>(0); });
      return accumulate(n, gb, [&](int i) { return L(a, i) <= L(b, i) ? splat<T>(0) : L(g, i); });
    case TapeOp::maximum:
      accumulate(n, ga, [&](int i) { return L(b, i) <= L(a, i) ? L(g, i) : splat<T>(0); });
      return accumulate(n, gb, [&](int i) { return L(b, i) <= L(a, i) ? splat<T>(0) : L(g, i); });
    case TapeOp::modulo:
      accumulate(n, ga, [&](int i) { return L(g, i); });
      return accumulate_scalar(n, gb, [&](int i) { return -g[i] * std::floor(a[i] / b[i]); });
    case TapeOp::where:
      accumulate(n, gb, [&](int i) { return L(a, i) != T(0) ? L(g, i) : splat<T>(0); });
      return accumulate(n, gc, [&](int i) { return L(a, i) != T(0) ? splat<T>(0) : L(g, i); });
    default: return;  // piecewise constant
  }
}

template <class T>
void TapeTile<T>::store_adjoints(const Column<T>* columns, std::int64_t first, int count) const {
  for (int j = 0; j < program_.inputs; ++j) {
    if (!columns[j].data) continue;
    for (int i = 0; i < count; ++i) columns[j].data[(first + i) * columns[j].stride] = 0;
  }
  for (std::size_t r = 0; r < at_.size(); ++r) {
    const TapeInstruction& instruction = program_.instructions[r];
    if (instruction.op != TapeOp::input) continue;
    const T* row = adjoint(static_cast<std::int32_t>(r));
    const Column<T>& column = columns[instruction.a];
    if (!row || !column.data) continue;
    for (int i = 0; i < count; ++i) column.data[(first + i) * column.stride] += row[i];
  }
}

template class TapeTile<float>;
template class TapeTile<double>;

}  // namespace jetpinn
