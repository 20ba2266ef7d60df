#include "jetpinn/expr/graph.hpp"

#include "jetpinn/base/utf8.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace jetpinn {

namespace {

constexpr std::size_t longest_text = 4000;
constexpr int deepest_text = 100;

const char* name_of(Op op) {
  if (const FunctionInfo* function = function_info(op)) return function->name;
  switch (op) {
    case Op::add: return "+";
    case Op::multiply: return "*";
    case Op::divide: return "/";
    case Op::negate: return "-";
    case Op::power: return "^";
    case Op::less: return "<";
    case Op::less_equal: return "<=";
    case Op::equal: return "==";
    case Op::not_equal: return "!=";
    case Op::logical_and: return "&&";
    case Op::logical_or: return "||";
    case Op::logical_not: return "!";
    default: return "?";
  }
}

// How tightly an operation binds; the grammar's levels (parser.cpp).
int level_of(Op op) {
  switch (op) {
    case Op::logical_or: return 1;
    case Op::logical_and: return 2;
    case Op::less: case Op::less_equal: case Op::equal: case Op::not_equal: return 3;
    case Op::add: return 4;
    case Op::multiply: case Op::divide: return 5;
    case Op::negate: case Op::logical_not: return 6;
    case Op::power: return 7;
    default: return 8;
  }
}

class Writer {
 public:
  // brief: numbers with six digits at most, for readers.
  Writer(const ExpressionGraph& graph, const std::vector<std::string>& coordinates, const std::vector<std::string>& fields,
         bool brief)
      : graph_(graph), coordinates_(coordinates), fields_(fields), brief_(brief) {}

  std::string text;

  void write(NodeId id, int outer_level, int depth) {
    if (text.size() > longest_text || depth > deepest_text) {
      text += "...";
      return;
    }
    const std::string* name = brief_ ? graph_.short_name_of(id) : nullptr;
    if (!name) name = graph_.name_of(id);
    if (name) {
      text += *name;
      return;
    }
    const Node& node = graph_[id];
    const int level = node.op == Op::constant && node.value < 0 ? 6 : level_of(node.op);
    const bool brackets = level < outer_level;
    if (brackets) text += '(';
    write_bare(node, level, depth);
    if (brackets) text += ')';
  }

 private:
  void write_bare(const Node& node, int level, int depth) {
    switch (node.op) {
      case Op::constant: write_number(node.value); return;
      case Op::coordinate: case Op::field: case Op::data: case Op::attribute: case Op::trainable: case Op::stage_constant:
      case Op::channel: case Op::level:
        write_leaf(node);
        return;
      case Op::negate: case Op::logical_not:
        text += name_of(node.op);
        write(node.operand[0], level, depth + 1);
        return;
      case Op::add: write_sum(node, depth); return;
      case Op::multiply: case Op::divide: case Op::power: case Op::less: case Op::less_equal: case Op::equal:
      case Op::not_equal: case Op::logical_and: case Op::logical_or: {
        const bool tight = level >= 5;
        write(node.operand[0], node.op == Op::power || level == 3 ? level + 1 : level, depth + 1);
        text += tight ? name_of(node.op) : std::string(" ") + name_of(node.op) + " ";
        write(node.operand[1], node.op == Op::divide || level == 3 ? level + 1 : level, depth + 1);
        return;
      }
      default:
        text += name_of(node.op);
        for (int k = 0; k < operand_count(node.op); ++k) {
          text += k ? ", " : "(";
          write(node.operand[k], 0, depth + 1);
        }
        text += ')';
    }
  }

  void write_leaf(const Node& node) {
    if (node.site != 0) text += "other(";
    switch (node.op) {
      case Op::coordinate: text += name(coordinates_, node.index, "x"); break;
      case Op::field: write_field(node); break;
      case Op::data: text += "data." + std::to_string(node.index); break;
      case Op::attribute:
        text += name(graph_.attribute_names(), node.index, "attribute.");
        break;
      case Op::trainable:
        write_trainable(node.index);
        break;
      case Op::stage_constant: text += "constant." + std::to_string(node.index); break;
      case Op::level: text += "level." + std::to_string(node.index); break;
      default: text += "channel" + std::to_string(node.index);
    }
    if (node.site != 0) text += ')';
  }

  // What bounds make of it has the name; the leaf is what an optimiser moves.
  void write_trainable(int index) {
    const std::string* known = graph_.name_of_trainable(index);
    text += known ? "theta(" + *known + ")" : "trainable." + std::to_string(index);
  }

  // a + -b reads a - b; so does a + -2*b.
  void write_sum(const Node& node, int depth) {
    write(node.operand[0], 4, depth + 1);
    const Node& right = graph_[node.operand[1]];
    if (right.op == Op::negate) {
      text += " - ";
      write(right.operand[0], 5, depth + 1);
    } else if (right.op == Op::multiply && graph_.is_constant(right.operand[0]) && graph_[right.operand[0]].value < 0) {
      text += " - ";
      write_number(-graph_[right.operand[0]].value);
      text += '*';
      write(right.operand[1], 5, depth + 1);
    } else if (right.op == Op::constant && right.value < 0) {
      text += " - ";
      write_number(-right.value);
    } else {
      text += " + ";
      write(node.operand[1], 4, depth + 1);
    }
  }

  void write_number(double value) {
    char digits[32];
    // The shortest of the usual widths that gives the number back.
    for (int width : {6, 15, 17}) {
      std::snprintf(digits, sizeof digits, "%.*g", width, value);
      if (brief_ || std::strtod(digits, nullptr) == value) break;
    }
    text += digits;
  }

  void write_field(const Node& node) {
    const std::string field = name(fields_, node.index, "u");
    bool letters = true;
    for (int k = 0; k < node.derivative.order; ++k)
      letters = letters && name(coordinates_, node.derivative.by[k], "x").size() == 1;
    if (node.derivative.order == 0) {
      text += field;
    } else if (letters) {
      text += field + "_";
      for (int k = 0; k < node.derivative.order; ++k) text += name(coordinates_, node.derivative.by[k], "x");
    } else {
      text += "d(" + field;
      for (int k = 0; k < node.derivative.order; ++k) text += ", " + name(coordinates_, node.derivative.by[k], "x");
      text += ')';
    }
  }

  static std::string name(const std::vector<std::string>& names, int index, const char* fallback) {
    const auto at = static_cast<std::size_t>(index);
    return at < names.size() ? names[at] : fallback + std::to_string(index);
  }

  const ExpressionGraph& graph_;
  const std::vector<std::string>& coordinates_;
  const std::vector<std::string>& fields_;
  const bool brief_;
};

}  // namespace

std::string to_text(const ExpressionGraph& graph, NodeId node, const std::vector<std::string>& coordinates,
                    const std::vector<std::string>& fields) {
  Writer writer(graph, coordinates, fields, false);
  writer.write(node, 0, 0);
  return writer.text;
}

std::string short_text(const ExpressionGraph& graph, NodeId node, const std::vector<std::string>& coordinates,
                       const std::vector<std::string>& fields) {
  Writer writer(graph, coordinates, fields, true);
  writer.write(node, 0, 0);
  return shortened(writer.text, short_text_size);
}

}  // namespace jetpinn
