#include "jetpinn/infer/portable_network.hpp"

#include "jetpinn/base/error.hpp"

#include <cstddef>
#include <map>
#include <set>

namespace jetpinn {
namespace {

// The name of an operation in NumPy (erf apart, which NumPy lacks).
const char* numpy_name(Op op) {
  if (const FunctionInfo* function = function_info(op)) return function->numpy;
  switch (op) {
    case Op::add:
      return "add";
    case Op::multiply:
      return "multiply";
    case Op::divide:
      return "divide";
    case Op::negate:
      return "negative";
    case Op::power:
      return "power";
    case Op::less:
      return "less";
    case Op::less_equal:
      return "less_equal";
    case Op::equal:
      return "equal";
    case Op::not_equal:
      return "not_equal";
    case Op::logical_and:
      return "logical_and";
    case Op::logical_or:
      return "logical_or";
    case Op::logical_not:
      return "logical_not";
    default:
      return nullptr;
  }
}

OutputStep step_of(const Node& node, const std::map<NodeId, std::int64_t>& steps, const double* trainables) {
  if (node.op == Op::constant) return {"constant", node.value, {}};
  if (node.op == Op::trainable) return {"constant", trainables[node.index], {}};
  if (node.op == Op::coordinate) return {"coordinate", 0, {node.index}};
  if (node.op == Op::field) {
    OutputStep step{node.derivative.order == 0 ? "field" : "derivative", 0, {node.index}};
    for (int k = 0; k < node.derivative.order; ++k) step.operands.push_back(node.derivative.by[static_cast<std::size_t>(k)]);
    return step;
  }
  const char* name = numpy_name(node.op);
  JETPINN_CHECK(name, "operation in an output transform");
  OutputStep step{name, 0, {}};
  for (int k = 0; k < operand_count(node.op); ++k)
    step.operands.push_back(steps.at(node.operand[static_cast<std::size_t>(k)]));
  return step;
}

}  // namespace

OutputProgram output_program(const Problem& problem, const double* trainables) {
  const ExpressionGraph& graph = problem.graph;
  std::set<NodeId> needed(problem.outputs.begin(), problem.outputs.end());
  // Operands are older than what uses them: going down in numbers visits every user first, going up every operand first.
  for (auto id = needed.rbegin(); id != needed.rend(); ++id)
    for (int k = 0; k < operand_count(graph[*id].op); ++k) needed.insert(graph[*id].operand[static_cast<std::size_t>(k)]);
  OutputProgram program;
  std::map<NodeId, std::int64_t> steps;
  for (NodeId id : needed) {
    program.steps.push_back(step_of(graph[id], steps, trainables));
    steps.emplace(id, static_cast<std::int64_t>(steps.size()));
  }
  for (NodeId id : problem.outputs) program.result.push_back(steps.at(id));
  return program;
}

int number_of(Feature::Kind kind) { return kind == Feature::Kind::linear ? 0 : kind == Feature::Kind::cosine ? 1 : 2; }

std::string function_of(const Layer& layer) { return layer.kind == "activation" ? to_string(layer.activation) : "-"; }

MemberExtents member_extents(const Network& network) {
  MemberExtents extents;
  extents.layers.resize(network.members.size());
  for (const Layer& layer : network.layers) ++extents.layers[static_cast<std::size_t>(layer.member)];
  for (std::size_t m = 0; m < network.members.size(); ++m) {
    const NetworkMember& member = network.members[m];
    const bool last = m + 1 == network.members.size();
    const auto end = last ? static_cast<std::int64_t>(network.features.size()) : network.members[m + 1].first_feature;
    extents.features.push_back(end - member.first_feature);
    extents.fields.insert(extents.fields.end(), member.fields.begin(), member.fields.end());
  }
  return extents;
}

}  // namespace jetpinn
