#include "jetpinn/audit/field_values.hpp"

#include "jetpinn/sampling/random.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace jetpinn {

FieldValues::FieldValues(const ExpressionGraph& graph, NodeId node, std::vector<FixedCoordinate> pair)
    : graph_(graph), pair_(std::move(pair)), order_(reachable(graph, {node})) {
  for (NodeId id : order_) {
    std::array<std::int32_t, 3> places{-1, -1, -1};
    for (int k = 0; k < operand_count(graph[id].op); ++k) {
      const auto at = std::lower_bound(order_.begin(), order_.end(), graph[id].operand[static_cast<std::size_t>(k)]);
      places[static_cast<std::size_t>(k)] = static_cast<std::int32_t>(at - order_.begin());
    }
    if (graph[id].op == Op::field) {
      places[0] = static_cast<std::int32_t>(leaves_.size());
      leaves_.push_back(id);
    }
    operands_.push_back(places);
  }
  values_.resize(order_.size());
}

double FieldValues::coordinate(const Node& leaf, const double* coordinates) const {
  for (const auto& [fixed, value] : pair_)
    if (leaf.site == 1 && fixed == leaf.index) return value;
  return coordinates[leaf.index];
}

double FieldValues::operator()(const double* coordinates, const double* fields) {
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const Node& node = graph_[order_[i]];
    const auto operand = [&](std::size_t k) {
      return operands_[i][k] < 0 ? 0.0 : values_[static_cast<std::size_t>(operands_[i][k])];
    };
    switch (node.op) {
      case Op::constant: values_[i] = node.value; break;
      case Op::coordinate:
        values_[i] = coordinate(node, coordinates);
        break;
      case Op::trainable:
        values_[i] = graph_.trainable_starts()[static_cast<std::size_t>(node.index)];
        break;
      case Op::field: values_[i] = fields[operands_[i][0]]; break;
      default: values_[i] = apply(node.op, operand(0), operand(1), operand(2));
    }
  }
  return values_.back();
}

std::uint64_t FieldValues::branch() const {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const Op op = graph_[order_[i]].op;
    if (!jumps(op)) continue;
    const auto operand = [&](std::size_t k) { return values_[static_cast<std::size_t>(operands_[i][k])]; };
    const double side = op == op_of("mod")     ? std::floor(operand(0) / operand(1))
                        : op == op_of("where") ? double(operand(0) != 0)
                                               : values_[i];
    hash = mix_bits(hash ^
                    mix_bits(static_cast<std::uint64_t>(static_cast<std::int64_t>(std::isfinite(side) ? side : 1e9)) + i));
  }
  return hash;
}

double audit_number(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  return 2 * unit_interval(random_words(PointKey{}, Draw::uniform, a, b, c)[0]) - 1;
}

}  // namespace jetpinn
