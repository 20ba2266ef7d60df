#include "reference/tape.hpp"

#include <cmath>

namespace jetpinn::reference {

namespace {

struct Dual {
  double v = 0, d = 0;  // value, derivative
};

Dual chain(double value, double slope, Dual a) { return {value, a.d == 0 ? 0 : slope * a.d}; }

Dual operate(TapeOp op, Dual a, Dual b, Dual c) {
  const double pi = std::acos(-1.0);
  switch (op) {
    case TapeOp::add: return {a.v + b.v, a.d + b.d};
    case TapeOp::subtract: return {a.v - b.v, a.d - b.d};
    case TapeOp::multiply: return {a.v * b.v, a.d * b.v + a.v * b.d};
    case TapeOp::divide: return {a.v / b.v, (a.d * b.v - a.v * b.d) / (b.v * b.v)};
    case TapeOp::negate: return {-a.v, -a.d};
    case TapeOp::square: return {a.v * a.v, 2 * a.v * a.d};
    case TapeOp::power: {
      const double by_base = a.d == 0 ? 0 : b.v * std::pow(a.v, b.v - 1) * a.d;
      const double by_exponent = b.d == 0 ? 0 : std::pow(a.v, b.v) * std::log(a.v) * b.d;
      return {std::pow(a.v, b.v), by_base + by_exponent};
    }
    case TapeOp::sin: return chain(std::sin(a.v), std::cos(a.v), a);
    case TapeOp::cos: return chain(std::cos(a.v), -std::sin(a.v), a);
    case TapeOp::tan: return chain(std::tan(a.v), 1 / (std::cos(a.v) * std::cos(a.v)), a);
    case TapeOp::asin: return chain(std::asin(a.v), 1 / std::sqrt(1 - a.v * a.v), a);
    case TapeOp::acos: return chain(std::acos(a.v), -1 / std::sqrt(1 - a.v * a.v), a);
    case TapeOp::atan: return chain(std::atan(a.v), 1 / (1 + a.v * a.v), a);
    case TapeOp::atan2: return {std::atan2(a.v, b.v), (b.v * a.d - a.v * b.d) / (a.v * a.v + b.v * b.v)};
    case TapeOp::sinh: return chain(std::sinh(a.v), std::cosh(a.v), a);
    case TapeOp::cosh: return chain(std::cosh(a.v), std::sinh(a.v), a);
    case TapeOp::tanh: return chain(std::tanh(a.v), 1 / (std::cosh(a.v) * std::cosh(a.v)), a);
    case TapeOp::exp: return chain(std::exp(a.v), std::exp(a.v), a);
    case TapeOp::log: return chain(std::log(a.v), 1 / a.v, a);
    case TapeOp::sqrt: return chain(std::sqrt(a.v), 0.5 / std::sqrt(a.v), a);
    case TapeOp::abs: return chain(std::abs(a.v), a.v > 0 ? 1 : a.v < 0 ? -1 : 0, a);
    case TapeOp::erf: return chain(std::erf(a.v), 2 / std::sqrt(pi) * std::exp(-a.v * a.v), a);
    case TapeOp::minimum: return a.v <= b.v ? a : b;
    case TapeOp::maximum: return b.v <= a.v ? a : b;
    case TapeOp::modulo: return {a.v - b.v * std::floor(a.v / b.v), a.d - std::floor(a.v / b.v) * b.d};
    case TapeOp::where: return a.v != 0 ? b : c;
    case TapeOp::sign: return {a.v > 0 ? 1.0 : a.v < 0 ? -1.0 : 0.0, 0};
    case TapeOp::step: return {a.v >= 0 ? 1.0 : 0.0, 0};
    case TapeOp::less: return {double(a.v < b.v), 0};
    case TapeOp::less_equal: return {double(a.v <= b.v), 0};
    case TapeOp::equal: return {double(a.v == b.v), 0};
    case TapeOp::not_equal: return {double(a.v != b.v), 0};
    case TapeOp::logical_and: return {double(a.v != 0 && b.v != 0), 0};
    case TapeOp::logical_or: return {double(a.v != 0 || b.v != 0), 0};
    case TapeOp::logical_not: return {double(a.v == 0), 0};
    case TapeOp::constant: case TapeOp::input: break;
  }
  return {};
}

std::vector<Dual> run(const TapeProgram& program, const std::vector<double>& inputs, int j) {
  std::vector<Dual> registers;
  for (const TapeInstruction& instruction : program.instructions) {
    const auto at = [&](std::int32_t index) { return index < 0 ? Dual{} : registers[static_cast<std::size_t>(index)]; };
    if (instruction.op == TapeOp::constant) {
      registers.push_back({instruction.value, 0});
    } else if (instruction.op == TapeOp::input) {
      registers.push_back({inputs[static_cast<std::size_t>(instruction.a)], instruction.a == j ? 1.0 : 0.0});
    } else {
      registers.push_back(operate(instruction.op, at(instruction.a), at(instruction.b), at(instruction.c)));
    }
  }
  std::vector<Dual> outputs;
  for (std::int32_t output : program.outputs) outputs.push_back(registers[static_cast<std::size_t>(output)]);
  return outputs;
}

}  // namespace

std::vector<double> tape_outputs(const TapeProgram& program, const std::vector<double>& inputs) {
  std::vector<double> values;
  for (const Dual& output : run(program, inputs, -1)) values.push_back(output.v);
  return values;
}

std::vector<double> tape_derivatives(const TapeProgram& program, const std::vector<double>& inputs, int j) {
  std::vector<double> derivatives;
  for (const Dual& output : run(program, inputs, j)) derivatives.push_back(output.d);
  return derivatives;
}

}  // namespace jetpinn::reference
