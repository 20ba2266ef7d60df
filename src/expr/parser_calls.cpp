// Calls: functions, d, laplacian and sum. The current place is the '(' behind the name, which began at `begin`.
#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/descent.hpp"

#include <algorithm>

namespace jetpinn {

namespace {

constexpr std::int64_t differentiation_work = 8;   // in characters, where the derivative is known already

}  // namespace

NodeId Descent::differentiate_by(NodeId id, const std::vector<int>& by, std::size_t begin, std::size_t length) {
  try {
    for (int coordinate : by) id = differentiate(graph_, id, coordinate);
    return id;
  } catch (const Error& error) {
    fail(error.what(), begin, length);
  }
}

NodeId Descent::parse_function(const FunctionName& function, std::size_t begin) {
  std::vector<NodeId> operands;
  accept("(");
  if (peek() != ')') {
    do operands.push_back(parse_or());
    while (accept(","));
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

NodeId Descent::parse_derivative(std::size_t begin) {
  accept("(");
  const NodeId id = parse_or();
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
    charge(differentiation_work + static_cast<std::int64_t>(symbols_.coordinates.size()) / 2);
    by.push_back(static_cast<int>(at - symbols_.coordinates.begin()));
    skip_space();
  }
  expect(")", "')' or ','");
  if (by.empty()) fail("d(expr, x, ...) needs at least one coordinate to differentiate by", begin, position_ - begin);
  return differentiate_by(id, by, begin, position_ - begin);
}

NodeId Descent::parse_laplacian(std::size_t begin) {
  accept("(");
  const NodeId id = parse_or();
  expect(")", "')' (laplacian takes one argument)");
  charge(differentiation_work * static_cast<std::int64_t>(symbols_.coordinates.size()));
  NodeId result = graph_.constant(0);
  for (int i = 0; i < static_cast<int>(symbols_.coordinates.size()); ++i) {
    if (i != symbols_.time) result = graph_.add(result, differentiate_by(id, {i, i}, begin, position_ - begin));
  }
  return result;
}

// sum(k, first, last, body): the body's text is read once per value of k.
NodeId Descent::parse_sum_over(std::size_t begin) {
  accept("(");
  const std::size_t name_begin = position_;
  const std::string index = is_letter(peek()) ? scan_name() : "";
  if (index.empty()) fail("sum(k, first, last, expr) begins with the name of its index", name_begin, 1);
  if (is_declared(index) || is_reserved(index) || find_index(index)) {
    fail("the index '" + index + "' of this sum is already a name; choose another", name_begin, position_ - name_begin);
  }
  charge(static_cast<std::int64_t>(symbols_.coordinates.size() + symbols_.fields.size()));   // compared with the index
  skip_space();
  const std::int64_t first = parse_bound("the first index");
  const std::int64_t last = parse_bound("the last index");
  expect(",", "',' and the expression to sum");

  const std::size_t body = position_;
  NodeId result = graph_.constant(0);
  indices_.emplace_back(index, 0);
  for (std::int64_t k = first; k <= last || k == first; ++k) {  // read once even when empty: its end and its errors
    position_ = body;
    indices_.back().second = static_cast<double>(k);
    const NodeId addend = parse_or();
    charge(static_cast<std::int64_t>(position_ - body));
    if (k <= last) result = finite(graph_.add(result, addend), begin);
  }
  indices_.pop_back();
  expect(")", "')'");
  return result;
}

std::int64_t Descent::parse_bound(const std::string& what) {
  expect(",", "',' and " + what);
  const std::size_t begin = position_;
  const NodeId bound = parse_or();
  return whole_number(bound, begin, what);
}

}  // namespace jetpinn
