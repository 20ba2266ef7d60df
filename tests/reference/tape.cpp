#include "reference/tape.hpp"

#include "jetpinn/kernels/function_table.hpp"

#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>

namespace jetpinn::reference {

namespace {

struct Dual {
  double v = 0, d = 0;  // value, derivative
};

Dual chain(double value, double slope, Dual a) { return {value, a.d == 0 ? 0 : slope * a.d}; }

const double pi = std::acos(-1.0);

double no_slope(double) { return 0; }

// Functions of one operand and their slopes.
struct Unary {
  std::string_view name;
  double (*value)(double), (*slope)(double);
};
const Unary unaries[] = {
    {"sin", [](double x) { return std::sin(x); }, [](double x) { return std::cos(x); }},
    {"cos", [](double x) { return std::cos(x); }, [](double x) { return -std::sin(x); }},
    {"tan", [](double x) { return std::tan(x); }, [](double x) { return 1 / (std::cos(x) * std::cos(x)); }},
    {"asin", [](double x) { return std::asin(x); }, [](double x) { return 1 / std::sqrt(1 - x * x); }},
    {"acos", [](double x) { return std::acos(x); }, [](double x) { return -1 / std::sqrt(1 - x * x); }},
    {"atan", [](double x) { return std::atan(x); }, [](double x) { return 1 / (1 + x * x); }},
    {"sinh", [](double x) { return std::sinh(x); }, [](double x) { return std::cosh(x); }},
    {"cosh", [](double x) { return std::cosh(x); }, [](double x) { return std::sinh(x); }},
    {"tanh", [](double x) { return std::tanh(x); }, [](double x) { return 1 / (std::cosh(x) * std::cosh(x)); }},
    {"exp", [](double x) { return std::exp(x); }, [](double x) { return std::exp(x); }},
    {"log", [](double x) { return std::log(x); }, [](double x) { return 1 / x; }},
    {"sqrt", [](double x) { return std::sqrt(x); }, [](double x) { return 0.5 / std::sqrt(x); }},
    {"abs", [](double x) { return std::abs(x); }, [](double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0; }},
    {"sign", [](double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0; }, no_slope},
    {"erf", [](double x) { return std::erf(x); }, [](double x) { return 2 / std::sqrt(pi) * std::exp(-x * x); }},
    {"erfc", [](double x) { return std::erfc(x); }, [](double x) { return -2 / std::sqrt(pi) * std::exp(-x * x); }},
    {"step", [](double x) { return x >= 0 ? 1.0 : 0.0; }, no_slope},
};

Dual call(std::string_view name, Dual a, Dual b, Dual c) {
  for (const Unary& unary : unaries) {
    if (unary.name == name) return chain(unary.value(a.v), unary.slope(a.v), a);
  }
  if (name == "atan2") return {std::atan2(a.v, b.v), (b.v * a.d - a.v * b.d) / (a.v * a.v + b.v * b.v)};
  if (name == "min") return a.v <= b.v ? a : b;
  if (name == "max") return b.v <= a.v ? a : b;
  if (name == "mod") return {a.v - b.v * std::floor(a.v / b.v), a.d - std::floor(a.v / b.v) * b.d};
  if (name == "where") return a.v != 0 ? b : c;
  throw std::logic_error("tests/reference/tape.cpp lacks the function " + std::string(name));
}

Dual operate(TapeOp op, Dual a, Dual b, Dual c) {
  if (function_of(op) >= 0) return call(function_table[static_cast<std::size_t>(function_of(op))].name, a, b, c);
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
    case TapeOp::less: return {double(a.v < b.v), 0};
    case TapeOp::less_equal: return {double(a.v <= b.v), 0};
    case TapeOp::equal: return {double(a.v == b.v), 0};
    case TapeOp::not_equal: return {double(a.v != b.v), 0};
    case TapeOp::logical_and: return {double(a.v != 0 && b.v != 0), 0};
    case TapeOp::logical_or: return {double(a.v != 0 || b.v != 0), 0};
    case TapeOp::logical_not: return {double(a.v == 0), 0};
    default: return {};
  }
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
