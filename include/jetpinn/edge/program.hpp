// The program that makes a network's outputs from what its last layers give, in fp64: steps that read earlier ones, named as
// NumPy names them, as in the group `output` of network.h5.
//
// In the file: u32 n, n x (text name, u32[3] operands, f64 value) · outputs x u32: the step that each output is.
#pragma once

#include "jetpinn/edge/curvatures.hpp"
#include "jetpinn/edge/file_reader.hpp"

namespace jetpinn::edge {

JETPINN_EDGE_EXACT_BEGIN

struct Operation {
  const char* name;
  int operands;
  double (*value)(double a, double b, double c);
  Slope slope;
  Curvature curvature = nullptr;  // none: 0 everywhere
};

// Truth values are 1 and 0.
inline const std::vector<Operation>& operations() {
  static const std::vector<Operation> list{
      {"add", 2, [](double a, double b, double) { return a + b; }, slope_add},
      {"multiply", 2, [](double a, double b, double) { return a * b; }, slope_multiply, curvature_multiply},
      {"divide", 2, [](double a, double b, double) { return a / b; }, slope_divide, curvature_divide},
      {"power", 2, [](double a, double b, double) { return power_of(a, b); }, slope_power, curvature_power},
      {"negative", 1, [](double a, double, double) { return -a; }, slope_negative},
      {"sin", 1, [](double a, double, double) { return sin_of(a); }, slope_sin, curvature_wave},
      {"cos", 1, [](double a, double, double) { return cos_of(a); }, slope_cos, curvature_wave},
      {"tan", 1, [](double a, double, double) { return tan_of(a); }, slope_tan, curvature_tan},
      {"arcsin", 1, [](double a, double, double) { return asin_of(a); }, slope_asin, curvature_asin},
      {"arccos", 1, [](double a, double, double) { return acos_of(a); }, slope_acos, curvature_acos},
      {"arctan", 1, [](double a, double, double) { return atan_of(a); }, slope_atan, curvature_atan},
      {"arctan2", 2, [](double a, double b, double) { return atan2_of(a, b); }, slope_atan2, curvature_atan2},
      {"sinh", 1, [](double a, double, double) { return sinh_of(a); }, slope_sinh, curvature_exponential},
      {"cosh", 1, [](double a, double, double) { return cosh_of(a); }, slope_cosh, curvature_exponential},
      {"tanh", 1, [](double a, double, double) { return tanh_of(a); }, slope_tanh, curvature_tanh},
      {"exp", 1, [](double a, double, double) { return exp_of(a); }, slope_exp, curvature_exponential},
      {"log", 1, [](double a, double, double) { return log_of(a); }, slope_log, curvature_log},
      {"sqrt", 1, [](double a, double, double) { return std::sqrt(a); }, slope_sqrt, curvature_sqrt},
      {"abs", 1, [](double a, double, double) { return a < 0 ? -a : a; }, slope_abs},
      {"sign", 1, [](double a, double, double) { return a > 0   ? 1.0
                                                        : a < 0 ? -1.0
                                                                : a; }, slope_none},
      {"step", 1, [](double a, double, double) { return a >= 0  ? 1.0
                                                        : a < 0 ? 0.0
                                                                : a; }, slope_none},
      {"erf", 1, [](double a, double, double) { return erf_of(a); }, slope_erf, curvature_erf},
      {"erfc", 1, [](double a, double, double) { return erfc_of(a); }, slope_erfc, curvature_erfc},
      {"minimum", 2, [](double a, double b, double) { return a < b || a != a ? a : b; }, slope_minimum},
      {"maximum", 2, [](double a, double b, double) { return a > b || a != a ? a : b; }, slope_maximum},
      {"mod", 2, [](double a, double b, double) { return a - b * std::floor(a / b); }, slope_mod},
      {"where", 3, [](double a, double b, double c) { return a != 0 ? b : c; }, slope_where},
      {"less", 2, [](double a, double b, double) { return a < b ? 1.0 : 0.0; }, slope_none},
      {"less_equal", 2, [](double a, double b, double) { return a <= b ? 1.0 : 0.0; }, slope_none},
      {"equal", 2, [](double a, double b, double) { return a == b ? 1.0 : 0.0; }, slope_none},
      {"not_equal", 2, [](double a, double b, double) { return a != b ? 1.0 : 0.0; }, slope_none},
      {"logical_and", 2, [](double a, double b, double) { return a != 0 && b != 0 ? 1.0 : 0.0; }, slope_none},
      {"logical_or", 2, [](double a, double b, double) { return a != 0 || b != 0 ? 1.0 : 0.0; }, slope_none},
      {"logical_not", 1, [](double a, double, double) { return a == 0 ? 1.0 : 0.0; }, slope_none}};
  return list;
}

class Program {
 public:
  void read(FileReader& file, std::size_t inputs, std::size_t outputs) {
    const std::size_t count = file.count(24);
    for (std::size_t k = 0; k < count && file.sound(); ++k) {
      const std::string name = file.text();
      Step step;
      for (std::uint32_t& operand : step.operand) operand = file.u32();
      step.value = file.f64();
      if (name == "constant") {
        step.kind = Kind::constant;
      } else if (name == "coordinate" || name == "field") {
        step.kind = name == "field" ? Kind::field : Kind::coordinate;
        if (step.operand[0] >= (step.kind == Kind::field ? outputs : inputs))
          file.fail("its program reads a " + name + " that is not there");
      } else {
        for (const Operation& operation : operations())
          if (name == operation.name) step.operation = &operation;
        if (!step.operation) file.fail("its program has the operation '" + name + "', which this evaluator does not know");
        for (int n = 0; step.operation && n < step.operation->operands; ++n)
          if (step.operand[n] >= k) file.fail("its program reads a step before it is there");
      }
      steps_.push_back(step);
    }
    for (std::size_t k = 0; k < outputs; ++k) results_.push_back(file.below(count, "step of the program"));
  }

  std::size_t steps() const { return steps_.size(); }

  // values [steps()]: room
  void run(const double* inputs, const double* fields, double* values, double* outputs) const {
    for (std::size_t k = 0; k < steps_.size(); ++k) {
      const Step& step = steps_[k];
      switch (step.kind) {
        case Kind::constant:
          values[k] = step.value;
          break;
        case Kind::coordinate:
          values[k] = inputs[step.operand[0]];
          break;
        case Kind::field:
          values[k] = fields[step.operand[0]];
          break;
        case Kind::operation: {
          double operand[3] = {0, 0, 0};
          for (int n = 0; n < step.operation->operands; ++n) operand[n] = values[step.operand[n]];
          values[k] = step.operation->value(operand[0], operand[1], operand[2]);
        }
      }
    }
    for (std::size_t k = 0; k < results_.size(); ++k) outputs[k] = values[results_[k]];
  }

  // The same for a value with derivatives: fields, values [steps()] and outputs have `lanes` numbers each, the value in
  // front of its derivatives.
  template <class Along>
  void run_slopes(const double* inputs, const Along& along, const double* fields, double* values, double* outputs) const {
    for (std::size_t k = 0; k < steps_.size(); ++k) {
      const Step& step = steps_[k];
      double* const to = values + k * lanes;
      for (std::size_t j = 0; j < lanes; ++j) to[j] = 0;
      switch (step.kind) {
        case Kind::constant:
          to[0] = step.value;
          break;
        case Kind::coordinate:
          to[0] = inputs[step.operand[0]];
          for (std::size_t j = 1; j < lanes; ++j) to[j] = along.has(j, step.operand[0]) ? 1 : 0;
          break;
        case Kind::field:
          for (std::size_t j = 0; j < lanes; ++j) to[j] = fields[step.operand[0] * lanes + j];
          break;
        case Kind::operation:
          chain(step, values, to);
          if constexpr (Along::twice) chain_twice(step, values, to);
      }
    }
    for (std::size_t k = 0; k < results_.size(); ++k)
      for (std::size_t j = 0; j < lanes; ++j) outputs[k * lanes + j] = values[results_[k] * lanes + j];
  }

 private:
  enum class Kind { constant, coordinate, field, operation };
  struct Step {
    Kind kind = Kind::operation;
    const Operation* operation = nullptr;
    std::uint32_t operand[3] = {0, 0, 0};
    double value = 0;
  };
  std::vector<Step> steps_;
  std::vector<std::uint32_t> results_;

  // An operand that does not vary counts nothing, whatever the derivative by it is: log a of a^2 need not be a number.
  static void chain(const Step& step, const double* values, double* to) {
    double operand[3] = {0, 0, 0}, by[3] = {0, 0, 0};
    for (int n = 0; n < step.operation->operands; ++n) operand[n] = values[step.operand[n] * lanes];
    to[0] = step.operation->value(operand[0], operand[1], operand[2]);
    step.operation->slope(operand[0], operand[1], operand[2], to[0], by);
    for (int n = 0; n < step.operation->operands; ++n) {
      if (by[n] == 0 && chooses(step.operation->slope)) continue;
      const double* from = values + step.operand[n] * lanes;
      for (std::size_t j = 1; j < lanes; ++j)
        if (from[j] != 0) to[j] += by[n] * from[j];
    }
  }

  // What the last lane has from products of first derivatives, after chain.
  static void chain_twice(const Step& step, const double* values, double* to) {
    if (!step.operation->curvature) return;
    const int operands = step.operation->operands;  // one or two
    const double* const from[2] = {values + step.operand[0] * lanes, values + step.operand[operands - 1] * lanes};
    double by[3] = {0, 0, 0};
    step.operation->curvature(from[0][0], operands == 2 ? from[1][0] : 0, to[0], by);
    for (int m = 0; m < operands; ++m)
      for (int n = 0; n < operands; ++n)
        if (from[m][1] != 0 && from[n][2] != 0) to[3] += by[m + n] * (from[m][1] * from[n][2]);
  }
};

JETPINN_EDGE_EXACT_END

}  // namespace jetpinn::edge
