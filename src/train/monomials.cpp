#include "jetpinn/train/monomials.hpp"

#include "jetpinn/expr/starts.hpp"
#include "jetpinn/train/values_at_points.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace jetpinn {
namespace {

using Monomials = std::vector<Monomial>;

constexpr std::size_t most_monomials = 256;  // of different powers; a sum of more counts as 1

// Monomials of the same powers are one, the largest.
void add_to(Monomials& sum, const Monomial& monomial) {
  if (!(monomial.factor > 0 && std::isfinite(monomial.factor))) return;
  for (Monomial& other : sum)
    if (other.powers == monomial.powers) {
      other.factor = std::max(other.factor, monomial.factor);
      other.order = std::max(other.order, monomial.order);
      return;
    }
  sum.push_back(monomial);
}

Monomial product(const Monomial& a, const Monomial& b) {
  Monomial result = a;
  result.factor *= b.factor;
  result.order = std::max(a.order, b.order);
  for (const auto& [field, power] : b.powers)
    if ((result.powers[field] += power) == 0) result.powers.erase(field);
  return result;
}

// What holds fields, and the rest of a sum, of which the size is taken when all of it is there: 20 + u - 300 asks for 280.
struct Sum {
  Monomials fields;
  NodeId rest = -1;  // -1: none
};

const Sum one{{Monomial{}}, -1};

class Sizes {
 public:
  Sizes(ExpressionGraph& graph, const TermPoints& points, const std::vector<double>& coordinates, bool largest)
      : graph_(graph), points_(points), coordinates_(coordinates), largest_(largest) {}

  // Operands have smaller numbers than what uses them.
  Monomials monomials_of(NodeId root) {
    root = substitute_starts(graph_, root);
    for (const NodeId id : reachable(graph_, {root}))
      if (graph_.depends_on_fields(id)) sums_[id] = sum_of_node(graph_[id]);
    return monomials_of(of(root));
  }

 private:
  Sum sum_of_node(const Node node) {  // a copy, for the graph grows
    const auto operand = [&](int k) { return of(node.operand[static_cast<std::size_t>(k)]); };
    switch (node.op) {
      case Op::field:
        return {{field(node)}, -1};
      case Op::add:
        return sum(operand(0), operand(1));
      case Op::negate:
        return negative(operand(0));
      case Op::multiply:
        return product_of(operand(0), operand(1));
      case Op::divide:
        return product_of(operand(0), power(operand(1), -1));
      case Op::power:
        return graph_.is_constant(node.operand[1]) ? power(operand(0), graph_[node.operand[1]].value) : one;
      default:
        break;
    }
    if (node.op == op_of("sqrt")) return power(operand(0), 0.5);
    if (node.op == op_of("abs")) return operand(0);
    if (node.op == op_of("min") || node.op == op_of("max")) return either(operand(0), operand(1));
    if (node.op == op_of("where")) return either(operand(1), operand(2));
    return one;
  }

  Sum of(NodeId id) const {
    const auto found = sums_.find(id);
    return found == sums_.end() ? Sum{{}, id} : found->second;
  }

  Sum sum(Sum a, const Sum& b) {
    for (const Monomial& monomial : b.fields) add_to(a.fields, monomial);
    a.rest = a.rest < 0 ? b.rest : b.rest < 0 ? a.rest : graph_.add(a.rest, b.rest);
    return a.fields.size() > most_monomials ? one : a;
  }

  Sum negative(Sum a) {
    if (a.rest >= 0) a.rest = graph_.negate(a.rest);
    return a;
  }

  Sum either(const Sum& a, const Sum& b) { return sum({monomials_of(a), -1}, {monomials_of(b), -1}); }

  Sum product_of(const Sum& a, const Sum& b) {
    Sum result;
    const Monomials second = monomials_of(b);
    for (const Monomial& x : monomials_of(a))
      for (const Monomial& y : second) add_to(result.fields, product(x, y));
    return result.fields.size() > most_monomials ? one : result;
  }

  // (a + b)^n is as large as the largest of a^n and b^n.
  Sum power(const Sum& base, double exponent) {
    const Monomials summands = monomials_of(base);
    if (exponent < 0 && summands.size() != 1) return one;
    Sum result;
    for (Monomial monomial : summands) {
      monomial.factor = std::pow(monomial.factor, exponent);
      for (auto& [field, power] : monomial.powers) power *= exponent;
      add_to(result.fields, monomial);
    }
    return result;
  }

  Monomial field(const Node& node) const {
    Monomial monomial;
    monomial.powers[node.index] = 1;
    monomial.order = node.derivative.order;
    for (int k = 0; k < node.derivative.order; ++k)
      monomial.factor /= coordinates_[static_cast<std::size_t>(node.derivative.by[static_cast<std::size_t>(k)])];
    return monomial;
  }

  Monomials monomials_of(const Sum& sum) {
    Monomials all = sum.fields;
    if (sum.rest >= 0) add_to(all, {size_of_rest(sum.rest), {}, 0});
    return all;
  }

  double size_of_rest(NodeId id) const {
    if (graph_.is_constant(id)) return std::abs(graph_[id].value);
    if (graph_.depends_on_second_site(id)) return 0;  // the points looked at are the first of each pair
    if (is_rounding(graph_, id, points_)) return 0;
    ValuesAtPoints value_at(graph_, id, points_);
    double most = 0, square = 0;
    std::int64_t count = 0;
    for (std::int64_t i = 0; i < points_.local_count; ++i) {
      const double value = value_at(i);
      if (!std::isfinite(value)) continue;
      ++count;
      most = std::max(most, std::abs(value));
      square += value * value;
    }
    return largest_ || count == 0 ? most : std::sqrt(square / static_cast<double>(count));
  }

  ExpressionGraph& graph_;
  const TermPoints& points_;
  const std::vector<double>& coordinates_;
  const bool largest_;
  std::unordered_map<NodeId, Sum> sums_;  // of what holds fields
};

}  // namespace

std::vector<Monomial> monomials_of(ExpressionGraph& graph, NodeId root, const TermPoints& points,
                                   const std::vector<double>& coordinates, bool largest) {
  return Sizes(graph, points, coordinates, largest).monomials_of(root);
}

double size_of(const Monomial& monomial, const std::vector<double>& fields) {
  double size = monomial.factor;
  for (const auto& [field, power] : monomial.powers) size *= std::pow(fields[static_cast<std::size_t>(field)], power);
  return size;
}

}  // namespace jetpinn
