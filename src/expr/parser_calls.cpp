// Calls: functions, d, sum and prod, and the arguments of the other operators. The current place is the '(' behind the name,
// which began at `begin`.
#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/descent.hpp"

#include <algorithm>

namespace jetpinn {

namespace {

const char* const function_mend = "write it for each component in a vector [a, b]";

}  // namespace

NodeId Descent::parse_function(const FunctionName& function, std::size_t begin) {
  std::vector<NodeId> operands;
  accept("(");
  if (peek() != ')') {
    do {
      const std::size_t at = position_;
      operands.push_back(number_of(operand_from(parse_or(), at), function.name, function_mend));
    } while (accept(","));
  }
  expect(")", "')' or ','");
  const auto wanted = static_cast<std::size_t>(function.operands);
  if (function.more ? operands.size() < wanted : operands.size() != wanted) {
    fail(std::string(function.name) + " takes " + std::to_string(wanted) + (function.more ? " or more" : "") +
             (wanted == 1 ? " argument" : " arguments") + ", not " + std::to_string(operands.size()),
         begin, position_ - begin);
  }
  operands.resize(std::max<std::size_t>(3, operands.size()), -1);
  if (!function.more) return finite(graph_.make(function.op, operands[0], operands[1], operands[2]), begin);
  NodeId result = operands[0];
  for (std::size_t k = 1; k < operands.size() && operands[k] >= 0; ++k)
    result = graph_.make(function.op, result, operands[k]);
  return result;
}

ExpressionValue Descent::parse_derivative(std::size_t begin) {
  accept("(");
  const ExpressionValue value = parse_or();
  std::vector<int> by;
  while (accept(",")) {
    const std::size_t place = position_;
    const std::string name = scan_name();
    const std::size_t length = position_ - place;
    const auto at = std::find(symbols_.coordinates.begin(), symbols_.coordinates.end(), name);
    if (name.empty()) fail("d(expr, x, ...) needs the names of coordinates after the expression", place, 1);
    if (at == symbols_.coordinates.end()) {
      const std::string nearest = nearest_name(name, symbols_.coordinates);
      fail("'" + name + "' is not a coordinate" + (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"), place,
           length);
    }
    const int coordinate = static_cast<int>(at - symbols_.coordinates.begin());
    if (symbols_.is_parameter(coordinate)) fail_by_parameter(coordinate, place, length);
    charge(differentiation_work + static_cast<std::int64_t>(symbols_.coordinates.size()) / 2);
    by.push_back(coordinate);
    skip_space();
  }
  expect(")", "')' or ','");
  if (by.empty()) fail("d(expr, x, ...) needs at least one coordinate to differentiate by", begin, position_ - begin);
  return differentiate_by(value, by, begin, position_ - begin);
}

Descent::Operands Descent::parse_operands(const std::string& name, std::size_t wanted) {
  const std::string takes = " (" + name + " takes " + (wanted == 1 ? "one argument)" : "two arguments)");
  accept("(");
  Operands operands;
  while (operands.size() < wanted) {
    if (!operands.empty()) expect(",", "','" + takes);
    const std::size_t at = position_;
    operands.push_back(operand_from(parse_or(), at));
  }
  expect(")", "')'" + takes);
  return operands;
}

Descent::MaybeValue Descent::parse_operator(const std::string& name, std::size_t begin) {
  static constexpr struct {
    const char* name;
    std::size_t operands;
    ExpressionValue (Descent::*value)(const Operands&, std::size_t);
  } of_operands[] = {
      {"laplacian", 1, &Descent::laplacian}, {"grad", 1, &Descent::gradient}, {"div", 1, &Descent::divergence},
      {"curl", 1, &Descent::curl},           {"dot", 2, &Descent::dot},       {"other", 1, &Descent::other},
      {"dn", 1, &Descent::normal_derivative}};
  if (name == "d") return parse_derivative(begin);
  if (name == "sum") return parse_repeated({"sum", 0, true}, begin);
  if (name == "prod") return parse_repeated({"prod", 1, false}, begin);
  for (const auto& row : of_operands)
    if (name == row.name) return (this->*row.value)(parse_operands(name, row.operands), begin);
  return {};
}

std::string Descent::parse_index(const std::string& name) {
  const std::size_t begin = position_;
  const std::string index = is_letter(peek()) ? scan_name() : "";
  if (index.empty()) fail(name + "(k, first, last, expr) begins with the name of its index", begin, 1);
  if (is_declared(index) || is_reserved(index) || find_index(index)) {
    fail("the index '" + index + "' of this " + name + " is already a name; choose another", begin, position_ - begin);
  }
  charge(static_cast<std::int64_t>(symbols_.coordinates.size() + symbols_.fields.size()));   // compared with the index
  skip_space();
  return index;
}

// sum(k, first, last, body) and prod: the body's text is read once per value of k.
ExpressionValue Descent::parse_repeated(const Repetition& repetition, std::size_t begin) {
  accept("(");
  const std::string index = parse_index(repetition.name);
  const std::int64_t first = parse_bound("the first index");
  const std::int64_t last = parse_bound("the last index");
  expect(",", std::string("',' and the expression to ") + (repetition.adds ? "sum" : "multiply"));

  const std::size_t body = position_;
  Operand result{graph_.constant(repetition.empty), begin, begin};
  indices_.emplace_back(index, 0);
  for (std::int64_t k = first; k <= last || k == first; ++k) {  // read once even when empty: its end and its errors
    position_ = body;
    indices_.back().second = static_cast<double>(k);
    const Operand round = operand_from(parse_or(), body);
    charge(static_cast<std::int64_t>(position_ - body));
    if (!repetition.adds) number_of(round, repetition.name, "a product of vectors is dot(a, b)");
    if (k == first && round.value.is_vector())  // a sum of vectors begins with a vector of zeros
      result.value = ExpressionValue(std::vector<NodeId>(round.value.components.size(), result.value.number));
    result.begin = body, result.end = position_;
    if (k <= last) result.value = finite(repetition.adds ? add(result, round, false) : multiply(result, round), begin);
  }
  indices_.pop_back();
  expect(")", "')'");
  return result.value;
}

std::int64_t Descent::parse_bound(const std::string& what) {
  expect(",", "',' and " + what);
  const std::size_t begin = position_;
  const NodeId bound = number_of(operand_from(parse_or(), begin), what, "write a whole number");
  return whole_number(bound, begin, what);
}

}  // namespace jetpinn
