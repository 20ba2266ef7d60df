#include "jetpinn/infer/parameter_values.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

[[noreturn]] void refuse_part(const std::string& part, const std::string& reason) {
  throw Error(Status::usage, "--at '" + part + "': " + reason);
}

int parameter_named(const std::string& name, const std::string& part, const SymbolTable& symbols) {
  const auto first = symbols.coordinates.begin() + symbols.differentiable();
  const auto found = std::find(first, symbols.coordinates.end(), name);
  if (found != symbols.coordinates.end()) return static_cast<int>(found - symbols.coordinates.begin());
  if (std::find(symbols.coordinates.begin(), first, name) != first)
    refuse_part(part, "'" + name + "' is a coordinate, and --at holds parameters of problem.parameters alone");
  if (symbols.parameters == 0) refuse_part(part, "the problem has no parameters; problem.parameters declares them");
  const std::vector<std::string> known(first, symbols.coordinates.end());
  const std::string near = nearest_name(name, known);
  std::string list;
  for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
  refuse_part(part,
              "'" + name + "' is not a parameter; " + (near.empty() ? "there is " + list : "did you mean '" + near + "'?"));
}

double value_of(const std::string& text, const std::string& part, const SymbolTable& symbols) {
  double value = 0;
  try {
    value = parse_constant(text, symbols.constants);
  } catch (const ExpressionError& error) {
    refuse_part(part, "'" + text + "' is not a number (" + error.what() + "); write for example " +
                          symbols.coordinates.back() + "=20");
  }
  if (!std::isfinite(value)) refuse_part(part, "'" + text + "' is not a finite number");
  return value;
}

}  // namespace

std::vector<GridAxis> parse_parameter_values(const std::string& text, const SymbolTable& symbols) {
  std::vector<GridAxis> held;
  if (text.empty()) return held;
  for (const std::string& part : split_list(text, "--at")) {
    const std::size_t sign = part.find('=');
    if (sign == std::string::npos) refuse_part(part, "no '=' in it; write --at name=value");
    const std::string name = part.substr(0, part.find_last_not_of(" \t\n", sign == 0 ? 0 : sign - 1) + 1);
    const int coordinate = parameter_named(sign == 0 ? "" : name, part, symbols);
    if (held_value(held, coordinate)) refuse_part(part, "the parameter '" + name + "' is given twice");
    const double value = value_of(part.substr(sign + 1), part, symbols);
    held.push_back({coordinate, value, value, 1});
  }
  return held;
}

const double* held_value(const std::vector<GridAxis>& held, int coordinate) {
  for (const GridAxis& axis : held)
    if (axis.coordinate == coordinate) return &axis.first;
  return nullptr;
}

void check_inputs(RowTable& table, const SymbolTable& symbols, const std::vector<GridAxis>& held) {
  for (int d = 0; d < static_cast<int>(symbols.coordinates.size()); ++d) {
    const std::string& name = symbols.coordinates[static_cast<std::size_t>(d)];
    if (symbols.is_parameter(d) && !table.has(name)) {
      if (held_value(held, d)) continue;
      throw Error(Status::usage, table.path() + " has no column for the parameter '" + name +
                                     "'; add one, or give a value for all of its rows to predict or evaluate: --at " + name +
                                     "=VALUE");
    }
    table.check_column(name);
  }
}

}  // namespace jetpinn
