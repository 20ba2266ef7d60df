// Hash-consed expression graph: equal expressions are one node, so sharing is free and comparison is by number.
//
// Operands always have smaller numbers than the node that uses them: ascending order is a topological order, and every walk
// over a graph is a loop, so that no depth of an expression can exhaust the stack.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/kernels/function_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace jetpinn {

// A partial derivative by coordinates, as the ascending list of coordinate numbers: u_txx in (t, x) is {0, 1, 1}.
struct Derivative {
  std::int8_t order = 0;
  std::array<std::int16_t, max_order> by = none();

  static constexpr std::array<std::int16_t, max_order> none() {
    std::array<std::int16_t, max_order> by{};
    for (std::int16_t& coordinate : by) coordinate = -1;
    return by;
  }
  Derivative along(int coordinate) const;  // one order more; throws Error (usage) beyond max_order
  bool operator==(const Derivative& other) const { return order == other.order && by == other.by; }
  bool operator<(const Derivative& other) const { return order != other.order ? order < other.order : by < other.by; }
};

enum class Op : std::uint8_t {
  constant, coordinate, field,                    // leaves; field carries a Derivative
  data, attribute,                                // leaves: columns that come with a term's points
  trainable,                                      // leaf: a number that is trained, one for the whole run
  stage_constant,                                 // leaf: a number that a stage sets
  channel,                                        // leaf: jet channel `index` of the residual tape (made by compile_term)
  level,                                          // leaf: a number that a function of the place computes
  add, multiply, divide, negate, power,
  less, less_equal, equal, not_equal, logical_and, logical_or, logical_not,
  function                                        // and up: the rows of kernels/functions.hpp
};

// The row's number; negative for leaves and operators.
constexpr int function_of(Op op) { return static_cast<int>(op) - static_cast<int>(Op::function); }
// Its entry in the table; null for leaves and operators.
constexpr const FunctionInfo* function_info(Op op) {
  return function_of(op) < 0 ? nullptr : &function_table[static_cast<std::size_t>(function_of(op))];
}
constexpr Op function_op(int number) { return static_cast<Op>(static_cast<int>(Op::function) + number); }
// op_of("sin"); a name that the table lacks does not compile.
consteval Op op_of(std::string_view name) {
  const int number = function_number(name);
  if (number < 0) throw "kernels/functions.hpp has no such function";
  return function_op(number);
}

using NodeId = std::int32_t;

struct Node {
  Op op = Op::constant;
  std::array<NodeId, 3> operand{-1, -1, -1};
  double value = 0;            // constant
  std::int32_t index = 0;      // of the leaf in its group
  std::int32_t site = 0;       // coordinate, field, attribute, channel: at which of a term's linked points
  Derivative derivative{};     // field
};

// A function of the coordinates that is no expression, such as the distance to a body. It stands in conditions of sets
// alone: it has no derivative and no place on a tape.
struct Level {
  std::function<double(const double* coordinates)> value;
  std::size_t operations = 1;  // of expressions that take about as long
};

// A derivative that was taken of an expression with sign, step, a comparison, where or mod in it: it ignores their jumps.
struct JumpDerivative {
  NodeId of = -1;
  int by = 0;   // coordinate
};

class ExpressionGraph {
 public:
  static constexpr std::size_t max_nodes = 1u << 20;  // an expression that grows beyond throws Error (usage)

  NodeId constant(double value);
  NodeId coordinate(int index, int site = 0) { return leaf(Op::coordinate, index, site); }
  NodeId field(int index, Derivative derivative = {}, int site = 0);
  NodeId data(int index) { return leaf(Op::data, index); }
  NodeId attribute(int index, int site = 0) { return leaf(Op::attribute, index, site); }
  NodeId trainable(int index) { return leaf(Op::trainable, index); }
  NodeId stage_constant(int index) { return leaf(Op::stage_constant, index); }
  NodeId channel(int index, int site = 0) { return leaf(Op::channel, index, site); }
  NodeId level(Level function);  // another leaf with each call
  const Level& level_of(const Node& node) const { return levels_[static_cast<std::size_t>(node.index)]; }
  // Folds constants and neutral elements, moves constant factors and signs outward, gathers like terms and powers. Operands
  // of add and multiply may be swapped.
  NodeId make(Op op, NodeId a, NodeId b = -1, NodeId c = -1);

  NodeId add(NodeId a, NodeId b) { return make(Op::add, a, b); }
  NodeId subtract(NodeId a, NodeId b) { return make(Op::add, a, make(Op::negate, b)); }
  NodeId multiply(NodeId a, NodeId b) { return make(Op::multiply, a, b); }
  NodeId divide(NodeId a, NodeId b) { return make(Op::divide, a, b); }
  NodeId negate(NodeId a) { return make(Op::negate, a); }
  NodeId power(NodeId a, double exponent) { return make(Op::power, a, constant(exponent)); }
  NodeId less_equal(NodeId a, NodeId b) { return make(Op::less_equal, a, b); }
  NodeId call(std::string_view function, NodeId a, NodeId b = -1, NodeId c = -1) {
    return make(function_op(function_number(function)), a, b, c);
  }

  const Node& operator[](NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  std::size_t size() const { return nodes_.size(); }
  bool is_constant(NodeId id) const { return (*this)[id].op == Op::constant; }
  bool is_constant(NodeId id, double value) const { return is_constant(id) && (*this)[id].value == value; }
  bool depends_on_fields(NodeId id) const { return flags_[static_cast<std::size_t>(id)] & 1; }
  // On anything that differs from point to point without the fields: data and attributes too.
  bool depends_on_coordinates(NodeId id) const { return flags_[static_cast<std::size_t>(id)] & 2; }
  bool may_jump(NodeId id) const { return flags_[static_cast<std::size_t>(id)] & 4; }
  bool depends_on_trainables(NodeId id) const { return flags_[static_cast<std::size_t>(id)] & 8; }
  bool depends_on_second_site(NodeId id) const { return flags_[static_cast<std::size_t>(id)] & 16; }
  bool depends_on_attributes(NodeId id) const { return flags_[static_cast<std::size_t>(id)] & 32; }

  // Texts show `value` as `name` and the leaf itself as that of the name; `start` is what the leaf begins with, for who
  // looks at expressions before a training.
  void name_trainable(int index, std::string name, NodeId value, double start);
  const std::string* name_of(NodeId value) const;         // null: it has none
  const std::string* name_of_trainable(int index) const;  // null: it has none
  // [trainables] what their leaves begin with.
  const std::vector<double>& trainable_starts() const { return trainable_starts_; }

  // What sentences call a node whose formula means nothing to a reader, as that of a shape (short_text).
  void name_briefly(NodeId node, std::string name) { short_names_[node] = std::move(name); }
  const std::string* short_name_of(NodeId node) const;  // null: it has none

  // What texts call the attributes, by their numbers.
  void name_attributes(std::vector<std::string> names) { attribute_names_ = std::move(names); }
  const std::vector<std::string>& attribute_names() const { return attribute_names_; }

  // Those taken since the last call, each once.
  std::vector<JumpDerivative> take_jump_derivatives();

 private:
  friend NodeId differentiate(ExpressionGraph& graph, NodeId node, int coordinate);

  NodeId intern(const Node& node);
  NodeId leaf(Op op, int index, int site = 0);
  NodeId make_add(NodeId a, NodeId b);
  NodeId make_multiply(NodeId a, NodeId b);
  NodeId make_divide(NodeId a, NodeId b);
  NodeId make_negate(NodeId a);
  NodeId make_power(NodeId a, NodeId b);
  NodeId make_function(Op op, NodeId a);
  // node = factor * rest
  struct Scaled {
    double factor;
    NodeId rest;
  };
  Scaled split_factor(NodeId id) const;
  NodeId scale(double factor, NodeId id);

  std::vector<Node> nodes_;
  std::vector<std::uint8_t> flags_;
  std::unordered_multimap<std::uint64_t, NodeId> index_;
  std::unordered_map<std::uint64_t, NodeId> derivatives_;  // (node, coordinate) -> derivative
  std::vector<JumpDerivative> jump_derivatives_;
  std::unordered_map<NodeId, std::string> names_;  // of trainables' values
  std::unordered_map<NodeId, std::string> short_names_;
  std::vector<std::string> trainable_names_;
  std::vector<double> trainable_starts_;
  std::vector<std::string> attribute_names_;
  std::vector<Level> levels_;
};

int operand_count(Op op);
bool is_truth_value(Op op);   // 1 where something holds, else 0: comparisons, &&, || and !
bool jumps(
    Op op);  // sign, step, comparisons and what joins them, where, mod: values leap where an operand passes some place
int passing_operands(Op op);   // operands that a derivative passes through, as bits: 0 for sign, 0b110 for where

// Value of one operation on numbers: what the graph folds and evaluate() computes. Unused operands are ignored.
double apply(Op op, double a, double b = 0, double c = 0);

// Every node that the roots depend on, ascending, the roots included.
std::vector<NodeId> reachable(const ExpressionGraph& graph, const std::vector<NodeId>& roots);

bool reads_data(const ExpressionGraph& graph, NodeId root);  // some column that comes with the points

// d node / d coordinate, total: fields depend on all coordinates, and linked points move together; data, attributes,
// trainables and constants do not change along a coordinate. Derivatives ignore the jumps of step, sign, where, comparisons.
NodeId differentiate(ExpressionGraph& graph, NodeId node, int coordinate);

// Replaces every field leaf D^a u_f by D^a of replacement[f] (an expression in raw fields and
// coordinates): output transforms. A field at the second site is replaced by the expression there.
NodeId substitute_fields(ExpressionGraph& graph, NodeId node, const std::vector<NodeId>& replacement);

// The same expression at the other of two linked points: coordinates, fields and attributes of site 0 become those of
// site 1, and the other way round.
NodeId at_other_site(ExpressionGraph& graph, NodeId node);

// Value of an expression of coordinates only (and constants) at one point; throws Error (usage) where it has none, for it
// contains fields, data, attributes, trainables, constants of a stage or a second site. coordinates: [dimensions].
double evaluate(const ExpressionGraph& graph, NodeId node, const double* coordinates);

// The same at many points: the operations are put into order once. The graph must outlive it and may grow meanwhile.
class PointEvaluator {
 public:
  PointEvaluator(const ExpressionGraph& graph, NodeId node);
  std::size_t operations() const { return operations_; }
  // data, attributes: [columns] of the point, at one site; null: an expression that reads them throws. Not by several
  // threads at once.
  double operator()(const double* coordinates, const double* data = nullptr, const double* attributes = nullptr) const;

 private:
  const ExpressionGraph& graph_;
  std::vector<NodeId> order_;                             // the root last
  std::vector<std::array<std::int32_t, 3>> operands_;     // places in the order
  std::size_t operations_ = 0;
  mutable std::vector<double> values_;
};

// Text in the language of the configs, for messages and plans. Long texts end in "...".
std::string to_text(const ExpressionGraph& graph, NodeId node, const std::vector<std::string>& coordinates,
                    const std::vector<std::string>& fields);

// The same for a sentence: numbers rounded to six digits, and cut after this many bytes, "..." behind it.
inline constexpr std::size_t short_text_size = 100;
std::string short_text(const ExpressionGraph& graph, NodeId node, const std::vector<std::string>& coordinates,
                       const std::vector<std::string>& fields);

}  // namespace jetpinn
