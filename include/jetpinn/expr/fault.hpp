// Where an expression stops being a number: the first operation that yields no finite value from finite operands.
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// What an expression stands on at one point: the value of a coordinate or field leaf.
using LeafValue = std::function<double(const Node& leaf)>;

struct Fault {
  enum Kind { leaf, domain, division, pole, overflow, slope };
  Kind kind = leaf;
  NodeId node = -1;
  double value = 0;                  // what the operation yields; slope: its derivative
  std::array<double, 3> operand{};   // what it was given
  bool fp32 = false;                 // fp64 would have had a value
};

// The root's value.
double evaluate(const ExpressionGraph& graph, NodeId root, const LeafValue& value_of);

// In the order of evaluation, along what the root depends on: a branch that `where` does not take is no fault. Empty: the
// root is finite. fp32: every operation rounds to fp32.
std::optional<Fault> find_fault(const ExpressionGraph& graph, NodeId root, const LeafValue& value_of, bool fp32 = false);

// The first operation on fields whose derivative is not finite though its operands are: sqrt(u) at u = 0, and the side of a
// `where` that is not taken, whose derivative times zero is not a number.
std::optional<Fault> find_slope_fault(const ExpressionGraph& graph, NodeId root, const LeafValue& value_of);

struct FaultText {
  std::string says;   // "u^3.5 is not a number: u = -0.02"
  std::string mend;   // what the user can do about it, as an imperative
};

// Names as in to_text.
FaultText explain(const ExpressionGraph& graph, const Fault& fault, const std::vector<std::string>& coordinates,
                  const std::vector<std::string>& fields);

}  // namespace jetpinn
