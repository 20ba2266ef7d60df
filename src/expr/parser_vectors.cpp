// Vectors of an expression: [a, b], componentwise + and -, products and quotients with numbers, and the operators that take
// or give vectors. Derivatives are by the space coordinates, in the order in which they are declared. Every component is a
// node of the graph of its own, the same one that the component written by hand has.
#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/descent.hpp"

#include <cctype>

namespace jetpinn {

namespace {

constexpr std::size_t most_names = 12;  // of coordinates in a message
const char* const no_derivative =
    "the signed distance (sdf) and the normal (n_x, ..., dn) are known at the points alone and have no derivative; "
    "differentiate what they are multiplied by";

std::string in_words(const ExpressionValue& value) {
  if (!value.is_vector()) return "a number";
  const std::size_t n = value.components.size();
  return "a vector of " + std::to_string(n) + (n == 1 ? " component" : " components");
}

// [a, b, c, ...]
std::string letters(std::size_t components) {
  std::string text;
  for (std::size_t k = 0; k < components && k < 3; ++k) text += std::string(k ? ", " : "[") + "abc"[k];
  return text + (components > 3 ? ", ...]" : "]");
}

}  // namespace

void Descent::fail_operand(const Operand& operand, const std::string& message) const {
  std::size_t end = operand.end;
  while (end > operand.begin + 1 && std::isspace(static_cast<unsigned char>(text_[end - 1]))) --end;
  fail(message, operand.begin, end - operand.begin);
}

NodeId Descent::number_of(const Operand& operand, const std::string& taker, const std::string& mend) const {
  if (!operand.value.is_vector()) return operand.value.number;
  fail_operand(operand, taker + " takes a number, and this is " + in_words(operand.value) + "; " + mend);
}

ExpressionValue Descent::parse_vector() {
  const std::size_t begin = position_;
  accept("[");
  if (peek() == ']') fail("this vector has no component; a vector is written [a, b]", begin, position_ + 1 - begin);
  std::vector<NodeId> components;
  do {
    const std::size_t at = position_;
    components.push_back(number_of(operand_from(parse_or(), at), "a component of a vector", "write each of its components"));
  } while (accept(","));
  if (at_end()) fail("this '[' is not closed", begin, 1);
  expect("]", "']' or ','");
  return ExpressionValue(std::move(components));
}

// --- arithmetic

template <class Work>
ExpressionValue Descent::by_component(const ExpressionValue& value, Work&& work) {
  if (!value.is_vector()) return work(value.number);
  charge(differentiation_work * static_cast<std::int64_t>(value.components.size()));
  std::vector<NodeId> components;
  for (NodeId component : value.components) components.push_back(work(component));
  return ExpressionValue(std::move(components));
}

void Descent::check_lengths(const Operand& a, const Operand& b, const std::string& joined) const {
  if (a.value.components.size() == b.value.components.size()) return;
  const bool mixed = a.value.is_vector() != b.value.is_vector();
  fail_operand({b.value, a.begin, b.end},
               in_words(a.value) + " and " + in_words(b.value) + " cannot be " + joined + "; " +
                   (mixed ? "write the number as a vector, [a, b], or take the components one by one"
                          : "write as many components on both sides"));
}

ExpressionValue Descent::add(const Operand& a, const Operand& b, bool subtract) {
  check_lengths(a, b, subtract ? "subtracted" : "added");
  std::size_t k = 0;
  return by_component(a.value, [&](NodeId left) {
    const NodeId right = b.value.is_vector() ? b.value.components[k++] : b.value.number;
    return subtract ? graph_.subtract(left, right) : graph_.add(left, right);
  });
}

ExpressionValue Descent::multiply(const Operand& a, const Operand& b) {
  if (a.value.is_vector() && b.value.is_vector())
    fail_operand({b.value, a.begin, b.end},
                 "'*' does not multiply two vectors; write dot(a, b), or each product in a vector");
  if (b.value.is_vector())
    return by_component(b.value, [&](NodeId component) { return graph_.multiply(a.value.number, component); });
  return by_component(a.value, [&](NodeId component) { return graph_.multiply(component, b.value.number); });
}

ExpressionValue Descent::divide(const Operand& a, const Operand& b) {
  const NodeId by = number_of(b, "a division", "divide by a component, or by the length sqrt(dot(v, v))");
  return by_component(a.value, [&](NodeId component) { return graph_.divide(component, by); });
}

ExpressionValue Descent::negate(const ExpressionValue& value) {
  return by_component(value, [&](NodeId component) { return graph_.negate(component); });
}

// --- derivatives

void Descent::fail_by_parameter(int coordinate, std::size_t begin, std::size_t length) const {
  const std::string& name = symbols_.coordinates[static_cast<std::size_t>(coordinate)];
  fail("'" + name + "' is a parameter, and nothing is differentiated by a parameter; make it one of problem.coordinates",
       begin, length);
}

NodeId Descent::derivative(NodeId id, const std::vector<int>& by, std::size_t begin, std::size_t length) {
  if (symbols_.data && reads_data(graph_, id))
    fail("a column of a point table is known at its points alone and has no derivative", begin, length);
  if (graph_.depends_on_attributes(id)) fail(no_derivative, begin, length);
  for (int coordinate : by)
    if (symbols_.is_parameter(coordinate)) fail_by_parameter(coordinate, begin, length);
  try {
    for (int coordinate : by) id = differentiate(graph_, id, coordinate);
    return id;
  } catch (const Error& error) {
    fail(error.what(), begin, length);
  }
}

ExpressionValue Descent::differentiate_by(const ExpressionValue& value, const std::vector<int>& by, std::size_t begin,
                                          std::size_t length) {
  return by_component(value, [&](NodeId component) { return derivative(component, by, begin, length); });
}

NodeId Descent::along(NodeId id, int coordinate, std::size_t begin) {
  charge(differentiation_work);
  return derivative(id, {coordinate}, begin, position_ - begin);
}

std::string Descent::space_in_words() const {
  const std::vector<int> coordinates = symbols_.space();
  std::string names;
  for (std::size_t k = 0; k < coordinates.size() && k < most_names; ++k)
    names += (k ? ", " : "") + symbols_.coordinates[static_cast<std::size_t>(coordinates[k])];
  if (coordinates.size() > most_names) names += ", ...";
  return coordinates.empty() ? "no space coordinate"
                             : std::to_string(coordinates.size()) + " space coordinate" +
                                   (coordinates.size() == 1 ? " (" : "s (") + names + ")";
}

std::vector<NodeId> Descent::vector_in_space(const std::string& name, const Operand& operand) const {
  const std::size_t wanted = symbols_.space().size();
  if (operand.value.components.size() == wanted && wanted > 0) return operand.value.components;
  fail_operand(operand, name + " takes a vector with one component for each space coordinate; this is " +
                            in_words(operand.value) + ", and there " + (wanted < 2 ? "is " : "are ") + space_in_words() +
                            (wanted > 0 ? "; write " + letters(wanted) : ""));
}

ExpressionValue Descent::laplacian(const Operands& operands, std::size_t begin) {
  return by_component(operands[0].value, [&](NodeId component) {
    charge(differentiation_work * static_cast<std::int64_t>(symbols_.coordinates.size()));
    NodeId result = graph_.constant(0);
    for (int i : symbols_.space()) result = graph_.add(result, derivative(component, {i, i}, begin, position_ - begin));
    return result;
  });
}

ExpressionValue Descent::gradient(const Operands& operands, std::size_t begin) {
  const NodeId of = number_of(operands[0], "grad", "write grad of each component");
  std::vector<NodeId> components;
  for (int i : symbols_.space()) components.push_back(along(of, i, begin));
  if (components.empty())
    fail("grad takes derivatives by space coordinates, and the time is the only coordinate here", begin, position_ - begin);
  return ExpressionValue(std::move(components));
}

ExpressionValue Descent::divergence(const Operands& operands, std::size_t begin) {
  const std::vector<NodeId> of = vector_in_space("div", operands[0]);
  const std::vector<int> by = symbols_.space();
  NodeId result = along(of[0], by[0], begin);
  for (std::size_t k = 1; k < of.size(); ++k) result = graph_.add(result, along(of[k], by[k], begin));
  return result;
}

// The components d(a_j, x_i) - d(a_i, x_j): in the plane there is one.
ExpressionValue Descent::curl(const Operands& operands, std::size_t begin) {
  const std::vector<int> by = symbols_.space();
  if (by.size() != 2 && by.size() != 3)
    fail("curl needs two or three space coordinates, and there " + std::string(by.size() < 2 ? "is " : "are ") +
             space_in_words() + "; write the derivatives with d(expr, x)",
         begin, position_ - begin);
  const std::vector<NodeId> of = vector_in_space("curl", operands[0]);
  const auto component = [&](std::size_t i, std::size_t j) {
    const NodeId first = along(of[j], by[i], begin);
    return graph_.subtract(first, along(of[i], by[j], begin));
  };
  if (by.size() == 2) return component(0, 1);
  const NodeId x = component(1, 2), y = component(2, 0), z = component(0, 1);
  return ExpressionValue({x, y, z});
}

ExpressionValue Descent::dot(const Operands& operands, std::size_t begin) {
  const Operand &a = operands[0], &b = operands[1];
  for (const Operand& operand : operands)
    if (!operand.value.is_vector()) fail_operand(operand, "dot takes two vectors, and this is a number; a product is a*b");
  check_lengths(a, b, "multiplied by dot");
  charge(static_cast<std::int64_t>(a.value.components.size()));
  NodeId result = graph_.multiply(a.value.components[0], b.value.components[0]);
  for (std::size_t k = 1; k < a.value.components.size(); ++k)
    result = finite(graph_.add(result, graph_.multiply(a.value.components[k], b.value.components[k])), begin);
  return finite(result, begin);
}

// sum_k n_k d/dx_k over the coordinates of space.
ExpressionValue Descent::normal_derivative(const Operands& operands, std::size_t begin) {
  if (!symbols_.no_normal.empty()) fail(symbols_.no_normal, begin, position_ - begin);
  const std::vector<int> by = symbols_.space();
  if (by.empty()) fail("the time is the only coordinate here, and borders lie in space", begin, position_ - begin);
  return by_component(operands[0].value, [&](NodeId component) {
    NodeId result = graph_.constant(0);
    for (std::size_t k = 0; k < by.size(); ++k)
      result = graph_.add(
          result, graph_.multiply(graph_.attribute(normal_attribute(static_cast<int>(k))), along(component, by[k], begin)));
    return result;
  });
}

// The expression at the other of two linked points. Each call makes the expression anew, which costs its size.
ExpressionValue Descent::other(const Operands& operands, std::size_t begin) {
  if (!symbols_.linked)
    fail(
        "other(...) is a value at the second of two linked points, and there are such points in the residuals of a "
        "condition with a `pair` alone",
        begin, position_ - begin);
  return by_component(operands[0].value, [&](NodeId component) {
    charge(static_cast<std::int64_t>(reachable(graph_, {component}).size()) + component / 16);
    return at_other_site(graph_, component);
  });
}

}  // namespace jetpinn
