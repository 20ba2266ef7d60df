// The program that makes a network's outputs from what its last layers give, in fp64: steps that read earlier ones, named as
// NumPy names them, as in the group `output` of network.h5.
//
// In the file: u32 n, n x (text name, u32[3] operands, f64 value) · outputs x u32: the step that each output is.
#pragma once

#include "jetpinn/edge/file_reader.hpp"

namespace jetpinn::edge {

JETPINN_EDGE_EXACT_BEGIN

struct Operation {
  const char* name;
  int operands;
  double (*value)(double a, double b, double c);
};

// Truth values are 1 and 0.
inline const std::vector<Operation>& operations() {
  static const std::vector<Operation> list{
      {"add", 2, [](double a, double b, double) { return a + b; }},
      {"multiply", 2, [](double a, double b, double) { return a * b; }},
      {"divide", 2, [](double a, double b, double) { return a / b; }},
      {"power", 2, [](double a, double b, double) { return power_of(a, b); }},
      {"negative", 1, [](double a, double, double) { return -a; }},
      {"sin", 1, [](double a, double, double) { return sin_of(a); }},
      {"cos", 1, [](double a, double, double) { return cos_of(a); }},
      {"tan", 1, [](double a, double, double) { return tan_of(a); }},
      {"arcsin", 1, [](double a, double, double) { return asin_of(a); }},
      {"arccos", 1, [](double a, double, double) { return acos_of(a); }},
      {"arctan", 1, [](double a, double, double) { return atan_of(a); }},
      {"arctan2", 2, [](double a, double b, double) { return atan2_of(a, b); }},
      {"sinh", 1, [](double a, double, double) { return sinh_of(a); }},
      {"cosh", 1, [](double a, double, double) { return cosh_of(a); }},
      {"tanh", 1, [](double a, double, double) { return tanh_of(a); }},
      {"exp", 1, [](double a, double, double) { return exp_of(a); }},
      {"log", 1, [](double a, double, double) { return log_of(a); }},
      {"sqrt", 1, [](double a, double, double) { return std::sqrt(a); }},
      {"abs", 1, [](double a, double, double) { return a < 0 ? -a : a; }},
      {"sign", 1, [](double a, double, double) { return a > 0   ? 1.0
                                                        : a < 0 ? -1.0
                                                                : a; }},
      {"step", 1, [](double a, double, double) { return a >= 0  ? 1.0
                                                        : a < 0 ? 0.0
                                                                : a; }},
      {"erf", 1, [](double a, double, double) { return erf_of(a); }},
      {"erfc", 1, [](double a, double, double) { return erfc_of(a); }},
      {"minimum", 2, [](double a, double b, double) { return a < b || a != a ? a : b; }},
      {"maximum", 2, [](double a, double b, double) { return a > b || a != a ? a : b; }},
      {"mod", 2, [](double a, double b, double) { return a - b * std::floor(a / b); }},
      {"where", 3, [](double a, double b, double c) { return a != 0 ? b : c; }},
      {"less", 2, [](double a, double b, double) { return a < b ? 1.0 : 0.0; }},
      {"less_equal", 2, [](double a, double b, double) { return a <= b ? 1.0 : 0.0; }},
      {"equal", 2, [](double a, double b, double) { return a == b ? 1.0 : 0.0; }},
      {"not_equal", 2, [](double a, double b, double) { return a != b ? 1.0 : 0.0; }},
      {"logical_and", 2, [](double a, double b, double) { return a != 0 && b != 0 ? 1.0 : 0.0; }},
      {"logical_or", 2, [](double a, double b, double) { return a != 0 || b != 0 ? 1.0 : 0.0; }},
      {"logical_not", 1, [](double a, double, double) { return a == 0 ? 1.0 : 0.0; }}};
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
};

JETPINN_EDGE_EXACT_END

}  // namespace jetpinn::edge
