// The recursive descent over one expression text, behind parse_expression: its grammar stands in parser.cpp, what names mean
// in parser_names.cpp, calls of functions and operators in parser_calls.cpp.
//
// Texts are hostile: nesting, and the work that sums multiply, are limited, so that any text of a
// megabyte ends within seconds.
#pragma once

#include "jetpinn/expr/names.hpp"
#include "jetpinn/expr/parser.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace jetpinn {

// A comparison, && , || or ! as it was written: in the text of this definition, or in the text itself.
struct TopOperation {
  NodeId id = -1;
  std::size_t begin = 0, sign = 0, length = 0, end = 0;   // left operand, sign of so many bytes, end of the right operand
  std::string definition{};
};

// What the descents of a text and of the definitions it uses have in common.
struct DescentState {
  ExpressionGraph& graph;
  const SymbolTable& symbols;
  Meaning meaning = Meaning::any;
  TopOperation top{};                                    // the last one that was read
  std::map<std::string, NodeId> definitions{};           // parsed already
  std::vector<std::string> open_definitions{};           // being parsed, outermost first
  std::unordered_map<std::string, NodeId> resolved{};    // names looked up already, indices of sums apart
  int depth = 0;
  std::int64_t work = 0;                                 // in characters read, every round of a sum counted
};

class Descent {
 public:
  // definition: the one whose text this is; empty: none.
  Descent(DescentState& state, std::string_view text, std::string definition)
      : state_(state), graph_(state.graph), symbols_(state.symbols), text_(text), definition_(std::move(definition)) {}

  NodeId parse();

 private:
  static bool is_letter(char c);
  static bool is_digit(char c);

  // --- limits and messages
  class Nesting;
  void charge(std::int64_t characters);
  [[noreturn]] void fail(const std::string& message, std::size_t offset, std::size_t length) const;
  [[noreturn]] void fail_unexpected() const;
  [[noreturn]] void fail_vector(std::size_t offset, std::size_t length) const;
  [[noreturn]] void fail_unknown(const std::string& kind, const std::string& name, std::size_t begin, std::size_t length,
                                 const std::vector<std::string>& candidates) const;
  NodeId finite(NodeId id, std::size_t begin) const;   // refuses constants such as log(-1) or 10^400 where they are written
  std::int64_t whole_number(NodeId id, std::size_t begin, const std::string& what) const;

  // --- what stands on top (parser_top.cpp)
  NodeId note_top(NodeId id, std::size_t begin, std::size_t sign, std::size_t length);
  void check_top(NodeId root) const;
  [[noreturn]] void fail_top() const;
  [[noreturn]] void fail_equation(const std::string& left, const std::string& right, std::size_t begin, std::size_t sign,
                                  std::size_t length, std::size_t end) const;
  [[noreturn]] void fail_equals(NodeId left = -1) const;

  // --- characters
  bool at_end() const { return position_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0'; }
  void skip_space();
  bool accept(std::string_view token);
  void expect(std::string_view token, const std::string& what);

  // --- grammar
  NodeId parse_or();
  NodeId parse_and();
  NodeId parse_comparison();
  NodeId parse_sum();
  NodeId parse_product();
  NodeId parse_unary();
  NodeId parse_power();
  NodeId parse_primary();
  NodeId parse_number();
  int comparison_length() const;   // of the comparison at the current place, in characters; 0 when there is none

  // --- names
  std::string scan_name();         // {k} replaced by the value of the index
  NodeId parse_name();
  NodeId resolve(const std::string& name, std::size_t begin, std::size_t length);
  NodeId resolve_declared(const std::string& name, std::size_t begin, std::size_t length);   // -1: not declared
  NodeId resolve_derivative(const std::string& name, std::size_t begin, std::size_t length); // -1: no such reading
  NodeId parse_definition(const std::string& name, std::size_t begin, std::size_t length);
  bool is_declared(const std::string& name) const;
  const double* find_index(const std::string& name) const;
  std::vector<std::string> names_in_sight() const;

  // --- calls: the current place is the '('
  NodeId parse_function(const FunctionName& function, std::size_t begin);
  NodeId parse_derivative(std::size_t begin);
  NodeId parse_laplacian(std::size_t begin);
  NodeId parse_sum_over(std::size_t begin);
  std::int64_t parse_bound(const std::string& what);
  NodeId differentiate_by(NodeId id, const std::vector<int>& by, std::size_t begin, std::size_t length);

  DescentState& state_;
  ExpressionGraph& graph_;
  const SymbolTable& symbols_;
  std::string_view text_;
  std::string definition_;
  std::size_t position_ = 0, operand_begin_ = 0;
  std::vector<std::pair<std::string, double>> indices_;   // of the sums around the current place
};

// Scope of one level of nesting.
class Descent::Nesting {
 public:
  explicit Nesting(Descent& descent);
  ~Nesting() { --depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  int& depth_;
};

}  // namespace jetpinn
