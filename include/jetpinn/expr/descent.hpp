// The recursive descent over one expression text, behind parse_expression: its grammar stands in parser.cpp, what names mean
// in parser_names.cpp, calls of functions and operators in parser_calls.cpp, arithmetic and operators of vectors in
// parser_vectors.cpp.
//
// Texts are hostile: nesting, and the work that sums multiply, are limited, so that any text of a
// megabyte ends within seconds.
#pragma once

#include "jetpinn/expr/names.hpp"
#include "jetpinn/expr/parser.hpp"

#include <cstdint>
#include <map>
#include <optional>
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

// A number, or a vector of numbers: the graph holds numbers alone, so a vector is known to the descent only.
struct ExpressionValue {
  ExpressionValue(NodeId id) : number(id) {}  // NOLINT: every number is a value
  explicit ExpressionValue(std::vector<NodeId> components) : components(std::move(components)) {}
  NodeId number = -1;
  std::vector<NodeId> components;  // of a vector, at least one; empty: a number

  bool is_vector() const { return !components.empty(); }
  std::vector<NodeId> nodes() const { return is_vector() ? components : std::vector<NodeId>{number}; }
};

// What the descents of a text and of the definitions it uses have in common.
struct DescentState {
  ExpressionGraph& graph;
  const SymbolTable& symbols;
  Meaning meaning = Meaning::any;
  TopOperation top{};                                    // the last one that was read
  std::map<std::string, ExpressionValue> definitions{};  // parsed already
  std::vector<std::string> open_definitions{};           // being parsed, outermost first
  std::unordered_map<std::string, ExpressionValue> resolved{};  // names looked up already, indices of sums apart
  int depth = 0;
  std::int64_t work = 0;                                 // in characters read, every round of a sum counted
};

class Descent {
 public:
  // definition: the one whose text this is; empty: none.
  Descent(DescentState& state, std::string_view text, std::string definition)
      : state_(state), graph_(state.graph), symbols_(state.symbols), text_(text), definition_(std::move(definition)) {}

  ExpressionValue parse();
  NodeId parse_number_alone();  // refuses a vector

 private:
  static bool is_letter(char c);
  static bool is_digit(char c);

  // --- limits and messages
  static constexpr std::int64_t differentiation_work = 8;  // in characters, where the derivative is known already
  class Nesting;
  struct Repetition;
  void charge(std::int64_t characters);
  [[noreturn]] void fail(const std::string& message, std::size_t offset, std::size_t length) const;
  [[noreturn]] void fail_unexpected() const;
  [[noreturn]] void fail_unknown(const std::string& kind, const std::string& name, std::size_t begin, std::size_t length,
                                 const std::vector<std::string>& candidates) const;
  // Refuses constants such as log(-1) or 10^400 where they are written.
  NodeId finite(NodeId id, std::size_t begin) const;
  ExpressionValue finite(ExpressionValue value, std::size_t begin) const;
  std::int64_t whole_number(NodeId id, std::size_t begin, const std::string& what) const;

  // --- what stands on top (parser_top.cpp)
  NodeId note_top(NodeId id, std::size_t begin, std::size_t sign, std::size_t length);
  void check_top(const ExpressionValue& value) const;
  [[noreturn]] void fail_top() const;
  [[noreturn]] void fail_equation(const std::string& left, const std::string& right, std::size_t begin, std::size_t sign,
                                  std::size_t length, std::size_t end) const;
  [[noreturn]] void fail_equals(const ExpressionValue& left = -1) const;

  // --- characters
  bool at_end() const { return position_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0'; }
  void skip_space();
  bool accept(std::string_view token);
  void expect(std::string_view token, const std::string& what);

  // --- grammar
  ExpressionValue parse_or();
  ExpressionValue parse_and();
  ExpressionValue parse_comparison();
  ExpressionValue parse_sum();
  ExpressionValue parse_product();
  ExpressionValue parse_unary();
  ExpressionValue parse_power();
  ExpressionValue parse_primary();
  NodeId parse_number();
  int comparison_length() const;   // of the comparison at the current place, in characters; 0 when there is none

  // --- names
  std::string scan_name();         // {k} replaced by the value of the index
  ExpressionValue parse_name();
  ExpressionValue resolve(const std::string& name, std::size_t begin, std::size_t length);
  using MaybeValue = std::optional<ExpressionValue>;
  MaybeValue resolve_declared(const std::string& name, std::size_t begin, std::size_t length);    // none: not declared
  MaybeValue resolve_derivative(const std::string& name, std::size_t begin, std::size_t length);  // none: no such reading
  MaybeValue resolve_attribute(const std::string& name, std::size_t begin, std::size_t length);   // none: it is none
  NodeId parse_data(std::size_t begin);  // the current place is the '.'
  ExpressionValue parse_definition(const std::string& name, std::size_t begin, std::size_t length);
  bool is_declared(const std::string& name) const;
  const double* find_index(const std::string& name) const;
  std::vector<std::string> names_in_sight() const;

  // --- calls: the current place is the '('
  NodeId parse_function(const FunctionName& function, std::size_t begin);
  ExpressionValue parse_derivative(std::size_t begin);
  MaybeValue parse_operator(const std::string& name, std::size_t begin);  // none: no such operator
  std::string parse_index(const std::string& name);
  ExpressionValue parse_repeated(const Repetition& repetition, std::size_t begin);
  std::int64_t parse_bound(const std::string& what);
  ExpressionValue differentiate_by(const ExpressionValue& value, const std::vector<int>& by, std::size_t begin,
                                   std::size_t length);

  // --- vectors (parser_vectors.cpp): operands with the bytes of the text they stand in
  struct Operand {
    ExpressionValue value;
    std::size_t begin, end;
  };
  Operand operand_from(ExpressionValue value, std::size_t begin) const { return {std::move(value), begin, position_}; }
  [[noreturn]] void fail_operand(const Operand& operand, const std::string& message) const;
  NodeId number_of(const Operand& operand, const std::string& taker, const std::string& mend) const;  // refuses a vector
  ExpressionValue parse_vector();
  ExpressionValue add(const Operand& a, const Operand& b, bool subtract);
  ExpressionValue multiply(const Operand& a, const Operand& b);
  ExpressionValue divide(const Operand& a, const Operand& b);
  ExpressionValue negate(const ExpressionValue& value);
  template <class Work>
  ExpressionValue by_component(const ExpressionValue& value, Work&& work);
  void check_lengths(const Operand& a, const Operand& b, const std::string& joined) const;

  using Operands = std::vector<Operand>;
  Operands parse_operands(const std::string& name, std::size_t wanted);
  [[noreturn]] void fail_by_parameter(int coordinate, std::size_t begin, std::size_t length) const;
  std::string space_in_words() const;
  std::vector<NodeId> vector_in_space(const std::string& name, const Operand& operand) const;
  NodeId derivative(NodeId id, const std::vector<int>& by, std::size_t begin, std::size_t length);
  NodeId along(NodeId id, int coordinate, std::size_t begin);
  ExpressionValue laplacian(const Operands& operands, std::size_t begin);
  ExpressionValue gradient(const Operands& operands, std::size_t begin);
  ExpressionValue divergence(const Operands& operands, std::size_t begin);
  ExpressionValue curl(const Operands& operands, std::size_t begin);
  ExpressionValue dot(const Operands& operands, std::size_t begin);
  ExpressionValue normal_derivative(const Operands& operands, std::size_t begin);
  ExpressionValue other(const Operands& operands, std::size_t begin);

  DescentState& state_;
  ExpressionGraph& graph_;
  const SymbolTable& symbols_;
  std::string_view text_;
  std::string definition_;
  std::size_t position_ = 0, operand_begin_ = 0;
  std::vector<std::pair<std::string, double>> indices_;   // of the sums around the current place
};

// What sum and prod do with their rounds.
struct Descent::Repetition {
  const char* name;
  double empty;  // its value without a round
  bool adds;     // else it multiplies
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
