#include "jetpinn/expr/compile.hpp"

#include "jetpinn/base/error.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

namespace {

TapeOp tape_op_of(Op op) {
  if (function_of(op) >= 0) return tape_op(function_of(op));
  switch (op) {
    case Op::add: return TapeOp::add;
    case Op::multiply: return TapeOp::multiply;
    case Op::divide: return TapeOp::divide;
    case Op::negate: return TapeOp::negate;
    case Op::power: return TapeOp::power;
    case Op::less: return TapeOp::less;
    case Op::less_equal: return TapeOp::less_equal;
    case Op::equal: return TapeOp::equal;
    case Op::not_equal: return TapeOp::not_equal;
    case Op::logical_and: return TapeOp::logical_and;
    case Op::logical_or: return TapeOp::logical_or;
    case Op::logical_not: return TapeOp::logical_not;
    default: break;
  }
  JETPINN_CHECK(false, "a leaf has no operation");
}

class Compiler {
 public:
  Compiler(const ExpressionGraph& graph, int inputs, const std::function<int(const Node&)>& input_of)
      : graph_(graph), input_of_(input_of) {
    program_.inputs = inputs;
  }

  TapeProgram compile(const std::vector<NodeId>& outputs) {
    for (NodeId id : needed(outputs)) register_[id] = emit_node(graph_[id]);
    for (NodeId id : outputs) program_.outputs.push_back(register_.at(id));
    return std::move(program_);
  }

 private:
  // What b needs when a + b is written: a - x for b = -x.
  NodeId subtracted(const Node& sum, int k) const {
    const Node& operand = graph_[sum.operand[k]];
    return operand.op == Op::negate ? operand.operand[0] : -1;
  }

  // Reachable nodes without the negations that become subtractions and the exponents that become products.
  std::vector<NodeId> needed(const std::vector<NodeId>& outputs) const {
    std::vector<char> wanted(graph_.size(), 0);
    for (NodeId id : outputs) wanted[static_cast<std::size_t>(id)] = 1;
    std::vector<NodeId> result;
    for (auto id = static_cast<NodeId>(graph_.size()) - 1; id >= 0; --id) {
      if (!wanted[static_cast<std::size_t>(id)]) continue;
      result.push_back(id);
      const Node& node = graph_[id];
      const auto want = [&wanted](NodeId operand) { wanted[static_cast<std::size_t>(operand)] = 1; };
      if (node.op == Op::add) {
        const NodeId right = subtracted(node, 1), left = right < 0 ? subtracted(node, 0) : -1;
        want(left >= 0 ? left : node.operand[0]);
        want(right >= 0 ? right : node.operand[1]);
      } else if (node.op == Op::power && short_power(node)) {
        want(node.operand[0]);
      } else {
        for (int k = 0; k < operand_count(node.op); ++k) want(node.operand[k]);
      }
    }
    std::reverse(result.begin(), result.end());
    return result;
  }

  // Exponents that are cheaper as products: whole numbers up to 16 and 1/2.
  bool short_power(const Node& node) const {
    if (!graph_.is_constant(node.operand[1])) return false;
    const double exponent = graph_[node.operand[1]].value;
    return exponent == 0.5 || (std::nearbyint(exponent) == exponent && std::abs(exponent) <= 16 && exponent != 0);
  }

  std::int32_t emit(TapeOp op, std::int32_t a = -1, std::int32_t b = -1, std::int32_t c = -1, double value = 0) {
    program_.instructions.push_back({op, a, b, c, value});
    return static_cast<std::int32_t>(program_.instructions.size()) - 1;
  }

  std::int32_t emit_power(std::int32_t base, double exponent) {
    if (exponent == 0.5) return emit(tape_op("sqrt"), base);
    if (exponent < 0) return emit(TapeOp::divide, emit(TapeOp::constant, -1, -1, -1, 1), emit_power(base, -exponent));
    std::int32_t result = -1;
    for (auto bits = static_cast<int>(exponent); bits > 0; bits >>= 1) {  // square and multiply
      if (bits & 1) result = result < 0 ? base : emit(TapeOp::multiply, result, base);
      if (bits > 1) base = emit(TapeOp::square, base);
    }
    return result;
  }

  std::int32_t emit_node(const Node& node) {
    switch (node.op) {
      case Op::constant: return emit(TapeOp::constant, -1, -1, -1, node.value);
      case Op::coordinate: case Op::field: case Op::data: case Op::attribute: case Op::trainable: case Op::stage_constant:
      case Op::channel: {
        const int column = input_of_(node);
        JETPINN_CHECK(column >= 0 && column < program_.inputs, "input column " + std::to_string(column));
        return emit(TapeOp::input, column);
      }
      case Op::add: {
        if (const NodeId right = subtracted(node, 1); right >= 0)
          return emit(TapeOp::subtract, at(node.operand[0]), at(right));
        if (const NodeId left = subtracted(node, 0); left >= 0) return emit(TapeOp::subtract, at(node.operand[1]), at(left));
        return emit(TapeOp::add, at(node.operand[0]), at(node.operand[1]));
      }
      case Op::power:
        if (short_power(node)) return emit_power(at(node.operand[0]), graph_[node.operand[1]].value);
        [[fallthrough]];
      default: return emit(tape_op_of(node.op), at(node.operand[0]), at(node.operand[1]), at(node.operand[2]));
    }
  }

  std::int32_t at(NodeId id) const { return id < 0 ? -1 : register_.at(id); }

  const ExpressionGraph& graph_;
  const std::function<int(const Node&)>& input_of_;
  std::unordered_map<NodeId, std::int32_t> register_;
  TapeProgram program_;
};

}  // namespace

TapeProgram compile_tape(const ExpressionGraph& graph, const std::vector<NodeId>& outputs, int inputs,
                         const std::function<int(const Node&)>& input_of) {
  return Compiler(graph, inputs, input_of).compile(outputs);
}

}  // namespace jetpinn
