#include "jetpinn/expr/graph.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/types.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

namespace jetpinn {

namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ull;
  return hash ^ (hash >> 32);
}

std::uint64_t bits_of(double value) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

std::uint64_t hash_of(const Node& node) {
  std::uint64_t hash = mix(static_cast<std::uint64_t>(node.op), bits_of(node.value));
  for (NodeId operand : node.operand) hash = mix(hash, static_cast<std::uint32_t>(operand));
  hash = mix(hash, (static_cast<std::uint64_t>(static_cast<std::uint32_t>(node.index)) << 32) |
                       static_cast<std::uint32_t>(node.site));
  for (std::int16_t by : node.derivative.by) hash = mix(hash, static_cast<std::uint16_t>(by));
  return hash;
}

// Bits, not values: NaN equals itself and -0 differs from 0.
bool same(const Node& a, const Node& b) {
  return a.op == b.op && a.operand == b.operand && bits_of(a.value) == bits_of(b.value) && a.index == b.index &&
         a.site == b.site && a.derivative == b.derivative;
}

}  // namespace

Derivative Derivative::along(int coordinate) const {
  if (order >= max_order) {
    throw Error(Status::usage, "derivatives are carried up to order " + std::to_string(max_order) +
                                   "; introduce a further field for a lower derivative to go beyond");
  }
  Derivative result = *this;
  int at = result.order++;
  for (; at > 0 && result.by[at - 1] > coordinate; --at) result.by[at] = result.by[at - 1];
  result.by[at] = static_cast<std::int16_t>(coordinate);
  return result;
}

int operand_count(Op op) {
  if (const FunctionInfo* function = function_info(op)) return function->operands;
  switch (op) {
    case Op::constant: case Op::coordinate: case Op::field: case Op::data: case Op::attribute: case Op::trainable:
    case Op::stage_constant: case Op::channel: case Op::level:
      return 0;
    case Op::add: case Op::multiply: case Op::divide: case Op::power: case Op::less: case Op::less_equal: case Op::equal:
    case Op::not_equal: case Op::logical_and: case Op::logical_or:
      return 2;
    default:
      return 1;
  }
}

namespace {

// What depends on the node itself, its operands left out; the bits of depends_on_fields and so on.
std::uint8_t own_flags(const Node& node) {
  std::uint8_t flags = 0;
  switch (node.op) {
    case Op::field: case Op::channel: flags = 1; break;
    case Op::coordinate:
    case Op::data:
    case Op::level:
      flags = 2;
      break;
    case Op::attribute:
      flags = 2 | 32;
      break;
    case Op::trainable: flags = 8; break;
    default: break;
  }
  if (jumps(node.op)) flags |= 4;
  if (node.site != 0) flags |= 16;
  return flags;
}

}  // namespace

bool is_truth_value(Op op) {
  switch (op) {
    case Op::less: case Op::less_equal: case Op::equal: case Op::not_equal:
    case Op::logical_and: case Op::logical_or: case Op::logical_not:
      return true;
    default:
      return false;
  }
}

bool jumps(Op op) {
  if (const FunctionInfo* function = function_info(op)) return function->jumps;
  return is_truth_value(op);
}

int passing_operands(Op op) {
  if (const FunctionInfo* function = function_info(op)) return function->passes;
  return is_truth_value(op) ? 0 : (1 << operand_count(op)) - 1;
}

void ExpressionGraph::name_trainable(int index, std::string name, NodeId value, double start) {
  const auto count = static_cast<std::size_t>(index) + 1;
  if (trainable_names_.size() < count) trainable_names_.resize(count), trainable_starts_.resize(count);
  trainable_names_[count - 1] = name;
  trainable_starts_[count - 1] = start;
  names_[value] = std::move(name);
}

const std::string* ExpressionGraph::name_of(NodeId value) const {
  const auto found = names_.find(value);
  return found == names_.end() ? nullptr : &found->second;
}

const std::string* ExpressionGraph::short_name_of(NodeId node) const {
  const auto found = short_names_.find(node);
  return found == short_names_.end() ? nullptr : &found->second;
}

const std::string* ExpressionGraph::name_of_trainable(int index) const {
  const auto at = static_cast<std::size_t>(index);
  return at < trainable_names_.size() ? &trainable_names_[at] : nullptr;
}

std::vector<JumpDerivative> ExpressionGraph::take_jump_derivatives() {
  std::vector<JumpDerivative> taken;
  std::set<std::pair<NodeId, int>> seen;
  for (const JumpDerivative& one : jump_derivatives_)
    if (seen.emplace(one.of, one.by).second) taken.push_back(one);
  jump_derivatives_.clear();
  return taken;
}

NodeId ExpressionGraph::intern(const Node& node) {
  const std::uint64_t hash = hash_of(node);
  const auto [first, last] = index_.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    if (same((*this)[it->second], node)) return it->second;
  }
  if (nodes_.size() >= max_nodes) {
    throw Error(Status::usage, "the expression grows beyond " + std::to_string(max_nodes) + " operations; simplify it");
  }
  std::uint8_t flags = own_flags(node);
  for (int k = 0; k < operand_count(node.op); ++k) flags |= flags_[static_cast<std::size_t>(node.operand[k])];
  const auto id = static_cast<NodeId>(nodes_.size());
  nodes_.push_back(node);
  flags_.push_back(flags);
  index_.emplace(hash, id);
  return id;
}

NodeId ExpressionGraph::constant(double value) {
  Node node;
  node.value = value == 0 ? 0 : value;  // -0 is 0
  return intern(node);
}

NodeId ExpressionGraph::leaf(Op op, int index, int site) {
  Node node;
  node.op = op;
  node.index = index;
  node.site = site;
  return intern(node);
}

NodeId ExpressionGraph::level(Level function) {
  levels_.push_back(std::move(function));
  return leaf(Op::level, static_cast<int>(levels_.size()) - 1);
}

NodeId ExpressionGraph::field(int index, Derivative derivative, int site) {
  Node node;
  node.op = Op::field;
  node.index = index;
  node.derivative = derivative;
  node.site = site;
  return intern(node);
}

std::vector<NodeId> reachable(const ExpressionGraph& graph, const std::vector<NodeId>& roots) {
  // A bit per node up to the last root, for operands come before what is made of them: cheap to clear in every call.
  std::vector<bool> marked(roots.empty() ? 0 : static_cast<std::size_t>(*std::max_element(roots.begin(), roots.end())) + 1);
  std::vector<NodeId> found;
  const auto visit = [&](NodeId id) {
    if (marked[static_cast<std::size_t>(id)]) return;
    marked[static_cast<std::size_t>(id)] = true;
    found.push_back(id);
  };
  for (NodeId root : roots) visit(root);
  for (std::size_t next = 0; next < found.size(); ++next) {
    const Node& node = graph[found[next]];
    for (int k = 0; k < operand_count(node.op); ++k) visit(node.operand[k]);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace jetpinn
