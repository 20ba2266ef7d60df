// Expressions of two coordinates as text, for tests of graphs and of what is made of them.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/expr/parser.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jetpinn::test {

struct ExpressionCase {
  ExpressionGraph graph;
  SymbolTable symbols;
  explicit ExpressionCase(std::vector<std::string> fields = {"u", "v"}) {
    symbols.coordinates = {"t", "x"};
    symbols.fields = std::move(fields);
  }
  NodeId parse(const std::string& text) { return parse_expression(graph, symbols, text); }
  std::string text(NodeId node) const { return to_text(graph, node, symbols.coordinates, symbols.fields); }
};

}  // namespace jetpinn::test
